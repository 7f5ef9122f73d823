package pricewatch

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Vietnam is the zone that days are counted in: UTC+7 without summer time.
var Vietnam = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

// Silence is the longest time without a reading over which a price is taken to
// have stayed. After it even the same price is a new observation, so that
// history keeps the hole.
const Silence = 72 * time.Hour

// MaxDays is the longest window of a [History], ten years.
const MaxDays = 3660

// Date writes the Vietnamese day of t, as YYYY-MM-DD.
func Date(t time.Time) string { return t.In(Vietnam).Format(time.DateOnly) }

// dayOf counts Vietnamese days since 1970-01-01.
func dayOf(t time.Time) int {
	seconds := t.Unix() + 7*60*60
	day := seconds / 86400
	if seconds%86400 < 0 {
		day--
	}
	return int(day)
}

func dateOf(day int) string {
	return time.Unix(int64(day)*86400, 0).UTC().Format(time.DateOnly)
}

// days are the first and last Vietnamese day on which the price stood. A price
// with a date printed beside it is of that day only.
func (o Observation) days() (first, last int) {
	if t, err := time.Parse(time.DateOnly, o.ValidOn); err == nil {
		day := int(t.Unix() / 86400)
		return day, day
	}
	return dayOf(o.SeenAt), dayOf(o.LastSeenAt)
}

// seller is who asks the price: the source itself where no seller is told.
func (o Observation) seller() string {
	return cmp.Or(strings.ToLower(strings.TrimSpace(o.Seller)), "\x00"+o.Source)
}

// SameValue tells whether next says the same as o, so that only LastSeenAt of o
// moves: same amounts, unit, availability and printed date, read within
// [Silence].
func (o Observation) SameValue(next Observation) bool {
	same := func(a, b decimal.NullDecimal) bool {
		return a.Valid == b.Valid && (!a.Valid || a.Decimal.Equal(b.Decimal))
	}
	return o.Source == next.Source && o.Item == next.Item && o.Subject == next.Subject && o.ValidOn == next.ValidOn &&
		same(o.AmountMin, next.AmountMin) && same(o.AmountMax, next.AmountMax) && same(o.List, next.List) &&
		o.Qualifier == next.Qualifier && o.Unit == next.Unit && o.Quantity.Equal(next.Quantity) &&
		same(o.PerMin, next.PerMin) && same(o.PerMax, next.PerMax) && o.Availability == next.Availability && o.Tax == next.Tax &&
		next.SeenAt.Sub(o.LastSeenAt) <= Silence
}

// Day is what one subject fetched on one Vietnamese day, per base unit. Each
// seller counts once, with the median of what they ask.
type Day struct {
	Date    string          `json:"date"` // YYYY-MM-DD
	Median  decimal.Decimal `json:"median"`
	Q1      decimal.Decimal `json:"q1"`
	Q3      decimal.Decimal `json:"q3"`
	Min     decimal.Decimal `json:"min"`
	Max     decimal.Decimal `json:"max"`
	Sellers int             `json:"sellers"`
	Sources int             `json:"sources"`
}

// History rolls observations up to days. Its memory grows with the days of its
// window and the prices that stand in it, not with the observations added, so
// days that are past can be kept as records and only the last ones rolled up
// again. It is not safe for concurrent use.
type History struct {
	subject     Subject
	first, last int
	series      map[[2]string]*series
}

// series is one item of one source: its price at the end of each day.
type series struct {
	source, seller string
	points         []point // by day, from the window's first
}

type point struct {
	per  decimal.Decimal
	seen int64 // 0 = nothing
}

// NewHistory is empty, for prices that subject covers, on the Vietnamese days
// from that of from to that of to, at most the last [MaxDays].
func NewHistory(subject Subject, from, to time.Time) *History {
	h := &History{subject: subject, first: dayOf(from), last: dayOf(to), series: map[[2]string]*series{}}
	h.first = max(h.first, h.last-MaxDays+1)
	return h
}

// Add takes an observation in, in any order. One that the subject does not
// cover, that has no price per base unit or is sold out, or that is
// [Observation.Doubtful] is passed over.
func (h *History) Add(o Observation) {
	per, ok := o.counts(h.subject)
	if !ok {
		return
	}
	first, last := o.days()
	first, last = max(first, h.first), min(last, h.last)
	if first > last {
		return
	}
	key := [2]string{o.Source, o.Item}
	s := h.series[key]
	if s == nil {
		s = &series{source: o.Source, seller: o.seller(), points: make([]point, h.last-h.first+1)}
		h.series[key] = s
	}
	seen := max(o.SeenAt.UnixMilli(), 1)
	for day := first; day <= last; day++ {
		if p := &s.points[day-h.first]; seen >= p.seen {
			*p = point{per, seen}
		}
	}
}

// Days returns the days on which at least one price stood, oldest first; days
// on which nothing was read are missing.
func (h *History) Days() []Day {
	list := slices.SortedFunc(maps.Values(h.series), func(a, b *series) int {
		return cmp.Or(cmp.Compare(a.seller, b.seller), cmp.Compare(a.source, b.source))
	})
	var days []Day
	var prices, ofSeller []decimal.Decimal
	sources := map[string]bool{}
	for day := range h.last - h.first + 1 {
		prices, ofSeller = prices[:0], ofSeller[:0]
		clear(sources)
		for i, s := range list {
			if p := s.points[day]; p.seen > 0 {
				ofSeller = append(ofSeller, p.per)
				sources[s.source] = true
			}
			if len(ofSeller) > 0 && (i+1 == len(list) || list[i+1].seller != s.seller) {
				slices.SortFunc(ofSeller, decimal.Decimal.Cmp)
				prices, ofSeller = append(prices, quantile(ofSeller, 2)), ofSeller[:0]
			}
		}
		if len(prices) == 0 {
			continue
		}
		slices.SortFunc(prices, decimal.Decimal.Cmp)
		q1, median, q3 := quartiles(prices)
		days = append(days, Day{
			Date: dateOf(h.first + day), Median: median, Q1: q1, Q3: q3, Min: prices[0], Max: prices[len(prices)-1],
			Sellers: len(prices), Sources: len(sources),
		})
	}
	return days
}

// onePerSeller is the median price of each seller, sorted.
func onePerSeller(sellers map[string][]decimal.Decimal) []decimal.Decimal {
	prices := make([]decimal.Decimal, 0, len(sellers))
	for _, list := range sellers {
		slices.SortFunc(list, decimal.Decimal.Cmp)
		prices = append(prices, quantile(list, 2))
	}
	slices.SortFunc(prices, decimal.Decimal.Cmp)
	return prices
}

func quartiles(sorted []decimal.Decimal) (q1, median, q3 decimal.Decimal) {
	return quantile(sorted, 1), quantile(sorted, 2), quantile(sorted, 3)
}

// quantile is the given quarter of a sorted, non-empty list, halfway values
// interpolated. It is exact: nothing is divided but by four.
func quantile(sorted []decimal.Decimal, quarter int) decimal.Decimal {
	at := (len(sorted) - 1) * quarter
	low := sorted[at/4]
	if at%4 == 0 {
		return low
	}
	step := sorted[at/4+1].Sub(low)
	return low.Add(step.Mul(decimal.New(int64(at%4)*25, -2)))
}
