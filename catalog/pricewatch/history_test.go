package pricewatch

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

var compareDecimals = cmp.Comparer(decimal.Decimal.Equal)

func day(date string, q1, median, q3, low, high int64, sellers, sources int) Day {
	return Day{Date: date, Q1: dong(q1), Median: dong(median), Q3: dong(q3), Min: dong(low), Max: dong(high), Sellers: sellers, Sources: sources}
}

func TestAPriceStandsWhileItWasSeenAndLeavesHoles(t *testing.T) {
	t.Parallel()
	h := NewHistory(honey, noon(0), noon(9))
	h.Add(priced(honey, "a", 1, 3, 300_000))
	h.Add(priced(honey, "a", 6, 6, 320_000))
	want := []Day{
		day("2026-10-02", 300_000, 300_000, 300_000, 300_000, 300_000, 1, 1),
		day("2026-10-03", 300_000, 300_000, 300_000, 300_000, 300_000, 1, 1),
		day("2026-10-04", 300_000, 300_000, 300_000, 300_000, 300_000, 1, 1),
		day("2026-10-07", 320_000, 320_000, 320_000, 320_000, 320_000, 1, 1),
	}
	if diff := cmp.Diff(want, h.Days(), compareDecimals); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}

func TestDaysAreVietnamese(t *testing.T) {
	t.Parallel()
	o := priced(honey, "a", 0, 0, 300_000)
	o.SeenAt = time.Date(2026, 10, 1, 16, 59, 59, 0, time.UTC) // 23:59:59 in Vietnam
	o.LastSeenAt = o.SeenAt.Add(time.Second)
	h := NewHistory(honey, noon(-5), noon(5))
	h.Add(o)
	var dates []string
	for _, d := range h.Days() {
		dates = append(dates, d.Date)
	}
	if diff := cmp.Diff([]string{"2026-10-01", "2026-10-02"}, dates); diff != "" {
		t.Errorf("dates (-want +got):\n%s", diff)
	}
}

func TestADateOnThePageIsTheDay(t *testing.T) {
	t.Parallel()
	o := priced(pepper, "a", 8, 9, 146_000)
	o.ValidOn = "2026-10-04"
	h := NewHistory(pepper, noon(0), noon(9))
	h.Add(o)
	if days := h.Days(); len(days) != 1 || days[0].Date != "2026-10-04" {
		t.Errorf("days are %v, want only 2026-10-04", days)
	}
}

func TestTheLastPriceOfADayCounts(t *testing.T) {
	t.Parallel()
	morning, evening := priced(honey, "a", 0, 1, 300_000), priced(honey, "a", 1, 1, 320_000)
	morning.LastSeenAt = noon(1).Add(-time.Hour)
	for name, order := range map[string][]Observation{"in order": {morning, evening}, "newest first": {evening, morning}} {
		h := NewHistory(honey, noon(0), noon(1))
		for _, o := range order {
			h.Add(o)
		}
		if days := h.Days(); len(days) != 2 || !days[0].Median.Equal(dong(300_000)) || !days[1].Median.Equal(dong(320_000)) {
			t.Errorf("%s: days are %+v", name, days)
		}
	}
}

func TestASellerCountsOnce(t *testing.T) {
	t.Parallel()
	h := NewHistory(honey, noon(0), noon(0))
	for i := range 20 { // one shop with twenty jars
		o := priced(honey, "search", 0, 0, 900_000)
		o.Item, o.Seller = fmt.Sprint(i), "Cửa hàng mẫu A"
		h.Add(o)
	}
	for i, per := range []int64{300_000, 320_000, 340_000} {
		o := priced(honey, "search", 0, 0, per)
		o.Item, o.Seller = fmt.Sprint("b", i), fmt.Sprint("Cửa hàng mẫu ", i)
		h.Add(o)
	}
	want := []Day{day("2026-10-01", 315_000, 330_000, 480_000, 300_000, 900_000, 4, 1)}
	if diff := cmp.Diff(want, h.Days(), compareDecimals); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}

func TestHistoryMixesNothingAndLeavesDoubtOut(t *testing.T) {
	t.Parallel()
	h := NewHistory(honey, noon(0), noon(0))
	h.Add(priced(honey, "a", 0, 0, 300_000))
	for _, change := range []func(*Subject){
		func(s *Subject) { s.Currency = "USD" }, func(s *Subject) { s.BaseUnit = "kg" },
		func(s *Subject) { s.Side = FarmGate }, func(s *Subject) { s.Grade = "ocop-4" }, func(s *Subject) { s.Commodity = "tea" },
	} {
		s := honey
		change(&s)
		h.Add(priced(s, "b", 0, 0, 10))
	}
	h.Add(flagged(priced(honey, "c", 0, 0, 3_000_000), FlagSlip))
	h.Add(priced(honey, "zero", 0, 0, 0))
	soldOut, unsure := priced(honey, "out", 0, 0, 100), priced(honey, "unsure", 0, 0, 100)
	soldOut.Availability, unsure.Confidence = "SoldOut", 0.69
	h.Add(soldOut)
	h.Add(unsure)
	without := priced(honey, "d", 0, 0, 0)
	without.PerMin, without.PerMax = decimal.NullDecimal{}, decimal.NullDecimal{}
	h.Add(without)
	want := []Day{day("2026-10-01", 300_000, 300_000, 300_000, 300_000, 300_000, 1, 1)}
	if diff := cmp.Diff(want, h.Days(), compareDecimals); diff != "" {
		t.Errorf("days (-want +got):\n%s", diff)
	}
}

// Rolling up a part of the days again gives what rolling up everything gives.
func TestRollingUpIsIncremental(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var list []Observation
		for i := range rapid.IntRange(0, 30).Draw(t, "observations") {
			from := rapid.IntRange(0, 40).Draw(t, "from")
			list = append(list, priced(honey, fmt.Sprint(i%7), from, from+rapid.IntRange(0, 10).Draw(t, "days"), rapid.Int64Range(1, 1000).Draw(t, "per")))
		}
		roll := func(from, to int, order []Observation) []Day {
			h := NewHistory(honey, noon(from), noon(to))
			for _, o := range order {
				h.Add(o)
			}
			return h.Days()
		}
		cut := rapid.IntRange(0, 50).Draw(t, "cut")
		earlier, parts := roll(0, cut, list), roll(cut, 50, list)
		earlier = slices.DeleteFunc(earlier, func(d Day) bool { return len(parts) > 0 && d.Date >= parts[0].Date })
		parts = append(earlier, parts...)
		if diff := cmp.Diff(roll(0, 50, list), parts, compareDecimals); diff != "" {
			t.Fatalf("days (-whole +parts):\n%s", diff)
		}
		for _, d := range parts {
			if d.Min.GreaterThan(d.Q1) || d.Q1.GreaterThan(d.Median) || d.Median.GreaterThan(d.Q3) || d.Q3.GreaterThan(d.Max) || d.Sellers < d.Sources {
				t.Fatalf("day is out of order: %+v", d)
			}
		}
	})
}

func TestSameValueOnlyMovesLastSeen(t *testing.T) {
	t.Parallel()
	old := priced(honey, "a", 0, 2, 300_000)
	for name, c := range map[string]struct {
		next Observation
		want bool
	}{
		"same":         {priced(honey, "a", 3, 3, 300_000), true},
		"other price":  {priced(honey, "a", 3, 3, 301_000), false},
		"long unread":  {priced(honey, "a", 6, 6, 300_000), false},
		"other source": {priced(honey, "b", 3, 3, 300_000), false},
		"other market": {priced(pepper, "a", 3, 3, 300_000), false},
		"just in time": {priced(honey, "a", 5, 5, 300_000), true},
		"sold out":     {func() Observation { o := priced(honey, "a", 3, 3, 300_000); o.Availability = "SoldOut"; return o }(), false},
		"written so": {func() Observation {
			o := priced(honey, "a", 3, 3, 300_000)
			o.PerMin.Decimal = decimal.RequireFromString("300000.00")
			return o
		}(), true},
		"other date": {func() Observation { o := priced(honey, "a", 3, 3, 300_000); o.ValidOn = "2026-10-04"; return o }(), false},
		"list price now": {func() Observation {
			o := priced(honey, "a", 3, 3, 300_000)
			o.List = decimal.NewNullDecimal(dong(350_000))
			return o
		}(), false},
	} {
		if got := old.SameValue(c.next); got != c.want {
			t.Errorf("%s: same is %v, want %v", name, got, c.want)
		}
	}
}
