package tiktokshoptest

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fillSKUs replaces the SKUs; those that are not named are gone. With keep, what
// a known SKU does not say of price and inventory stays.
func (s *Simulator) fillSKUs(c *content, category *Category, rows []skuIn, keep bool) error {
	if len(rows) == 0 || len(rows) > maxSKUs {
		return refuse(12052050, "A single product cannot have more than 100 different SKUs")
	}
	old := c.skus
	var next []sku
	type change struct {
		terms            *terms
		price, available int64
	}
	var changes []change
	combinations, sellerSKUs, codes, ids := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	names := ""
	for i, in := range rows {
		k := sku{terms: &terms{}, sellerSKU: in.SellerSKU, externalID: in.ExternalID, identifier: in.Identifier}
		known := in.ID != ""
		if known {
			at := slices.IndexFunc(old, func(o sku) bool { return o.id == in.ID })
			switch {
			case at < 0:
				return refuse(12052557, "The SKU ID does not belong to the product.")
			case ids[in.ID]:
				return refuse(12052553, "Sku id duplicate")
			}
			ids[in.ID] = true
			k.terms = old[at].terms
			switch was := old[at].identifier; {
			case was != nil && in.Identifier == nil:
				k.identifier = was
			case was != nil && *in.Identifier != *was:
				return refuse(12052593, "The identifier code cannot be changed once be submitted")
			}
		}
		price, err := s.priceOf(k.terms, in.Price, known && keep)
		if err != nil {
			return err
		}
		available, err := s.stockOf(k.terms, in.Inventory, known && keep)
		if err != nil {
			return err
		}
		changes = append(changes, change{k.terms, price, available})
		switch n := utf8.RuneCountInString(in.SellerSKU); {
		case n > 50:
			return refuse(12052054, "The seller SKU text length cannot exceed max limit characters")
		case n > 0 && (strings.ContainsAny(in.SellerSKU, " \t\n") || sellerSKUs[in.SellerSKU]):
			return refuse(12019059, "seller sku is invalid")
		}
		sellerSKUs[in.SellerSKU] = true
		if err := checkIdentifier(in.Identifier, codes); err != nil {
			return err
		}
		if k.attributes, err = s.salesAttributes(c, category, in.Attributes, len(rows)); err != nil {
			return err
		}
		own, values := "", ""
		for _, a := range k.attributes {
			own += a.ID + "\n"
			values += a.ValueID + "\n"
		}
		switch {
		case i > 0 && own != names:
			return refuse(12052550, "SKU property must contain all properties")
		case combinations[values]:
			return refuse(12052560, "The SKU contains duplicate sales attribute.")
		}
		names, combinations[values] = own, true
		next = append(next, k)
	}
	for _, change := range changes {
		if change.terms.id == "" {
			change.terms.id = s.newID(1729400000000100000)
		}
		change.terms.price, change.terms.available = change.price, change.available
	}
	c.skus = next
	return nil
}

// priceOf reads a price. With keep, none means the present one.
func (s *Simulator) priceOf(t *terms, in *moneyIn, keep bool) (int64, error) {
	if in == nil {
		if keep {
			return t.price, nil
		}
		return 0, refuse(12052571, "Missing price for SKU(s)")
	}
	price, err := strconv.ParseInt(in.Amount, 10, 64)
	switch {
	case err != nil:
		return 0, refuse(12052012, "Incorrect price format")
	case in.Currency != "VND":
		return 0, refuse(12052084, "The provided currency is not available for this shop/region.")
	case price <= 0:
		return 0, refuse(12052073, "The product price is invalid")
	case price > maxPrice:
		return 0, refuse(12052570, "product price exceed limit")
	case t.id != "" && price != t.price && (t.locked || s.promoted(t.id) != nil):
		return 0, refuse(12052038, "Product price locked due to ongoing promotion.")
	}
	return price, nil
}

// stockOf reads an inventory. With keep, none means the present one.
func (s *Simulator) stockOf(t *terms, in []stockIn, keep bool) (int64, error) {
	if len(in) == 0 {
		if keep {
			return t.available, nil
		}
		return 0, refuse(12019022, "SKU must contain a valid warehouse.")
	}
	least := int64(0)
	if s.options.RefuseZero {
		least = 1
	}
	for _, row := range in {
		switch {
		case row.WarehouseID == returnID:
			return 0, refuse(12052532, "the warehouse not delivery warehouse")
		case row.WarehouseID != warehouseID && row.WarehouseID != "":
			return 0, refuse(12052097, "The warehouse does not exist")
		case row.Quantity == nil:
			return 0, refuse(12019024, "stock count is invalid")
		case *row.Quantity < least || *row.Quantity > maxQuantity:
			return 0, refuse(12052055, "The SKU inventory quantity for the warehouse must be within allowed limits.")
		case t.locked && *row.Quantity < t.available:
			return 0, refuse(12052393, "Product locked for Promotion and stock can't be updated below current stock")
		}
	}
	if len(in) > 1 {
		return 0, refuse(12052555, "The warehouse id is duplicate")
	}
	return *in[0].Quantity, nil
}

func checkIdentifier(in *identifierIn, seen map[string]bool) error {
	if in == nil {
		return nil
	}
	lengths, known := map[string][]int{"GTIN": {14}, "EAN": {8, 13, 14}, "UPC": {12}, "ISBN": {9, 13}, "JAN": {8, 13}}[in.Type]
	switch {
	case !known:
		return refuse(12052600, "The identifier code type must be selected")
	case strings.Trim(in.Code, "0123456789X") != "" || !slices.Contains(lengths, len(in.Code)):
		return refuse(12052591, "Invalid number of digits of identifier code")
	case seen[in.Code]:
		return refuse(12052592, "Identifier code already entered, cannot enter the same code twice")
	}
	seen[in.Code] = true
	return nil
}

// salesAttributes reads what tells a SKU apart. Names and values of the
// seller's own get identifiers, the same text always the same.
func (s *Simulator) salesAttributes(c *content, category *Category, in []salesAttribute, skus int) ([]salesAttribute, error) {
	switch {
	case len(in) == 0 && skus > 1:
		return nil, refuse(12052550, "SKU property must contain all properties")
	case len(in) > 3:
		return nil, refuse(12052525, "The attribute max num cannot exceed 3.")
	}
	var out []salesAttribute
	for _, a := range in {
		at := slices.IndexFunc(category.Attributes, func(k Attribute) bool { return k.Sales && (k.ID == a.ID || a.ID == "" && k.Name == a.Name) })
		values := []AttributeValue{}
		switch {
		case at >= 0:
			a.ID, a.Name, values = category.Attributes[at].ID, category.Attributes[at].Name, category.Attributes[at].Values
		case a.ID != "":
			if a.Name = s.customName(c, a.ID); a.Name == "" {
				return nil, refuse(12052527, "The sale attribute id not exist.")
			}
		case a.Name == "":
			return nil, refuse(12052241, "attribute name or attribute id is empty.")
		case utf8.RuneCountInString(a.Name) > 20:
			return nil, refuse(12052242, "The attribute name characters cannot exceed 20")
		default:
			a.ID = customID("7200000000000000000", a.Name)
		}
		switch {
		case a.ValueID != "":
			i := slices.IndexFunc(values, func(v AttributeValue) bool { return v.ID == a.ValueID })
			if i >= 0 {
				a.ValueName = values[i].Name
			} else if a.ValueName = s.customValue(c, a.ID, a.ValueID); a.ValueName == "" {
				return nil, refuse(12052529, "The property value id not exist.")
			}
		case a.ValueName == "":
			return nil, refuse(12052248, "The sale attribute value name or attribute value id is empty.")
		case utf8.RuneCountInString(a.ValueName) > 50:
			return nil, refuse(12052249, "The sale attribute value name characters cannot exceed 50, attribute value name is :%s.", a.ValueName)
		default:
			a.ValueID = customID("7100000000000000000", a.ValueName)
			if i := slices.IndexFunc(values, func(v AttributeValue) bool { return v.Name == a.ValueName }); i >= 0 {
				a.ValueID = values[i].ID
			}
		}
		if a.Image != nil {
			if x, known := s.images[a.Image.URI]; !known || x.useCase != "ATTRIBUTE_IMAGE" {
				return nil, refuse(12052520, "product sale property image uri illegal")
			}
		}
		out = append(out, a)
	}
	return out, nil
}

func (s *Simulator) customName(c *content, id string) string {
	for _, k := range c.skus {
		for _, a := range k.attributes {
			if a.ID == id {
				return a.Name
			}
		}
	}
	return ""
}

func (s *Simulator) customValue(c *content, id, valueID string) string {
	for _, k := range c.skus {
		for _, a := range k.attributes {
			if a.ID == id && a.ValueID == valueID {
				return a.ValueName
			}
		}
	}
	return ""
}

// customID is the identifier of a text of the seller's own.
func customID(base, text string) string {
	first, _ := strconv.ParseInt(base, 10, 64)
	n, _ := strconv.ParseInt(digest("", []byte(text))[:12], 16, 64)
	return strconv.FormatInt(first+n, 10)
}
