package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog/pricewatch"
)

// Sizes in CSS pixels; nothing is smaller than can be read on a phone.
const (
	padding   = 12.0
	textSize  = 12.0
	lineGap   = 1.35 // of the text size
	minHeight = 190.0
)

// drawing is a chart being laid out from top to bottom.
type drawing struct {
	scene
	data   Data
	s      series
	y      float64 // what is above it is done
	ticks  []float64
	left   float64 // of the plot
	right  float64
	top    float64
	bottom float64
}

// draw lays a chart out.
func draw(d Data, size Size) scene {
	c := &drawing{data: d, s: byDay(d), y: padding}
	c.width = float64(max(size, 240))
	c.title = d.Title
	c.head()
	low, high, ok := c.s.extent()
	if ok {
		c.plot(low, high)
	} else {
		c.nothing()
	}
	c.legend()
	c.note()
	c.height = math.Ceil(c.y + padding)
	c.shapes = append([]shape{rectangle(0, 0, c.width, c.height, paper)}, c.shapes...)
	return c.scene
}

// lines writes text below what is done.
func (c *drawing) lines(text string, size float64, isBold bool, fill string) {
	for _, line := range wrap(text, isBold, size, c.width-2*padding) {
		s := words(padding, c.y+size, size, atStart, fill, line)
		s.bold = isBold
		c.add(s)
		c.y += size * lineGap
	}
}

// head writes what the chart is about, when, and on how many sources it rests.
func (c *drawing) head() {
	d := c.data
	size := 16.0
	if c.width >= float64(Page) {
		size = 18
	}
	c.lines(d.Title, size, true, ink)
	parts := []string{c.s.first.Format("02/01/2006") + " – " + c.s.last.Format("02/01/2006")}
	if d.Sellers > 0 {
		one, many := d.others()
		if d.Sellers == 1 {
			many = one
		}
		parts = append(parts, strconv.Itoa(d.Sellers)+" "+many)
		if d.Sources < pricewatch.MinBandSources {
			parts = append(parts, d.t("một nguồn", "one source"))
		} else {
			parts = append(parts, fmt.Sprintf(d.t("%d nguồn", "%d sources"), d.Sources))
		}
	}
	c.lines(strings.Join(parts, " · "), textSize, false, soft)
	if d.Sample {
		c.lines(d.t("SỐ LIỆU MẪU, không phải giá thật", "SAMPLE FIGURES, not real prices"), textSize, true, ourOwn)
	}
	c.desc = strings.Join(parts, ", ") + ". " + c.latest() + d.Note
}

// others names those whose prices are drawn: at the farm gate they buy.
func (d Data) others() (one, many string) {
	if d.Subject.Side == pricewatch.FarmGate {
		return d.t("nơi thu mua", "buyer"), d.t("nơi thu mua", "buyers")
	}
	return d.t("nơi bán", "seller"), d.t("nơi bán", "sellers")
}

// latest tells the last figures in words.
func (c *drawing) latest() string {
	text := ""
	if i := c.lastOwn(); i >= 0 {
		text += c.data.t("Giá của mình: ", "Own price: ") + c.data.Subject.Amount(c.s.own[i].Decimal, c.data.Language) + ". "
	}
	if i := c.lastBand(); i >= 0 {
		text += c.medianName() + ": " + c.data.Subject.Amount(c.s.band[i].Median, c.data.Language) + ". "
	}
	return text
}

func (c *drawing) lastOwn() int {
	for i := c.s.n - 1; i >= 0; i-- {
		if c.s.own[i].Valid {
			return i
		}
	}
	return -1
}

func (c *drawing) lastBand() int {
	for i := c.s.n - 1; i >= 0; i-- {
		if c.s.band[i] != nil {
			return i
		}
	}
	return -1
}

// nothing fills the place of the plot.
func (c *drawing) nothing() {
	box := rectangle(padding, c.y+4, c.width-2*padding, minHeight/2, "")
	box.stroke, box.width = grid, 1
	c.add(box)
	c.add(words(c.width/2, c.y+4+minHeight/4, textSize+1, atMiddle, soft, c.data.t("Chưa có giá nào.", "No prices yet.")))
	c.y += minHeight/2 + 12
}

// x is the middle of a day, or a boundary between days at half ones.
func (c *drawing) x(day float64) float64 {
	return c.left + (day+0.5)/float64(c.s.n)*(c.right-c.left)
}

func (c *drawing) price(d decimal.Decimal) float64 { return c.priceAt(d.InexactFloat64()) }

func (c *drawing) priceAt(v float64) float64 {
	low, high := c.ticks[0], c.ticks[len(c.ticks)-1]
	return c.bottom - (v-low)/(high-low)*(c.bottom-c.top)
}

// plot draws the axes and everything between them.
func (c *drawing) plot(low, high float64) {
	subject, lang := c.data.Subject, c.data.Language
	height := math.Max(minHeight, math.Min(300, c.width*0.42))
	c.ticks = priceTicks(low, high, int(height/45))
	c.lines(unitOf(subject, lang), textSize, false, soft)
	c.top = c.y + textSize*0.7
	c.bottom = c.top + height
	widest := 0.0
	labels := make([]string, len(c.ticks))
	for i, v := range c.ticks {
		labels[i] = axisAmount(v, subject.Currency, lang)
		widest = math.Max(widest, measure(labels[i], false, textSize))
	}
	c.left, c.right = padding+widest+6, c.width-padding-c.endWidth()
	for _, hole := range c.s.holes {
		from, to := c.x(float64(hole[0])-0.5), c.x(float64(hole[1])+0.5)
		c.add(hatched(from, c.top, to-from, c.bottom-c.top)...)
	}
	c.band(func(day *pricewatch.Day) (decimal.Decimal, decimal.Decimal) { return day.Q1, day.Q3 })
	for i, v := range c.ticks {
		y := c.priceAt(v)
		c.add(rule(c.left, y, c.right, y, 0.7, grid))
		c.add(words(c.left-6, y+textSize*0.36, textSize, atEnd, soft, labels[i]))
	}
	c.dates()
	c.median()
	c.own()
	c.ends()
	c.y = c.bottom + textSize*2 + 8
}

// unitOf is what the price axis counts.
func unitOf(s pricewatch.Subject, lang string) string {
	currency := s.Currency
	if currency == "VND" {
		currency = "₫"
	}
	return currency + "/" + pricewatch.UnitName(s.BaseUnit, lang)
}

func (c *drawing) dates() {
	c.add(rule(c.left, c.bottom, c.right, c.bottom, 1, soft))
	each := measure("00/00", false, textSize) + 12
	if c.s.n > 366 {
		each = measure("00/0000", false, textSize) + 12
	}
	y := c.bottom + 6 + textSize
	for _, tick := range dateTicks(c.s.first, c.s.n, int((c.right-c.left)/each)) {
		x := c.x(float64(tick.day))
		c.add(rule(x, c.bottom, x, c.bottom+4, 1, soft))
		half := measure(tick.text, false, textSize) / 2
		x = math.Max(half+2, math.Min(x, c.width-2-half))
		c.add(words(x, y, textSize, atMiddle, soft, tick.text))
	}
}

// runs calls do for every run of days that have something.
func (c *drawing) runs(has func(day int) bool, do func(from, to int)) {
	for i := 0; i < c.s.n; i++ {
		if !has(i) {
			continue
		}
		from := i
		for i+1 < c.s.n && has(i+1) {
			i++
		}
		do(from, i)
	}
}

// band shades what lies between two prices of the days.
func (c *drawing) band(ends func(*pricewatch.Day) (low, high decimal.Decimal)) {
	c.runs(func(i int) bool { return c.s.band[i] != nil }, func(from, to int) {
		var upper, lower []point
		for i := from; i <= to; i++ {
			low, high := ends(c.s.band[i])
			for _, x := range c.around(i, from, to) {
				upper, lower = append(upper, point{x, c.price(high)}), append(lower, point{x, c.price(low)})
			}
		}
		slices.Reverse(lower)
		c.add(shape{points: append(slices.Clone(upper), lower...), closed: true, fill: shade, stroke: edge, width: 0.8})
	})
}

// around are the places of a day in a line over days: its middle, and its ends
// at the ends of the line, so that a single day can be seen.
func (c *drawing) around(day, from, to int) (x []float64) {
	if day == from {
		x = append(x, c.x(float64(day)-0.5))
	}
	x = append(x, c.x(float64(day)))
	if day == to {
		x = append(x, c.x(float64(day)+0.5))
	}
	return x
}

// medianLine is dashed, unless days are so narrow that dashes would hide how
// the price moved.
func (c *drawing) medianLine(points []point) shape {
	line := shape{points: points, stroke: market, width: 2, dash: 6}
	if (c.right-c.left)/float64(c.s.n) < 4 {
		line.width, line.dash = 1.6, 0
	}
	return line
}

func (c *drawing) median() {
	c.runs(func(i int) bool { return c.s.band[i] != nil }, func(from, to int) {
		var line []point
		for i := from; i <= to; i++ {
			for _, x := range c.around(i, from, to) {
				line = append(line, point{x, c.price(c.s.band[i].Median)})
			}
		}
		c.add(c.medianLine(line))
	})
	for _, j := range c.s.jumps {
		c.add(triangle(c.x(float64(j.day)), c.price(c.s.band[j.day].Median), 6, j.up, market))
	}
}

// own draws our own price: steps, as it stood until it was changed.
func (c *drawing) own() {
	c.runs(func(i int) bool { return c.s.own[i].Valid }, func(from, to int) {
		var line []point
		for i := from; i <= to; i++ {
			y := c.price(c.s.own[i].Decimal)
			line = append(line, point{c.x(float64(i) - 0.5), y}, point{c.x(float64(i) + 0.5), y})
		}
		c.add(shape{points: line, stroke: ourOwn, width: 3})
	})
	for _, i := range c.s.ownChanges {
		c.add(disc(c.x(float64(i)-0.5), c.price(c.s.own[i].Decimal), 4.5, ourOwn))
	}
}

// end is the last figure of a line, written behind it.
type end struct {
	at    float64
	text  string
	color string
}

func (c *drawing) endTexts() (list []end) {
	if i := c.lastOwn(); i >= 0 {
		list = append(list, end{text: endAmount(c.s.own[i].Decimal, c.data), color: ourOwn})
	}
	if i := c.lastBand(); i >= 0 {
		list = append(list, end{text: endAmount(c.s.band[i].Median, c.data), color: market})
	}
	return list
}

// endAmount writes a figure shortly, yet as exactly as people say it.
func endAmount(d decimal.Decimal, data Data) string {
	v := d.InexactFloat64()
	switch {
	case data.Subject.Currency != "VND":
		v = d.Round(2).InexactFloat64()
	case v >= 1_000_000:
		v = d.Round(-4).InexactFloat64()
	case v >= 1000:
		v = d.Round(-2).InexactFloat64()
	}
	return axisAmount(v, data.Subject.Currency, data.Language)
}

func (c *drawing) endWidth() float64 {
	width := 0.0
	for _, e := range c.endTexts() {
		width = math.Max(width, measure(e.text, true, textSize))
	}
	return width + 6
}

// ends writes the last figures beside the plot, apart from each other.
func (c *drawing) ends() {
	list := c.endTexts()
	for i := range list {
		if list[i].color == ourOwn {
			list[i].at = c.price(c.s.own[c.lastOwn()].Decimal)
		} else {
			list[i].at = c.price(c.s.band[c.lastBand()].Median)
		}
	}
	if len(list) == 2 {
		const apart = textSize + 3
		upper, lower := &list[0], &list[1]
		if lower.at < upper.at {
			upper, lower = lower, upper
		}
		if gap := lower.at - upper.at; gap < apart {
			upper.at -= (apart - gap) / 2
			lower.at += (apart - gap) / 2
		}
	}
	for _, e := range list {
		c.add(bold(words(c.right+5, e.at+textSize*0.36, textSize, atStart, e.color, e.text)))
	}
}

// legend names everything that is drawn, and nothing else.
func (c *drawing) legend() {
	const line, mark = 26.0, 11.0 // widths of what is explained
	x := padding
	entry := func(key float64, text string, sample func(x, y float64)) {
		lines := wrap(text, false, textSize, c.width-2*padding-key-6)
		width := key + 6
		for _, line := range lines {
			width = math.Max(width, key+6+measure(line, false, textSize))
		}
		if x > padding && x+width > c.width-padding {
			x = padding
			c.y += textSize * 1.6
		}
		sample(x, c.y+textSize*0.55)
		for i, line := range lines {
			if i > 0 {
				c.y += textSize * lineGap
			}
			c.add(words(x+key+6, c.y+textSize*0.9, textSize, atStart, ink, line))
		}
		x += width + 16
	}
	d := c.data
	if c.lastOwn() >= 0 {
		entry(line, d.t("Giá của mình", "Our own price"), func(x, y float64) { c.add(rule(x, y, x+line, y, 3, ourOwn)) })
	}
	if len(c.s.ownChanges) > 0 {
		entry(mark, d.t("Lúc mình đổi giá", "We changed it"), func(x, y float64) { c.add(disc(x+mark/2, y, 4.5, ourOwn)) })
	}
	if c.s.read {
		entry(line, c.medianName(), func(x, y float64) { c.add(c.medianLine([]point{{x, y}, {x + line, y}})) })
	}
	if slices.ContainsFunc(c.s.band, func(day *pricewatch.Day) bool { return day != nil && !day.Q1.Equal(day.Q3) }) {
		text := d.t("Một nửa số nơi bán lấy giá trong vùng này", "Half of the sellers ask this much")
		if d.Subject.Side == pricewatch.FarmGate {
			text = d.t("Một nửa số nơi thu mua trả giá trong vùng này", "Half of the buyers pay this much")
		}
		entry(line, text, func(x, y float64) {
			box := rectangle(x, y-5.5, line, 11, shade)
			box.stroke, box.width = edge, 0.8
			c.add(box)
		})
	}
	if len(c.s.jumps) > 0 {
		entry(line, d.t("Giá chung tăng hoặc giảm từ 10 %", "The median moved by 10 % or more"), func(x, y float64) {
			c.add(triangle(x+line/2-7, y, 5.5, true, market), triangle(x+line/2+7, y, 5.5, false, market))
		})
	}
	if len(c.s.holes) > 0 {
		entry(line, d.t("Những ngày không đọc được giá", "Nothing was read"), func(x, y float64) { c.add(hatched(x, y-5.5, line, 11)...) })
	}
	if x > padding {
		c.y += textSize * 1.6
	}
}

// medianName is what the median is called: of one it is that one's price.
func (c *drawing) medianName() string {
	one, many := c.data.others()
	if c.data.Sellers == 1 {
		return c.data.t("Giá của ", "Price of the ") + one
	}
	return c.data.t("Giá giữa của các ", "Median of the ") + many
}

// note writes the sentence that the chart ends in.
func (c *drawing) note() {
	if c.data.Note == "" {
		return
	}
	c.add(rule(padding, c.y+4, c.width-padding, c.y+4, 0.7, grid))
	c.y += 10
	c.lines(c.data.Note, textSize+1, false, ink)
}
