package tikitest

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// check is what is refused at once.
func (s *Simulator) check(in creation) []string {
	var faults []string
	add := func(format string, arguments ...any) { faults = append(faults, fmt.Sprintf(format, arguments...)) }
	if in.Category == nil {
		add("category_id is required")
	} else if c := s.category(*in.Category); c == nil {
		add("Category not found id: %d", *in.Category)
	} else if !c.primary {
		add("Category is not primary id: %d", *in.Category)
	}
	for name, text := range map[string]*string{"name": in.Name, "description": in.Description, "image": in.Image} {
		if text == nil || strings.TrimSpace(*text) == "" {
			add("%s is required", name)
		}
	}
	if in.Name != nil && utf8.RuneCountInString(*in.Name) > maxName {
		add("name is too long")
	}
	if in.MarketPrice == nil || *in.MarketPrice <= 0 {
		add("market_price should be > 0")
	}
	if in.Attributes == nil {
		add("attributes is required")
	}
	if len(in.Options) > 2 {
		add("option_attributes should have at most 2 values")
	}
	if len(in.Variants) == 0 {
		add("variants should have at least 1 value")
	}
	for _, v := range in.Variants {
		faults = append(faults, s.checkVariant(in, v)...)
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

func (s *Simulator) checkVariant(in creation, v variant) []string {
	var faults []string
	add := func(format string, arguments ...any) { faults = append(faults, fmt.Sprintf(format, arguments...)) }
	if v.SKU == nil || strings.TrimSpace(*v.SKU) == "" {
		add("variants should have sku")
	}
	if v.Price == nil || *v.Price <= 0 {
		add("variants should have price > 0")
	} else if market := or(v.MarketPrice, in.MarketPrice); market != nil && *v.Price*10 < *market {
		add(priceTooLow)
	}
	if s.options.RequireMinCode {
		if code, fine := scalar(v.MinCode); !fine || code == "" {
			add("variants should have min_code")
		}
	}
	for i, option := range []*string{v.Option1, v.Option2} {
		given := option != nil && *option != ""
		if wanted := i < len(in.Options); wanted && !given {
			add("variants don't match with option_attributes => variants option%d missing", i+1)
		} else if !wanted && given {
			add("variants don't match with option_attributes => variants option%d redundant", i+1)
		}
	}
	if v.InventoryType != nil && !slices.Contains(s.options.Models, *v.InventoryType) {
		add("variants inventory_type error => Seller haven't registered inventory_type = %s ,please choose 1 over here : [%s]",
			*v.InventoryType, strings.Join(s.options.Models, ", "))
	}
	if v.Quantities != nil {
		add("variants warehouse_quantities is unknown, use warehouse_stocks")
	}
	listed, fine := s.warehouseList(v.Warehouse)
	if !fine {
		add("variants seller_warehouse is not valid: %s", v.Warehouse)
	}
	for _, stock := range v.Stocks {
		if stock.Warehouse == nil || stock.Quantity == nil || *stock.Quantity < 0 {
			add("variants warehouse_stocks should have warehouseId and qtyAvailable >= 0")
		} else if !slices.Contains(listed, *stock.Warehouse) {
			add("variants warehouse_stocks => warehouse %d is not in seller_warehouse", *stock.Warehouse)
		}
	}
	return faults
}

func or[T any](value, standard *T) *T {
	if value == nil {
		return standard
	}
	return value
}

// warehouseList reads the comma text of seller_warehouse.
func (s *Simulator) warehouseList(text string) ([]int64, bool) {
	var ids []int64
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil || !s.isWarehouse(id) {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, true
}

// inspect is what is found out only after the request was taken.
func (s *Simulator) inspect(r *request) (code int, text string) {
	images := append([]string(nil), r.info.Images...)
	if r.info.Image != nil {
		images = append(images, *r.info.Image)
	}
	if r.kind == kindCreate {
		if code, text = s.inspectCreation(r); text != "" {
			return code, text
		}
		images = append(images, *r.in.Image)
		images = append(images, r.in.Images...)
		for _, v := range r.in.Variants {
			images = append(images, v.Images...)
			if v.Image != nil && *v.Image != "" {
				images = append(images, *v.Image)
			}
		}
		for _, f := range r.in.Files {
			images = append(images, f.URL)
		}
	}
	for _, address := range images {
		if why := s.unfit(address); why != "" {
			return 400, fmt.Sprintf("image invalid: %s (%s)", address, why)
		}
	}
	return 0, ""
}

func (s *Simulator) inspectCreation(r *request) (code int, text string) {
	seen := map[string]bool{}
	for _, v := range r.in.Variants {
		taken := seen[*v.SKU] || s.bySKU[*v.SKU] != nil
		for _, other := range s.open {
			if other == r {
				break
			}
			taken = taken || !other.done() && other.kind == kindCreate &&
				slices.ContainsFunc(other.in.Variants, func(o variant) bool { return *o.SKU == *v.SKU })
		}
		if taken {
			return 420, fmt.Sprintf("Product code %s is not unique", *v.SKU)
		}
		seen[*v.SKU] = true
	}
	known := map[string]Attribute{}
	for _, a := range s.attributes[*r.in.Category] {
		known[a.Code] = a
		if _, given := r.in.Attributes[a.Code]; a.Required && !given {
			return 400, fmt.Sprintf("attribute %s is required", a.Code)
		}
	}
	for _, name := range r.in.Options {
		if !slices.Contains(s.labels[*r.in.Category], name) {
			return 400, fmt.Sprintf("option attribute not found: %s", name)
		}
	}
	if s.options.WantDocuments && s.wantsDocument(*r.in.Category) && len(r.in.Files) == 0 {
		return 400, "certificate_files: a food safety certificate is required"
	}
	for code, raw := range r.in.Attributes {
		if text := s.inspectAttribute(known, code, raw); text != "" {
			return 400, text
		}
	}
	return 0, ""
}

func (s *Simulator) inspectAttribute(known map[string]Attribute, code string, raw json.RawMessage) string {
	a, found := known[code]
	if !found {
		return fmt.Sprintf("attribute not found: %s", code)
	}
	value, fine := scalar(raw)
	switch {
	case !fine:
		return fmt.Sprintf("attribute %s is not a text or number", code)
	case a.Required && strings.TrimSpace(value) == "":
		return fmt.Sprintf("attribute %s is required", code)
	case a.InputType == "boolean" && value != "0" && value != "1":
		return fmt.Sprintf("attribute %s must be 0 or 1", code)
	case a.InputType == "select" && !slices.Contains(s.values[a.ID], value):
		return fmt.Sprintf("attribute %s has no value %s", code, value)
	case a.DataType == "decimal" || a.DataType == "int":
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return fmt.Sprintf("attribute %s must be a number", code)
		}
	}
	return ""
}

// unfit tells why Tiki could not take a picture.
func (s *Simulator) unfit(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "not an address"
	}
	ip, err := netip.ParseAddr(u.Hostname())
	near := u.Hostname() == "localhost" || err == nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast())
	switch {
	case near && !s.options.AllowLoopbackImages:
		return "cannot be downloaded"
	case strings.Contains(u.Path, "small"):
		return "smaller than 500x500"
	}
	return ""
}
