package market

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/chophien/chophien/connectors"
)

// Typed is a price that a person was told and types in, as they write it.
type Typed struct {
	Price  string // "145.000đ/kg"
	Name   string // of what; the source's name when empty
	Seller string // who pays or asks it
	Region string
	Grade  string
	Side   string
	Date   string // when it held, day first; "" = now
}

// TypedQuote reads a typed price for a quote source. It fails when the text is
// not surely a price.
func TypedQuote(s connectors.SourceConfig, typed Typed) (connectors.Quote, error) {
	row := fieldRow{texts: map[string]string{
		"price": typed.Price, "name": cmp.Or(typed.Name, s.Title()), "seller": cmp.Or(typed.Seller, s.Seller, s.Title()),
		"region": typed.Region, "grade": typed.Grade, "side": typed.Side, "date": typed.Date,
	}}
	row.texts["id"] = strings.TrimSpace(typed.Name + " " + typed.Seller + " " + typed.Grade)
	if s.Currency == "" {
		s.Currency = "VND" // people who type a price in dong leave out the sign
	}
	q := fieldQuote(s, row, "")
	switch {
	case q.NoPrice != "":
		return q, fmt.Errorf("%q is no price (%s); write it such as 145.000đ/kg", typed.Price, strings.ReplaceAll(q.NoPrice, "_", " "))
	case q.Unit == "":
		return q, fmt.Errorf("%q names no unit; write it such as 145.000đ/kg", typed.Price)
	case typed.Side != "" && sideNamed(typed.Side) == "":
		return q, fmt.Errorf("side %q: write farm-gate, wholesale, retail, fob or futures", typed.Side)
	case typed.Date != "" && q.ValidOn == "":
		return q, fmt.Errorf("date %q: write it such as 20/11/2026", typed.Date)
	}
	return q, nil
}
