// Package chart draws prices: our own against what others ask, as SVG for pages
// and print and as PNG for messages. A chart is a pure function of its data; the
// same data give the same bytes.
package chart

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
)

// Data is what a chart shows, per base unit of Subject.
type Data struct {
	Title    string
	Language string // vi or en
	Subject  pricewatch.Subject
	// From and To are the first and last day, in Vietnam.
	From, To time.Time
	Days     []pricewatch.Day // of others, oldest first; days outside are left out
	Own      []Span           // our own prices, in any order
	// Sellers and Sources are those of the whole time; with fewer than three
	// sources the chart says "one source".
	Sellers, Sources int
	// Note is one sentence below the chart, such as advice; "" = none.
	Note string
	// Sample tells that the figures are made up, and the chart says so.
	Sample bool
}

// Span is a price that stood from one time to another. Where several stand on
// one day the lowest is drawn: it is what a buyer pays.
type Span struct {
	From, To time.Time
	Per      decimal.Decimal
}

// Size is the width of a chart in CSS pixels. Its height follows.
type Size int

// Sizes that are made for something.
const (
	Phone Size = 360
	Page  Size = 720
)

// markShare is the change of the others' median from one day to the next that
// is marked.
var markShare = decimal.New(10, -2)

// series are a chart's data by day.
type series struct {
	first, last time.Time // midnights in Vietnam
	n           int
	band        []*pricewatch.Day // by day, nil = nothing read
	own         []decimal.NullDecimal
	ownChanges  []int // days on which our own price changed
	jumps       []jump
	read        bool // anything of others at all
	holes       [][2]int
}

// jump is a day on which the others' median changed by [markShare] or more
// since it was last known.
type jump struct {
	day int
	up  bool
}

func midnight(t time.Time) time.Time {
	t = t.In(pricewatch.Vietnam)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, pricewatch.Vietnam)
}

func daysBetween(a, b time.Time) int { return int(b.Sub(a) / (24 * time.Hour)) }

// byDay lays the data out by day. To is at least From, and at most ten years
// are drawn.
func byDay(d Data) series {
	s := series{first: midnight(d.From), last: midnight(d.To)}
	if s.last.Before(s.first) {
		s.last = s.first
	}
	s.n = min(daysBetween(s.first, s.last)+1, pricewatch.MaxDays)
	s.first = s.last.AddDate(0, 0, 1-s.n)
	s.band, s.own = make([]*pricewatch.Day, s.n), make([]decimal.NullDecimal, s.n)
	for i := range d.Days {
		date, err := time.ParseInLocation(time.DateOnly, d.Days[i].Date, pricewatch.Vietnam)
		if err != nil {
			continue
		}
		if at := daysBetween(s.first, date); !date.Before(s.first) && at < s.n {
			s.band[at], s.read = &d.Days[i], true
		}
	}
	for _, span := range d.Own {
		from, to := midnight(span.From), midnight(span.To)
		for at := max(0, daysBetween(s.first, from)); at < s.n && at <= daysBetween(s.first, to); at++ {
			if own := &s.own[at]; !own.Valid || span.Per.LessThan(own.Decimal) {
				*own = decimal.NewNullDecimal(span.Per)
			}
		}
	}
	s.changes()
	return s
}

// changes finds what is marked, and the holes: runs of days after the first
// reading on which nothing was read.
func (s *series) changes() {
	var own decimal.NullDecimal
	var median decimal.NullDecimal
	hole := -1
	for i := range s.n {
		if s.own[i].Valid {
			if own.Valid && !own.Decimal.Equal(s.own[i].Decimal) {
				s.ownChanges = append(s.ownChanges, i)
			}
			own = s.own[i]
		}
		if s.band[i] == nil {
			if median.Valid && hole < 0 {
				hole = i
			}
			continue
		}
		if hole >= 0 {
			s.holes, hole = append(s.holes, [2]int{hole, i - 1}), -1
		}
		now := s.band[i].Median
		if median.Valid && now.Sub(median.Decimal).Abs().GreaterThanOrEqual(median.Decimal.Mul(markShare)) {
			s.jumps = append(s.jumps, jump{i, now.GreaterThan(median.Decimal)})
		}
		median = decimal.NewNullDecimal(now)
	}
	if hole >= 0 {
		s.holes = append(s.holes, [2]int{hole, s.n - 1})
	}
}

// extent is the lowest and highest price drawn; ok is false when there is none.
func (s *series) extent() (low, high float64, ok bool) {
	var all []decimal.Decimal
	for i := range s.n {
		if s.own[i].Valid {
			all = append(all, s.own[i].Decimal)
		}
		if d := s.band[i]; d != nil {
			all = append(all, d.Q1, d.Q3, d.Median)
		}
	}
	if len(all) == 0 {
		return 0, 0, false
	}
	least, most := slices.MinFunc(all, decimal.Decimal.Cmp), slices.MaxFunc(all, decimal.Decimal.Cmp)
	return least.InexactFloat64(), most.InexactFloat64(), true
}

// t picks a text in the chart's language.
func (d Data) t(vi, en string) string {
	return catalog.Text{VI: vi, EN: en}.In(cmp.Or(d.Language, "vi"))
}
