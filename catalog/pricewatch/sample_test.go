package pricewatch

import (
	"time"

	"github.com/shopspring/decimal"
)

// All sellers and prices in these tests are made up.

var pepper = Subject{Commodity: "pepper", Side: FarmGate, BaseUnit: "kg", Currency: "VND"}
var honey = Subject{Commodity: "honey", Side: Retail, BaseUnit: "l", Currency: "VND"}

// noon is midday in Vietnam, so many days after 1 October 2026.
func noon(day int) time.Time { return time.Date(2026, 10, 1+day, 5, 0, 0, 0, time.UTC) }

func dong(n int64) decimal.Decimal { return decimal.NewFromInt(n) }

// priced is an observation of a source from one day to another.
func priced(s Subject, source string, from, to int, per int64) Observation {
	return Observation{
		Source: source, Name: "Mẫu " + source, Subject: s, SeenAt: noon(from), LastSeenAt: noon(to), Unit: s.BaseUnit, Quantity: dong(1),
		AmountMin: decimal.NewNullDecimal(dong(per)), AmountMax: decimal.NewNullDecimal(dong(per)),
		PerMin: decimal.NewNullDecimal(dong(per)), PerMax: decimal.NewNullDecimal(dong(per)),
		URL: "https://mau.example/" + source, Evidence: Evidence{Text: Number(dong(per), "vi") + "đ/" + s.BaseUnit},
	}
}

func flagged(o Observation, flags ...string) Observation {
	o.Flags = flags
	return o
}
