package lazada

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

// product is a product as lists show it. One read alone comes with other names
// at times, and within an "item" ([product.UnmarshalJSON]).
type product struct {
	ItemID     number                     `json:"item_id"`
	Category   number                     `json:"primary_category"`
	Status     string                     `json:"status"`
	SubStatus  text                       `json:"subStatus"`
	UpdatedAt  text                       `json:"updated_time"` // milliseconds
	Images     maybe[[]string]            `json:"images"`
	Attributes map[string]json.RawMessage `json:"attributes"`
	SKUs       []sku                      `json:"skus"`
	Reasons    json.RawMessage            `json:"rejectReason"`
	Suspended  maybe[[]suspended]         `json:"suspendedSkus"`
	Hidden     text                       `json:"hiddenReason"`
}

// suspended is a SKU that the platform took off sale.
type suspended struct {
	SellerSKU text `json:"SellerSku"`
}

// otherNames are those of a product's fields in samples of /product/item/get.
var otherNames = map[string]string{
	"itemId": "item_id", "primaryCategory": "primary_category", "updatedTime": "updated_time", "productImageList": "images", "Skus": "skus",
}

// UnmarshalJSON reads all forms that a product was seen in.
func (p *product) UnmarshalJSON(data []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	if inner, ok := raw["item"]; ok && raw["skus"] == nil {
		return json.Unmarshal(inner, p)
	}
	renamed := false
	for other, name := range otherNames {
		if value, ok := raw[other]; ok && raw[name] == nil {
			raw[name], renamed = value, true
		}
	}
	if renamed {
		var err error
		if data, err = json.Marshal(raw); err != nil {
			return err
		}
	}
	type plain product
	return json.Unmarshal(data, (*plain)(p))
}

// sku is one of a product's SKUs.
type sku struct {
	SkuID     number                 `json:"SkuId"`
	SellerSKU text                   `json:"SellerSku"`
	Status    string                 `json:"Status"`
	Quantity  text                   `json:"quantity"`
	Available text                   `json:"Available"`
	Price     text                   `json:"price"`
	Special   text                   `json:"special_price"`
	From      text                   `json:"special_from_time"`
	To        text                   `json:"special_to_time"`
	FromDate  text                   `json:"special_from_date"`
	ToDate    text                   `json:"special_to_date"`
	Images    maybe[[]string]        `json:"Images"`
	URL       string                 `json:"Url"`
	Props     maybe[map[string]text] `json:"saleProp"`
	Stocks    []inventory            `json:"multiWarehouseInventories"`
	Weight    text                   `json:"package_weight"`
	Length    text                   `json:"package_length"`
	Width     text                   `json:"package_width"`
	Height    text                   `json:"package_height"`
}

type inventory struct {
	Sellable *number `json:"sellableQuantity"`
}

func (k sku) active() bool { return strings.EqualFold(k.Status, "active") }

// sellable is how many pieces buyers may order; ok is false when the answer
// does not tell.
func (k sku) sellable() (pieces int64, ok bool) {
	for _, stock := range k.Stocks {
		if stock.Sellable != nil {
			pieces, ok = pieces+int64(*stock.Sellable), true
		}
	}
	if ok {
		return pieces, true
	}
	for _, t := range []text{k.Available, k.Quantity} {
		if n, err := strconv.ParseInt(string(t), 10, 64); err == nil {
			return n, true
		}
	}
	return 0, false
}

// amount reads an amount that may come as 185000, "185000.00" or 1.85E5.
func amount(t text, currency string) (catalog.Money, error) {
	exact, err := decimal.NewFromString(string(t))
	if err != nil || exact.Exponent() > 18 || exact.Exponent() < -18 {
		return catalog.Money{}, errors.New("not an amount")
	}
	return catalog.ParseMoney(exact.String(), currency)
}

// price is what a buyer sees now: a special price counts within its time. nil is
// no price.
func (k sku) price(currency string, zone *time.Location, now time.Time) (*catalog.Price, error) {
	if k.Price == "" {
		return nil, nil
	}
	list, err := amount(k.Price, currency)
	if err != nil {
		return nil, err
	}
	if list.Amount <= 0 {
		return nil, errors.New("not a price")
	}
	price := catalog.Price{List: list}
	if k.Special == "" {
		return &price, nil
	}
	special, err := amount(k.Special, currency)
	if err != nil {
		return nil, err
	}
	from, begins := saleTime(zone, k.From, k.FromDate)
	to, ends := saleTime(zone, k.To, k.ToDate)
	if special.Amount > 0 && special.Amount < list.Amount && (!begins || !now.Before(from)) && (!ends || now.Before(to)) {
		price.Sale = &special
	}
	return &price, nil
}

// saleTime reads the first of two forms that is there.
func saleTime(zone *time.Location, texts ...text) (time.Time, bool) {
	for _, t := range texts {
		for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02"} {
			if at, err := time.ParseInLocation(layout, string(t), zone); err == nil {
				return at, true
			}
		}
	}
	return time.Time{}, false
}

// attribute is one of the product's as plain text, "" when there is none.
func (p product) attribute(name string) string {
	var t text
	if json.Unmarshal(p.Attributes[name], &t) != nil {
		return ""
	}
	return string(t)
}

// gone tells that a product was deleted.
func (p product) gone() bool { return strings.EqualFold(p.Status, "deleted") }

func (p product) sku(seller catalog.SKU) (sku, bool) {
	i := slices.IndexFunc(p.SKUs, func(k sku) bool { return string(k.SellerSKU) == string(seller) })
	if i < 0 {
		return sku{}, false
	}
	return p.SKUs[i], true
}

// state is whether buyers find a product, with the platform's reasons.
func (p product) state() (catalog.State, []catalog.Issue) {
	return stateOf(p.Status, slices.ContainsFunc(p.SKUs, sku.active)), p.issues()
}

// stateOf reads an item's status, whose spelling varies.
func stateOf(status string, selling bool) catalog.State {
	switch strings.ToLower(strings.ReplaceAll(status, " ", "")) {
	case "active", "live", "soldout", "sold-out":
		if selling {
			return catalog.StateLive
		}
		return catalog.StateStopped
	case "inactive":
		return catalog.StateStopped
	case "pending", "pendingqc":
		if selling {
			return catalog.StateReview
		}
		return catalog.StateStopped
	case "rejected", "suspended", "locked", "lock":
		return catalog.StateRejected
	case "deleted":
		return catalog.StateGone
	}
	return catalog.StateReview // a status of theirs that we do not know: wait and see
}

// issues are what the platform has against a product, in its words with our
// advice.
func (p product) issues() []catalog.Issue {
	var list []catalog.Issue
	say := func(code, severity, field string, sku catalog.SKU, reason, vi, en string) {
		if reason != "" {
			vi, en = vi+" ("+clip(reason)+")", en+" ("+clip(reason)+")"
		}
		list = append(list, catalog.Issue{Code: code, Severity: severity, Field: field, SKU: sku, Message: both(vi, en)})
	}
	for _, k := range p.Suspended.value {
		say("sku_suspended", catalog.SeverityWarning, "variants", catalog.SKU(k.SellerSKU), "",
			"Lazada đã ngừng bán một phân loại của sản phẩm: xem lý do trong Seller Center.", "Lazada took a variant of the product off sale: see the reason in Seller Center.")
	}
	if p.Hidden != "" {
		say("hidden", catalog.SeverityWarning, "state", "", string(p.Hidden),
			"Lazada đang ẩn sản phẩm với người mua: xử lý theo lý do.", "Lazada hides the product from buyers: settle what it names.")
	}
	if stateOf(p.Status, true) != catalog.StateRejected {
		return list
	}
	var reasons []struct {
		Suggestion text `json:"suggestion"`
		Violation  text `json:"violationDetail"`
		Reason     text `json:"reason"`
	}
	_ = json.Unmarshal(p.Reasons, &reasons) // a form we do not know: no reason
	said := string(p.SubStatus)
	for _, r := range reasons {
		said = firstOf(string(r.Violation), string(r.Reason), string(r.Suggestion), said)
	}
	if strings.EqualFold(string(p.SubStatus), "lock") {
		say("locked", catalog.SeverityError, "state", "", said,
			"Lazada đã khóa sản phẩm, không sửa được nữa: khiếu nại trong Seller Center, mục tuân thủ chính sách.",
			"Lazada has locked the product, it cannot be edited any more: appeal in Seller Center under policy compliance.")
		return list
	}
	say("qc_rejected", catalog.SeverityError, "state", "", said,
		"Lazada không duyệt hoặc đã gỡ sản phẩm: sửa theo lý do rồi đăng lại.",
		"Lazada did not approve the product or took it down: correct what it names and publish again.")
	return list
}
