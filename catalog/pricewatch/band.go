package pricewatch

import (
	"time"

	"github.com/shopspring/decimal"
)

// What a band needs before anything is concluded from it.
const (
	BandDays       = 30 // its window, today included
	MinSellers     = 5
	MinDays        = 14
	MinBandSources = 3 // below it: "one source"
)

// Band is what a subject fetches now: the spread over sellers, each counted
// once with the last price seen in the last 30 days, per base unit.
type Band struct {
	Subject Subject         `json:"subject"`
	Low     decimal.Decimal `json:"low"` // a quarter of the sellers ask less
	Median  decimal.Decimal `json:"median"`
	High    decimal.Decimal `json:"high"` // a quarter of the sellers ask more
	Min     decimal.Decimal `json:"min"`
	Max     decimal.Decimal `json:"max"`
	Sellers int             `json:"sellers"`
	Sources int             `json:"sources"`
	Days    int             `json:"days"` // of the window with at least one price
	To      string          `json:"to"`   // last day of the window, YYYY-MM-DD
}

// Empty tells that there was no price at all.
func (b Band) Empty() bool { return b.Sellers == 0 }

// Enough tells whether there are enough sellers and days to conclude anything.
func (b Band) Enough() bool { return b.Sellers >= MinSellers && b.Days >= MinDays }

// FewSources tells that the band rests on so few sources that they must be
// called one source.
func (b Band) FewSources() bool { return b.Sources < MinBandSources }

// Bander gathers observations for a band in memory that grows with its sellers
// only. It is not safe for concurrent use.
type Bander struct {
	subject     Subject
	first, last int
	items       map[[2]string]latest
	read        [BandDays]bool
}

type latest struct {
	source, seller string
	day            int
	seen           int64
	per            decimal.Decimal
}

// NewBander is an empty band of subject as of now.
func NewBander(subject Subject, now time.Time) *Bander {
	today := dayOf(now)
	return &Bander{subject: subject, first: today - BandDays + 1, last: today, items: map[[2]string]latest{}}
}

// Add takes an observation in, in any order. One that the subject does not
// cover, that has no price per base unit or is sold out, or that is
// [Observation.Doubtful] is passed over.
func (b *Bander) Add(o Observation) {
	per, ok := o.counts(b.subject)
	if !ok {
		return
	}
	first, last := o.days()
	first, last = max(first, b.first), min(last, b.last)
	if first > last {
		return
	}
	for day := first; day <= last; day++ {
		b.read[day-b.first] = true
	}
	key := [2]string{o.Source, o.Item}
	seen := o.LastSeenAt.UnixMilli()
	if old, ok := b.items[key]; !ok || last > old.day || last == old.day && seen >= old.seen {
		b.items[key] = latest{o.Source, o.seller(), last, seen, per}
	}
}

// Band is the band of what was added.
func (b *Bander) Band() Band {
	band := Band{Subject: b.subject, To: dateOf(b.last)}
	sellers, sources := map[string][]decimal.Decimal{}, map[string]bool{}
	for _, item := range b.items {
		sellers[item.seller] = append(sellers[item.seller], item.per)
		sources[item.source] = true
	}
	if len(sellers) == 0 {
		return band
	}
	for _, read := range b.read {
		if read {
			band.Days++
		}
	}
	prices := onePerSeller(sellers)
	band.Low, band.Median, band.High = quartiles(prices)
	band.Min, band.Max = prices[0], prices[len(prices)-1]
	band.Sellers, band.Sources = len(sellers), len(sources)
	return band
}

// Out tells whether an availability, as schema.org names it, means that nothing
// can be bought.
func Out(availability string) bool {
	switch availability {
	case "OutOfStock", "SoldOut", "Discontinued":
		return true
	}
	return false
}
