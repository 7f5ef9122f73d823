package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog/pricewatch"
)

var update = flag.Bool("update", false, "write the golden files")

func noon(day int) time.Time { return time.Date(2026, 10, 1+day, 5, 0, 0, 0, time.UTC) }

func dong(n int64) decimal.Decimal { return decimal.NewFromInt(n) }

// samples are charts of made-up figures, one for each thing a chart can show.
func samples() map[string]Data {
	honey := pricewatch.Subject{Commodity: "honey", Side: pricewatch.Retail, BaseUnit: "l", Currency: "VND"}
	pepper := pricewatch.Subject{Commodity: "pepper", Side: pricewatch.FarmGate, BaseUnit: "kg", Currency: "VND"}
	wave := func(day int) int64 { return int64(day*37%11) * 1500 }
	var full []pricewatch.Day
	for i := range 57 {
		if i >= 20 && i < 27 {
			continue // the site was down
		}
		median := 350_000 + wave(i)
		if i >= 38 {
			median += 42_000
		}
		full = append(full, pricewatch.Day{Date: pricewatch.Date(noon(i)), Q1: dong(median - 55_000 - wave(i+3)), Median: dong(median), Q3: dong(median + 60_000 + wave(i+5)), Min: dong(median - 90_000), Max: dong(median + 200_000), Sellers: 12, Sources: 4})
	}
	band := pricewatch.Band{Subject: honey, Low: dong(341_000), Median: dong(398_000), High: dong(462_000), Sellers: 12, Sources: 4, Days: 23}
	own := []Span{{noon(0), noon(15), dong(320_000)}, {noon(16), noon(30), dong(300_000)}, {noon(31), noon(45), dong(335_000)}, {noon(48), noon(56), dong(330_000)}}
	var year []pricewatch.Day
	for i := range 365 {
		if i%50 == 49 {
			continue
		}
		median := 140_000 + int64(i/3*37%11)*150 + int64(i)*20
		year = append(year, pricewatch.Day{Date: pricewatch.Date(noon(i - 310)), Q1: dong(median - 1500), Median: dong(median), Q3: dong(median + 1800), Sellers: 2, Sources: 2})
	}
	pepperUSD := pepper
	pepperUSD.Side, pepperUSD.Currency = pricewatch.FOB, "USD"
	return map[string]Data{
		"full": {
			Title: "Mật ong bạc hà (mẫu): giá bán lẻ", Language: "vi", Subject: honey, From: noon(0), To: noon(56), Days: full, Own: own, Sellers: 12, Sources: 4, Sample: true,
			Note: pricewatch.Advise("Mật ong bạc hà", dong(330_000), band).Text.VI,
		},
		"year":    {Title: "Hồ tiêu (mẫu): giá thu mua tại vườn", Language: "vi", Subject: pepper, From: noon(-310), To: noon(54), Days: year, Sellers: 2, Sources: 2, Sample: true},
		"english": {Title: "Pepper (sample): export price (FOB)", Language: "en", Subject: pepperUSD, From: noon(0), To: noon(9), Sellers: 1, Sources: 1, Sample: true, Days: []pricewatch.Day{{Date: "2026-10-02", Q1: decimal.New(625, -2), Median: decimal.New(631, -2), Q3: decimal.New(64, -1)}, {Date: "2026-10-05", Q1: decimal.New(61, -1), Median: decimal.New(62, -1), Q3: decimal.New(633, -2)}}},
		"steady":  {Title: "Miến dong (mẫu)", Language: "vi", Subject: pricewatch.Subject{BaseUnit: "kg", Currency: "VND"}, From: noon(0), To: noon(4), Own: []Span{{noon(1), noon(4), dong(95_000)}}, Sample: true},
		"empty":   {Title: "Thổ cẩm (mẫu): chưa có số liệu", Language: "vi", Subject: honey, From: noon(0), To: noon(30), Sample: true},
	}
}

var sizes = map[string]Size{"phone": Phone, "page": Page}

func TestChartsAreAsDrawnBefore(t *testing.T) {
	t.Parallel()
	for name, data := range samples() {
		for on, size := range sizes {
			path := filepath.Join("testdata", name+"-"+on+".svg")
			got := SVG(data, size)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got), look at it, then run with -update:\n%s", path, diff)
			}
		}
	}
}

func TestSVGNeedsNothingFromElsewhere(t *testing.T) {
	t.Parallel()
	data := samples()["full"]
	data.Title = `<script>alert("1")</script> & ]]> mật ong`
	svg := SVG(data, Phone)
	var texts int
	for decoder := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not XML: %v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "text":
			texts++
		case "svg", "title", "desc", "path", "circle":
		default:
			t.Errorf("has an element %s", start.Name.Local)
		}
		for _, a := range start.Attr {
			if strings.Contains(a.Value, "url(") || strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Name.Local, "href") {
				t.Errorf("%s has %s=%q", start.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
	if texts < 10 {
		t.Errorf("has %d texts, is anything drawn?", texts)
	}
}

// Nothing written may leave the chart or run into other text, on any width.
func TestTextsStayApartAndInside(t *testing.T) {
	t.Parallel()
	for name, data := range samples() {
		for size := Size(300); size <= 1000; size += 20 {
			s := draw(data, size)
			type box struct {
				left, right, top, bottom float64
				text                     string
			}
			var boxes []box
			for _, sh := range s.shapes {
				if sh.text == "" {
					continue
				}
				w := measure(sh.text, sh.bold, sh.size)
				at := sh.points[0]
				left := at.x - map[anchor]float64{atStart: 0, atMiddle: w / 2, atEnd: w}[sh.anchor]
				b := box{left, left + w, at.y - sh.size*0.74, at.y + sh.size*0.21, sh.text}
				if b.left < 0 || b.right > s.width || b.top < 0 || b.bottom > s.height {
					t.Errorf("%s at %d: %q leaves the chart", name, size, sh.text)
				}
				for _, o := range boxes {
					if b.left < o.right && o.left < b.right && b.top < o.bottom && o.top < b.bottom {
						t.Errorf("%s at %d: %q runs into %q", name, size, sh.text, o.text)
					}
				}
				boxes = append(boxes, b)
			}
		}
	}
}

func TestHolesAndChangesAreFound(t *testing.T) {
	t.Parallel()
	s := byDay(samples()["full"])
	if diff := cmp.Diff([][2]int{{20, 26}}, s.holes); diff != "" {
		t.Errorf("holes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{16, 31, 48}, s.ownChanges); diff != "" {
		t.Errorf("own changes (-want +got):\n%s", diff)
	}
	if len(s.jumps) != 1 || s.jumps[0] != (jump{38, true}) {
		t.Errorf("jumps are %v, want one up on day 38", s.jumps)
	}
	if s.own[46].Valid || !s.own[45].Valid {
		t.Errorf("own price is drawn where it was not read")
	}
}

func TestTheLowestOwnPriceIsDrawn(t *testing.T) {
	t.Parallel()
	s := byDay(Data{From: noon(0), To: noon(2), Own: []Span{{noon(0), noon(2), dong(300)}, {noon(1), noon(1), dong(250)}, {noon(-5), noon(9), dong(400)}}})
	for day, want := range []int64{300, 250, 300} {
		if got := s.own[day]; !got.Valid || !got.Decimal.Equal(dong(want)) {
			t.Errorf("day %d: own price is %v, want %d", day, got, want)
		}
	}
}

func TestFewSourcesAreOneSource(t *testing.T) {
	t.Parallel()
	d := samples()["full"]
	for sources, want := range map[int]string{1: "một nguồn", 2: "một nguồn", 3: "3 nguồn", 4: "4 nguồn"} {
		d.Sources = sources
		if !strings.Contains(SVG(d, Page), "12 nơi bán · "+want+"<") {
			t.Errorf("%d sources: the chart does not say %q", sources, want)
		}
	}
}

func TestAxesAreRound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		low, high float64
		want      []float64
	}{
		{143_000, 153_000, []float64{142_000, 144_000, 146_000, 148_000, 150_000, 152_000, 154_000}},
		{250_000, 1_000_000, []float64{200_000, 400_000, 600_000, 800_000, 1_000_000}},
		{95_000, 95_000, []float64{93_000, 94_000, 95_000, 96_000, 97_000}},
		{6.2, 6.4, []float64{6.2, 6.25, 6.3, 6.35, 6.4}},
	} {
		got := priceTicks(c.low, c.high, 5)
		if diff := cmp.Diff(c.want, got, cmp.Comparer(func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 })); diff != "" {
			t.Errorf("%v to %v: ticks (-want +got):\n%s", c.low, c.high, diff)
		}
	}
	for v, want := range map[float64]string{185_000: "185k", 1_250_000: "1,25tr", 500: "500", 47_500: "47,5k", 0: "0"} {
		if got := axisAmount(v, "VND", "vi"); got != want {
			t.Errorf("%v is %q on the axis, want %q", v, got, want)
		}
	}
	if got := axisAmount(6.25, "USD", "en"); got != "6.25" {
		t.Errorf("6.25 USD is %q on the axis", got)
	}
}

func TestDatesFitTheirRoom(t *testing.T) {
	t.Parallel()
	for n := 1; n <= pricewatch.MaxDays; n = n*5/4 + 1 {
		for _, room := range []int{2, 5, 9, 14} {
			ticks := dateTicks(midnight(noon(0)), n, room)
			if len(ticks) > room+1 || len(ticks) == 0 && n > 62 {
				t.Errorf("%d days, room for %d: %d dates", n, room, len(ticks))
			}
			for i, tick := range ticks {
				if tick.day < 0 || tick.day >= n || i > 0 && tick.day <= ticks[i-1].day {
					t.Errorf("%d days: dates are %v", n, ticks)
					break
				}
			}
		}
	}
}

func TestPNGIsThePictureOfTheSVG(t *testing.T) {
	t.Parallel()
	data := samples()["full"]
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := PNG(b, data, Phone); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same data gave different pictures")
	}
	img, err := png.Decode(&first)
	if err != nil {
		t.Fatal(err)
	}
	s := draw(data, Phone)
	if b := img.Bounds(); b.Dx() != 2*int(s.width) || b.Dy() != 2*int(s.height) {
		t.Errorf("picture is %v, chart is %v × %v", b, s.width, s.height)
	}
	seen := map[[3]uint32]int{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			r, g, b, _ := img.At(x, y).RGBA()
			seen[[3]uint32{r >> 8, g >> 8, b >> 8}]++
		}
	}
	for name, color := range map[string][3]uint32{"band": {0xcf, 0xe6, 0xf5}, "own price": {0xc2, 0x4a, 0x00}, "median": {0x00, 0x59, 0x8c}, "text": {0x1a, 0x1a, 0x1a}} {
		if seen[color] < 100 {
			t.Errorf("%s: %d pixels have its colour", name, seen[color])
		}
	}
}

// A hole is hatched within its days, whatever its shape.
func TestHatchingStaysInItsBox(t *testing.T) {
	t.Parallel()
	for _, box := range [][2]float64{{100, 200}, {1, 200}, {26, 11}, {300, 5}} {
		lines := hatched(10, 20, box[0], box[1])
		if len(lines) < int((box[0]+box[1])/6)-1 {
			t.Errorf("%v: %d lines", box, len(lines))
		}
		for _, l := range lines {
			for _, p := range l.points {
				if p.x < 10-1e-9 || p.x > 10+box[0]+1e-9 || p.y < 20-1e-9 || p.y > 20+box[1]+1e-9 {
					t.Errorf("%v: a line reaches %v", box, p)
				}
			}
		}
	}
}

// The font that is built in writes every Vietnamese letter and sign that charts use.
func TestFontHasVietnamese(t *testing.T) {
	t.Parallel()
	const letters = "aàáảãạăằắẳẵặâầấẩẫậeèéẻẽẹêềếểễệiìíỉĩịoòóỏõọôồốổỗộơờớởỡợuùúủũụưừứửữựyỳýỷỹỵđ"
	for _, isBold := range []bool{false, true} {
		f := face(isBold, 12)
		for _, r := range letters + strings.ToUpper(letters) + "₫–·%²/" {
			if _, ok := f.GlyphAdvance(r); !ok {
				t.Errorf("bold %v: no %c", isBold, r)
			}
		}
	}
}
