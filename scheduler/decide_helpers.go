package scheduler

import (
	"slices"
	"strconv"
	"time"

	"github.com/chophien/chophien/catalog"
)

// reasons says in words what the machine codes of actions and statuses mean.
var reasons = map[string]catalog.Text{
	"new":             {VI: "sản phẩm chưa có trên kênh này", EN: "not on this channel yet"},
	"adopted":         {VI: "đã có sẵn trên kênh, nay do chợ phiên quản lý", EN: "was on the channel already, is now managed here"},
	"changed":         {VI: "dữ liệu gốc đã thay đổi", EN: "the master changed"},
	"drift":           {VI: "có người đã sửa trực tiếp trên kênh", EN: "somebody changed it on the channel"},
	"conflict":        {VI: "cả hai bên cùng thay đổi, cần người quyết định", EN: "both sides changed: a person has to decide"},
	"excluded":        {VI: "quy tắc của kênh loại sản phẩm này", EN: "the channel's rules leave it out"},
	"stopped":         {VI: "sản phẩm đã ngừng bán trong danh mục gốc", EN: "the product is archived in the catalog"},
	"gone":            {VI: "tin đăng đã bị xóa trên kênh, cần người quyết định đăng lại", EN: "the listing was deleted on the channel: a person decides whether to publish it again"},
	"invalid":         {VI: "dữ liệu sản phẩm chưa hợp lệ, hãy sửa theo hướng dẫn", EN: "the product's data is not valid yet: correct it as described"},
	"refused":         {VI: "kênh từ chối, hãy sửa theo lý do nêu trong tin", EN: "the channel refuses it: correct what its issues say"},
	"review":          {VI: "đang chờ kênh duyệt", EN: "waiting for the channel's review"},
	"not_published":   {VI: "chưa đăng", EN: "not published yet"},
	"not_observed":    {VI: "đã gửi, chưa đọc lại được từ kênh", EN: "sent, not read back from the channel yet"},
	"orders_unread":   {VI: "chờ đọc đơn hàng của kênh trước khi tăng tồn kho", EN: "waiting for the channel's orders before stock may rise"},
	"stopped_there":   {VI: "đang ngừng bán trên kênh", EN: "is off sale on the channel"},
	"stopping":        {VI: "đang gỡ khỏi kênh", EN: "is being taken off the channel"},
	"unknown_outcome": {VI: "lần ghi trước chưa rõ kết quả, đang kiểm tra lại trên kênh", EN: "the outcome of the last write is not known: it is being looked up"},
	"duplicate":       {VI: "kênh có hai tin đăng cùng mã SKU, hãy xóa bớt một tin", EN: "the channel has two listings with one SKU: delete one of them there"},
}

// Reason says in words what the code of an action or a status means.
func Reason(code string) catalog.Text { return reasons[code] }

func hasError(issues []catalog.Issue) bool {
	return slices.ContainsFunc(issues, func(i catalog.Issue) bool { return i.Severity == catalog.SeverityError })
}

func hasFacet(facets []catalog.Facet, f catalog.Facet) bool { return slices.Contains(facets, f) }

// ordered sorts facets in the order of catalog.Facets.
func ordered(facets []catalog.Facet) []catalog.Facet {
	sorted := make([]catalog.Facet, 0, len(facets))
	for _, f := range catalog.Facets {
		if hasFacet(facets, f) {
			sorted = append(sorted, f)
		}
	}
	return sorted
}

func setVariant(variants []catalog.VariantSnapshot, sku catalog.SKU, set func(*catalog.VariantSnapshot)) []catalog.VariantSnapshot {
	variants = slices.Clone(variants)
	i, found := slices.BinarySearchFunc(variants, sku, func(v catalog.VariantSnapshot, sku catalog.SKU) int {
		if v.SKU < sku {
			return -1
		} else if v.SKU > sku {
			return 1
		}
		return 0
	})
	if !found {
		variants = slices.Insert(variants, i, catalog.VariantSnapshot{SKU: sku})
	}
	set(&variants[i])
	return variants
}

func dedupe(issues []catalog.Issue) []catalog.Issue {
	var out []catalog.Issue
	for _, issue := range issues {
		if !slices.Contains(out, issue) {
			out = append(out, issue)
		}
	}
	return out
}

// blockKey identifies an offer that a platform refused: all of it but the
// stock, which says nothing about whether it would be accepted.
func blockKey(s catalog.Snapshot) string {
	key := s.Content + "|" + s.Media
	for _, v := range s.Variants {
		key += "|" + string(v.SKU) + "=" + priceText(v.Price)
	}
	return key
}

func priceText(p *catalog.Price) string {
	switch {
	case p == nil:
		return ""
	case p.Sale != nil:
		return p.Sale.String() + " (" + p.List.String() + ")"
	}
	return p.List.String()
}

func countText(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

func shortHash(hash string) string {
	if len(hash) > 8 {
		return hash[:8]
	}
	return hash
}

func orState(a, b catalog.State) catalog.State {
	if a != "" {
		return a
	}
	return b
}

func orPrice(a, b *catalog.Price) *catalog.Price {
	if a != nil {
		return a
	}
	return b
}

func orCount(a, b *int64) *int64 {
	if a != nil {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
