package shopee

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// violation is why the platform banned an item or shows it less, in its own
// words.
type violation struct {
	Kind       string `json:"violation_type"`
	Reason     string `json:"violation_reason"`
	Suggestion string `json:"suggestion"`
}

// words puts a reason and what to do about it behind ours.
func (v violation) words() string {
	var parts []string
	for _, part := range []string{v.Kind, v.Reason, v.Suggestion} {
		if part = plain(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// readViolations asks why items are banned or shown less, up to 50 in a call.
// Apps that may not ask read no reasons: that something is banned is known
// without.
func (s *shop) readViolations(ctx context.Context, items []*item) error {
	byID := map[int64]*item{}
	var texts []string
	for _, it := range items {
		if it.Status == statusBanned || it.Deboosted && alive(it.Status) {
			byID[it.ID] = it
			texts = append(texts, strconv.FormatInt(it.ID, 10))
		}
	}
	for len(texts) > 0 {
		some := texts[:min(len(texts), maxIDs)]
		texts = texts[len(some):]
		answer, err := get[struct {
			Items []struct {
				ID        int64       `json:"item_id"`
				Banned    []violation `json:"item_status_details"`
				Deboosted []violation `json:"deboost_details"`
			} `json:"item_list"`
		}](ctx, s, "product/get_item_violation_info", url.Values{"item_id_list": {strings.Join(some, ",")}})
		switch connectors.KindOf(err) {
		case "":
		case connectors.Validation, connectors.NotFound, connectors.Fatal, connectors.Unclear:
			s.env.Logger.Debug("reasons of violations not read", "error", err)
			return nil
		default:
			return err
		}
		for _, row := range answer.Items {
			if it := byID[row.ID]; it != nil {
				it.Violations = append(row.Banned, row.Deboosted...)
			}
		}
	}
	return nil
}

func issuesOf(it *item) []catalog.Issue {
	var issue catalog.Issue
	switch {
	case it.Status == statusBanned:
		issue = catalog.Issue{Code: "banned", Severity: catalog.SeverityError, Message: catalog.Text{
			VI: "Shopee đã khóa sản phẩm này vì vi phạm: mở Kênh Người Bán > Sản phẩm > Vi phạm, sửa theo lý do rồi gửi lại.",
			EN: "Shopee has banned this item: open Seller Centre > Products > Violation, correct it as the reason says and submit it again.",
		}}
	case it.Deboosted:
		issue = catalog.Issue{Code: "deboosted", Severity: catalog.SeverityWarning, Message: catalog.Text{
			VI: "Shopee hạn chế hiển thị sản phẩm này: sửa theo lý do trong Kênh Người Bán > Sản phẩm > Vi phạm.",
			EN: "Shopee shows this item less: correct it as the reason in Seller Centre > Products > Violation says.",
		}}
	default:
		return nil
	}
	for _, v := range it.Violations {
		if text := v.words(); text != "" {
			issue.Message.VI += " (" + text + ")"
			issue.Message.EN += " (" + text + ")"
		}
	}
	return []catalog.Issue{issue}
}
