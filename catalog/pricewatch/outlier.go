package pricewatch

import (
	"math"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricetext"
)

// Flags of a price that does not fit, in [Observation.Flags]. A flagged price
// is kept but counts nowhere until it is confirmed, then FlagConfirmed is added.
const (
	FlagOutlier   = "outlier"        // far from what others ask
	FlagJump      = "jump"           // far from the source's own last price
	FlagSlip      = "magnitude_slip" // 10, 100 or 1000 times too much or too little
	FlagConfirmed = "confirmed"
)

// How prices are judged.
const (
	OutlierWindow = 90 * 24 * time.Hour
	MinPoints     = 5
	maxZ          = 3.5
	steadyShare   = 0.20 // from the median of a steady price
)

var (
	retailJump    = decimal.New(30, -2)
	commodityJump = decimal.New(10, -2)
	slipTolerance = decimal.New(3, -2)
)

// Doubtful tells whether the price is flagged, or was read without confidence,
// and is not confirmed: it is shown and kept, but left out of medians and raises
// no alert.
func (o Observation) Doubtful() bool {
	unsure := o.Confidence > 0 && o.Confidence < pricetext.Confident
	return (unsure || o.flagged()) && !slices.Contains(o.Flags, FlagConfirmed)
}

// counts is the price per base unit with which o enters the figures of subject;
// ok is false when it does not: another market, no price per base unit, in
// doubt, or nothing to be had.
func (o Observation) counts(subject Subject) (per decimal.Decimal, ok bool) {
	per, ok = o.Per()
	return per, ok && per.IsPositive() && !o.Doubtful() && !Out(o.Availability) && subject.Covers(o.Subject)
}

// flagged tells whether any flag of doubt is set, confirmed or not.
func (o Observation) flagged() bool {
	return slices.ContainsFunc(o.Flags, func(flag string) bool {
		return flag == FlagOutlier || flag == FlagJump || flag == FlagSlip
	})
}

// Pool is what a new price is judged against: the prices of one market in the
// last 90 days that are not in doubt. A pool is built once for many judgements;
// it must not be added to while another goroutine judges.
type Pool struct {
	market Subject
	since  time.Time
	logs   []float64 // natural logarithms of prices per base unit
	sorted bool
}

// NewPool is an empty pool of the market that subject belongs to.
func NewPool(subject Subject, now time.Time) *Pool {
	return &Pool{market: subject.Market(), since: now.Add(-OutlierWindow)}
}

// Add takes an observation in; one of another market, older than 90 days,
// sold out, doubtful, or without a price per base unit is passed over.
func (p *Pool) Add(o Observation) {
	per, ok := o.counts(p.market)
	if !ok || o.LastSeenAt.Before(p.since) {
		return
	}
	p.logs, p.sorted = append(p.logs, math.Log(per.InexactFloat64())), false
}

// Verdict is how a price looks beside others.
type Verdict struct {
	Flags []string
	// Z is the robust z-score on the logarithm of the price; 0 when the pool
	// has fewer than [MinPoints] or its price is steady.
	Z      float64
	Reason catalog.Text // empty without flags
}

// Judge compares o with the pool, and with the source's own last price, nil
// when there is none. It changes neither: the caller adds the flags.
func (p *Pool) Judge(o Observation, last *Observation) (v Verdict) {
	per, ok := o.Per()
	if !ok || !per.IsPositive() {
		return v
	}
	var slip bool
	if last != nil {
		if before, ok := last.Per(); ok && before.IsPositive() && last.Subject.Market() == o.Subject.Market() {
			limit := commodityJump
			if o.Subject.Side == Retail {
				limit = retailJump
			}
			if per.Sub(before).Abs().GreaterThan(before.Mul(limit)) {
				v.flag(FlagJump)
			}
			slip = isSlip(per, before)
			v.Reason = reason(o, per, before, slip, "lần trước của chính nguồn này", "this source's own last price")
		}
	}
	if len(p.logs) >= MinPoints {
		median, spread := p.spread()
		x := math.Log(per.InexactFloat64()) - median
		out := false
		if spread > 0 {
			v.Z = 0.6745 * x / spread
			out = math.Abs(v.Z) > maxZ
		} else {
			out = math.Abs(math.Exp(x)-1) > steadyShare+1e-9
		}
		middle := decimal.NewFromFloat(math.Exp(median))
		if out {
			v.flag(FlagOutlier)
			slip = slip || isSlip(per, middle)
			v.Reason = reason(o, per, middle, slip, "giá giữa của những nơi khác trong 90 ngày", "the median of the others in 90 days")
		}
	}
	if slip {
		v.flag(FlagSlip)
	}
	if len(v.Flags) == 0 {
		v.Reason = catalog.Text{}
	}
	return v
}

func (v *Verdict) flag(flag string) { v.Flags = append(v.Flags, flag) }

func reason(o Observation, per, beside decimal.Decimal, slip bool, whatVI, whatEN string) catalog.Text {
	s := o.Subject
	t := catalog.Text{
		VI: s.Amount(per, "vi") + " khác xa " + whatVI + " (" + s.Amount(beside, "vi") + ")",
		EN: s.Amount(per, "en") + " is far from " + whatEN + " (" + s.Amount(beside, "en") + ")",
	}
	if slip {
		t.VI += "; có thể nguồn ghi nhầm hàng nghìn, đơn vị hoặc cân/tạ"
		t.EN += "; the source may have slipped by thousands, cents or the unit"
	}
	return t
}

// spread is the median of the logarithms and the median distance from it.
func (p *Pool) spread() (median, mad float64) {
	if !p.sorted {
		slices.Sort(p.logs)
		p.sorted = true
	}
	median = middle(p.logs)
	// The distances are sorted on either side of the median: they are merged
	// up to their middle.
	n := len(p.logs)
	right, _ := slices.BinarySearch(p.logs, median)
	left := right - 1
	var before, last float64
	for range n/2 + 1 {
		before = last
		if right == n || left >= 0 && median-p.logs[left] <= p.logs[right]-median {
			last = median - p.logs[left]
			left--
		} else {
			last = p.logs[right] - median
			right++
		}
	}
	if n%2 == 0 {
		return median, before/2 + last/2
	}
	return median, last
}

func middle(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return sorted[n/2-1]/2 + sorted[n/2]/2
}

// isSlip tells whether per is within 3 % of 10, 100 or 1000 times beside, or of
// that part of it.
func isSlip(per, beside decimal.Decimal) bool {
	for exp := int32(1); exp <= 3; exp++ {
		for _, times := range []decimal.Decimal{beside.Shift(exp), beside.Shift(-exp)} {
			if per.Sub(times).Abs().LessThanOrEqual(times.Mul(slipTolerance)) {
				return true
			}
		}
	}
	return false
}

// Confirms tells whether a later reading makes a doubtful price believed: the
// same source still shows it at a second fetch, or another seller of the same
// market, in another source, asks within 10 % of it. A price that may have slipped by a power of
// ten is confirmed by another seller only: a second fetch reads the same slip.
func (o Observation) Confirms(doubtful Observation) bool {
	a, okA := o.Per()
	b, okB := doubtful.Per()
	if !okA || !okB || o.Subject.Market() != doubtful.Subject.Market() {
		return false
	}
	if o.Source != doubtful.Source {
		if o.seller() == doubtful.seller() {
			return false // one shop shows its mistake on all its pages
		}
		return a.Sub(b).Abs().LessThanOrEqual(b.Mul(commodityJump))
	}
	return o.Item == doubtful.Item && o.LastSeenAt.After(doubtful.SeenAt) && a.Equal(b) && !slices.Contains(doubtful.Flags, FlagSlip)
}
