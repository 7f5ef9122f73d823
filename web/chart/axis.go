package chart

import (
	"math"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog/pricewatch"
)

// priceTicks are round figures from below low to above high, about as many as
// asked for.
func priceTicks(low, high float64, about int) []float64 {
	if high-low < high/50 { // a steady price is drawn in the middle
		low, high = low-high/50, high+high/50
	}
	raw := (high - low) / float64(about)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * power
	for _, m := range []float64{1, 2, 2.5, 5} {
		if raw <= m*power {
			step = m * power
			break
		}
	}
	first, last := math.Floor(low/step), math.Ceil(high/step)
	var ticks []float64
	for i := first; i <= last; i++ {
		ticks = append(ticks, i*step)
	}
	return ticks
}

// axisAmount writes a price on the axis: 185k and 1,2tr for dong.
func axisAmount(v float64, currency, lang string) string {
	short := func(v float64, unit string) string {
		return pricewatch.Number(decimal.NewFromFloat(v).Round(3), lang) + unit
	}
	switch {
	case currency != "VND":
		return short(v, "")
	case math.Abs(v) >= 1_000_000 && lang == "en":
		return short(v/1_000_000, "m")
	case math.Abs(v) >= 1_000_000:
		return short(v/1_000_000, "tr")
	case math.Abs(v) >= 1000:
		return short(v/1000, "k")
	}
	return short(v, "")
}

// dateTick is a day that is named on the axis.
type dateTick struct {
	day  int
	text string
}

// dateTicks names days, at most as many as there is room for: single days,
// weeks from the last day backwards, or the firsts of months.
func dateTicks(first time.Time, n, room int) []dateTick {
	room = max(room, 2)
	for _, step := range []int{1, 2, 3, 7, 14} {
		if (n-1)/step+1 > room {
			continue
		}
		var ticks []dateTick
		for day := (n - 1) % step; day < n; day += step {
			ticks = append(ticks, dateTick{day, first.AddDate(0, 0, day).Format("02/01")})
		}
		return ticks
	}
	months := n/30 + 1
	step := 1
	for _, s := range []int{1, 2, 3, 6, 12, 24, 60} {
		if step = s; months/s+1 <= room {
			break
		}
	}
	var ticks []dateTick
	for day := range n {
		date := first.AddDate(0, 0, day)
		if date.Day() != 1 || (int(date.Month())-1+12*date.Year())%step != 0 {
			continue
		}
		text := date.Format("02/01")
		if n > 366 {
			text = strconv.Itoa(int(date.Month())) + "/" + strconv.Itoa(date.Year())
		}
		ticks = append(ticks, dateTick{day, text})
	}
	return ticks
}
