package pricewatch

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func poolOf(s Subject, prices ...int64) *Pool {
	p := NewPool(s, noon(80))
	for i, per := range prices {
		p.Add(priced(s, fmt.Sprint("s", i), 70, 75, per))
	}
	return p
}

// The levels are those of the press in 2025-26; sellers are made up.
func TestPricesThatDoNotFitAreFlagged(t *testing.T) {
	t.Parallel()
	peppers := []int64{143_000, 145_000, 146_000, 147_000, 149_000, 150_000, 153_000}
	jars := []int64{250_000, 280_000, 320_000, 350_000, 420_000, 600_000, 1_000_000}
	steady := []int64{300_000, 300_000, 300_000, 300_000, 300_000}
	for name, c := range map[string]struct {
		subject Subject
		pool    []int64
		last    int64 // 0 = none
		per     int64
		want    []string
	}{
		"an ordinary day":                     {pepper, peppers, 146_000, 148_000, nil},
		"a daily move of 2.5 %":               {pepper, peppers, 146_000, 149_650, nil},
		"a commodity jumps over 10 %":         {pepper, nil, 146_000, 160_601, []string{FlagJump}},
		"exactly 10 % is no jump":             {pepper, nil, 146_000, 160_600, nil},
		"a fall over 10 %":                    {pepper, nil, 146_000, 131_399, []string{FlagJump}},
		"a shop jumps over 30 %":              {honey, nil, 300_000, 390_001, []string{FlagJump}},
		"exactly 30 % is no jump":             {honey, nil, 300_000, 390_000, nil},
		"nghìn forgotten":                     {pepper, peppers, 146_000, 146, []string{FlagJump, FlagOutlier, FlagSlip}},
		"kg against tạ":                       {pepper, peppers, 146_000, 14_600_000, []string{FlagJump, FlagOutlier, FlagSlip}},
		"ten times, 3 % off":                  {pepper, nil, 100_000, 1_030_000, []string{FlagJump, FlagSlip}},
		"ten times, over 3 % off":             {pepper, nil, 100_000, 1_030_001, []string{FlagJump}},
		"a tenth, 3 % off":                    {pepper, nil, 100_000, 10_300, []string{FlagJump, FlagSlip}},
		"a tenth, over 3 % off":               {pepper, nil, 100_000, 10_301, []string{FlagJump}},
		"first price of a source, far away":   {pepper, peppers, 0, 200_000, []string{FlagOutlier}},
		"first price of a source, nghìn lost": {pepper, peppers, 0, 147, []string{FlagOutlier, FlagSlip}},
		"honey spreads widely":                {honey, jars, 0, 1_100_000, nil},
		"four points judge nothing":           {pepper, peppers[:4], 0, 900_000, nil},
		"steady, within 20 %":                 {honey, steady, 0, 360_000, nil},
		"steady, over 20 %":                   {honey, steady, 0, 360_001, []string{FlagOutlier}},
		"steady, 20 % down":                   {honey, steady, 0, 240_000, nil},
		"steady, over 20 % down":              {honey, steady, 0, 239_999, []string{FlagOutlier}},
		"no price at all":                     {honey, steady, 300_000, 0, nil},
	} {
		var last *Observation
		if c.last > 0 {
			o := priced(c.subject, "x", 75, 78, c.last)
			last = &o
		}
		v := poolOf(c.subject, c.pool...).Judge(priced(c.subject, "x", 79, 79, c.per), last)
		if diff := cmp.Diff(c.want, v.Flags); diff != "" {
			t.Errorf("%s: flags (-want +got):\n%s", name, diff)
		}
		if (v.Reason.VI != "") != (len(c.want) > 0) || (v.Reason.EN != "") != (len(c.want) > 0) {
			t.Errorf("%s: reason is %q, with %d flags", name, v.Reason, len(c.want))
		}
		if slip := slices.Contains(c.want, FlagSlip); slip != strings.Contains(v.Reason.EN, "slipped") {
			t.Errorf("%s: reason is %q", name, v.Reason.EN)
		}
	}
}

func TestZIsTheRobustOne(t *testing.T) {
	t.Parallel()
	// Powers of e: logarithms 10 to 16, median 13, MAD 2; a price at 18 is 5 off.
	p := NewPool(pepper, noon(80))
	e := func(x float64) decimal.Decimal { return decimal.NewFromFloat(math.Exp(x)) }
	at := func(x float64) Observation {
		o := priced(pepper, "s", 79, 79, 1)
		o.PerMin = decimal.NewNullDecimal(e(x))
		return o
	}
	for x := 10.0; x <= 16; x++ {
		p.Add(at(x))
	}
	if v := p.Judge(at(18), nil); math.Abs(v.Z-0.6745*5/2) > 1e-9 {
		t.Errorf("z is %v, want %v", v.Z, 0.6745*5/2)
	}
	// 3.5 is reached 3.5 × 2 / 0.6745 from the median.
	line := 13 + 3.5*2/0.6745
	if v := p.Judge(at(line-1e-6), nil); len(v.Flags) != 0 {
		t.Errorf("just below the line: flags are %v", v.Flags)
	}
	if v := p.Judge(at(line+1e-6), nil); !slices.Contains(v.Flags, FlagOutlier) {
		t.Errorf("just above the line: flags are %v", v.Flags)
	}
}

func TestSpreadIsTheMedianDistance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := Pool{logs: rapid.SliceOfN(rapid.Float64Range(0, 10), 1, 30).Draw(t, "logs")}
		if rapid.Bool().Draw(t, "steady") {
			for i := range len(p.logs) * 2 / 3 {
				p.logs[i] = 5
			}
		}
		sorted := slices.Sorted(slices.Values(p.logs))
		distances := make([]float64, len(sorted))
		for i, x := range sorted {
			distances[i] = math.Abs(x - middle(sorted))
		}
		slices.Sort(distances)
		if median, mad := p.spread(); median != middle(sorted) || mad != middle(distances) {
			t.Fatalf("spread of %v is %v, %v, want %v, %v", sorted, median, mad, middle(sorted), middle(distances))
		}
	})
}

func TestPoolHoldsOneMarketOf90Days(t *testing.T) {
	t.Parallel()
	p := poolOf(pepper, 146_000, 146_000, 146_000, 146_000)
	other := pepper
	other.Grade = "organic"
	region := pepper
	region.Region = "Đắk Nông"
	for name, c := range map[string]struct {
		o     Observation
		taken bool
	}{
		"other grade":  {priced(other, "b", 79, 79, 146_000), false},
		"too old":      {priced(pepper, "b", -40, -11, 146_000), false},
		"90 days old":  {priced(pepper, "b", -40, -10, 146_000), true},
		"doubtful":     {flagged(priced(pepper, "b", 79, 79, 146_000), FlagOutlier), false},
		"confirmed":    {flagged(priced(pepper, "b", 79, 79, 146_000), FlagOutlier, FlagConfirmed), true},
		"not a price":  {priced(pepper, "b", 79, 79, 0), false},
		"other flags":  {flagged(priced(pepper, "b", 79, 79, 146_000), "unit_from_title"), true},
		"unsure":       {func() Observation { o := priced(pepper, "b", 79, 79, 146_000); o.Confidence = 0.5; return o }(), false},
		"sure":         {func() Observation { o := priced(pepper, "b", 79, 79, 146_000); o.Confidence = 0.7; return o }(), true},
		"other region": {priced(region, "b", 79, 79, 146_000), true},
	} {
		pool := *p
		pool.logs = slices.Clone(p.logs)
		pool.Add(c.o)
		if v := pool.Judge(priced(pepper, "x", 79, 79, 900_000), nil); (len(v.Flags) > 0) != c.taken {
			t.Errorf("%s: taken is %v, want %v", name, len(v.Flags) > 0, c.taken)
		}
	}
}

func TestDoubtEndsWithASecondFetchOrASecondSource(t *testing.T) {
	t.Parallel()
	doubtful := flagged(priced(honey, "a", 10, 10, 500_000), FlagJump)
	slip := flagged(priced(honey, "a", 10, 10, 3_000_000), FlagJump, FlagSlip)
	item := priced(honey, "a", 11, 11, 500_000)
	item.Item = "other"
	for name, c := range map[string]struct {
		doubtful, later Observation
		want            bool
	}{
		"same fetch":            {doubtful, doubtful, false},
		"second fetch":          {doubtful, priced(honey, "a", 10, 11, 500_000), true},
		"second fetch, another": {doubtful, priced(honey, "a", 11, 11, 310_000), false},
		"another item":          {doubtful, item, false},
		"second source":         {doubtful, priced(honey, "b", 10, 10, 540_000), true},
		"second source, far":    {doubtful, priced(honey, "b", 10, 10, 560_000), false},
		"another market":        {doubtful, priced(pepper, "b", 10, 10, 500_000), false},
		"slip read again":       {slip, priced(honey, "a", 10, 11, 3_000_000), false},
		"slip elsewhere too":    {slip, priced(honey, "b", 10, 11, 3_000_000), true},
	} {
		if got := c.later.Confirms(c.doubtful); got != c.want {
			t.Errorf("%s: confirms is %v, want %v", name, got, c.want)
		}
	}
}

// Scale does not matter: prices in another unit give the same verdict.
func TestVerdictDoesNotDependOnScale(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		prices := rapid.SliceOfN(rapid.Int64Range(100, 10_000), 0, 12).Draw(t, "prices")
		last := rapid.Int64Range(0, 10_000).Draw(t, "last")
		per := rapid.Int64Range(1, 1_000_000).Draw(t, "per")
		judge := func(scale int64) []string {
			scaled := slices.Clone(prices)
			for i := range scaled {
				scaled[i] *= scale
			}
			var before *Observation
			if last > 0 {
				o := priced(honey, "x", 75, 78, last*scale)
				before = &o
			}
			return poolOf(honey, scaled...).Judge(priced(honey, "x", 79, 79, per*scale), before).Flags
		}
		if diff := cmp.Diff(judge(1), judge(1024)); diff != "" {
			t.Fatalf("flags (-plain +scaled):\n%s", diff)
		}
	})
}

// A price that is among the others is never an outlier, wherever it lies
// between their quartiles.
func TestThePoolsMiddleIsNoOutlier(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		prices := rapid.SliceOfN(rapid.Int64Range(1000, 1_000_000), MinPoints, 40).Draw(t, "prices")
		sorted := make([]decimal.Decimal, len(prices))
		for i, per := range prices {
			sorted[i] = dong(per)
		}
		slices.SortFunc(sorted, decimal.Decimal.Cmp)
		o := priced(honey, "x", 79, 79, 1)
		o.PerMin = decimal.NewNullDecimal(quantile(sorted, 2))
		if v := poolOf(honey, prices...).Judge(o, nil); slices.Contains(v.Flags, FlagOutlier) {
			t.Fatalf("the median is an outlier with z %v", v.Z)
		}
	})
}

// A shop shows its mistake on its product page and in its search alike.
func TestOneShopDoesNotConfirmItself(t *testing.T) {
	t.Parallel()
	doubtful := flagged(priced(honey, "page", 0, 0, 41_000), FlagJump, FlagSlip)
	again := priced(honey, "search", 0, 1, 41_000)
	doubtful.Seller, again.Seller = "shop.example", " Shop.example"
	if again.Confirms(doubtful) {
		t.Error("the same seller in another source confirms")
	}
	again.Seller = "other.example"
	if !again.Confirms(doubtful) {
		t.Error("another seller does not confirm")
	}
}
