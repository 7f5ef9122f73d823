package pricewatch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/chophien/chophien/catalog"
)

// walk tries one rule on one price after the other, an hour apart, and returns
// the steps at which it fired; 0 stands for a reading without a price.
func walk(r AlertRule, prices ...int64) []int {
	return walkEvery(r, time.Hour, prices...)
}

func walkEvery(r AlertRule, step time.Duration, prices ...int64) (fired []int) {
	states := AlertStates{}
	var old *Observation
	for i, per := range prices {
		s := Situation{Now: noon(0).Add(time.Duration(i) * step), Source: "a", Subject: honey, Old: old}
		if per > 0 {
			o := priced(honey, "a", 0, 0, per)
			s.New = &o
		}
		if len(Try([]AlertRule{r}, states, s)) > 0 {
			fired = append(fired, i)
		}
		if s.New != nil {
			old = s.New
		}
	}
	return fired
}

func TestThresholdsFireWithHysteresis(t *testing.T) {
	t.Parallel()
	below := AlertRule{ID: "r", When: Below, Price: "300k/lít"}
	above := AlertRule{ID: "r", When: Above, Price: "300.000 ₫/lít"}
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		rule   AlertRule
		step   time.Duration
		prices []int64
		want   []int
	}{
		"crosses once":                      {below, time.Hour, []int64{310_000, 290_000, 290_000, 295_000}, []int{1}},
		"on the line is not below":          {below, time.Hour, []int64{310_000, 300_000}, nil},
		"the first observation is not told": {below, time.Hour, []int64{290_000, 290_000, 292_000}, nil},
		"but a fall from it is":             {below, time.Hour, []int64{290_000, 289_000}, []int{1}},
		"falls further":                     {below, time.Hour, []int64{310_000, 290_000, 280_000, 285_000, 270_000}, []int{1, 2, 4}},
		"back, less than 2 % past":          {below, time.Hour, []int64{310_000, 290_000, 305_999, 290_000}, []int{1}},
		"back 2 % past":                     {below, time.Hour, []int64{310_000, 290_000, 306_000, 295_000}, []int{1, 3}},
		"another price after 24 h":          {below, day, []int64{310_000, 290_000, 295_000}, []int{1, 2}},
		"the same price after 24 h":         {below, day, []int64{310_000, 290_000, 290_000, 290_000}, []int{1}},
		"nothing read between":              {below, time.Hour, []int64{310_000, 0, 290_000}, []int{2}},
		"rises above":                       {above, time.Hour, []int64{290_000, 310_000, 305_000, 320_000, 294_001, 310_000, 294_000, 301_000}, []int{1, 3, 7}},
	} {
		if diff := cmp.Diff(c.want, walkEvery(c.rule, c.step, c.prices...)); diff != "" {
			t.Errorf("%s: fired at (-want +got):\n%s", name, diff)
		}
	}
}

func TestChangesFireInBothDirections(t *testing.T) {
	t.Parallel()
	r := AlertRule{ID: "r", When: Change, PercentBP: 10_00}
	for name, c := range map[string]struct {
		prices []int64
		want   []int
	}{
		"up":                 {[]int64{100_000, 110_000}, []int{1}},
		"just not up":        {[]int64{100_000, 109_999}, nil},
		"down":               {[]int64{100_000, 90_000}, []int{1}},
		"just not down":      {[]int64{100_000, 90_001}, nil},
		"up, then down":      {[]int64{100_000, 115_000, 100_000}, []int{1, 2}},
		"up, then down, up":  {[]int64{100_000, 115_000, 100_000, 112_000}, []int{1, 2, 3}},
		"little by little":   {[]int64{100_000, 105_000, 110_000, 115_000}, nil},
		"first, then steady": {[]int64{100_000, 100_000, 100_000}, nil},
	} {
		if diff := cmp.Diff(c.want, walk(r, c.prices...)); diff != "" {
			t.Errorf("%s: fired at (-want +got):\n%s", name, diff)
		}
	}
}

// Whatever the price does, a threshold fires exactly when a price past the line
// is the furthest since it was armed, or another one 24 hours later.
func TestHysteresisHoldsForAnyPrices(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const line = 300_000
		prices := rapid.SliceOfN(rapid.Int64Range(280_000, 320_000), 1, 40).Draw(t, "prices")
		hours := rapid.Int64Range(1, 30).Draw(t, "hours")
		fired := map[int]bool{}
		for _, i := range walkEvery(AlertRule{ID: "r", When: Below, Price: "300k/lít"}, time.Duration(hours)*time.Hour, prices...) {
			fired[i] = true
		}
		lowest, at, armed := int64(0), 0, true // since it was armed: what was told (or known at first), and when
		for i, per := range prices {
			if per >= line*102/100 {
				armed = true
			}
			late := !armed && int64(i-at)*hours >= 24 && per != lowest
			want := per < line && (armed || per < lowest || late)
			if fired[i] != (want && i > 0) {
				t.Fatalf("prices %v every %d h: step %d fired is %v, want %v", prices, hours, i, fired[i], want && i > 0)
			}
			if want {
				lowest, at, armed = per, i, false
			}
		}
	})
}

func rolled(from, to int, median, low, high int64) (days []Day) {
	for d := from; d <= to; d++ {
		days = append(days, Day{Date: Date(noon(d)), Median: dong(median), Min: dong(low), Max: dong(high), Sellers: 1, Sources: 1})
	}
	return days
}

func TestOtherRules(t *testing.T) {
	t.Parallel()
	at := func(s Subject, per int64) *Observation {
		o := priced(s, "a", 100, 100, per)
		return &o
	}
	doubtful := func(per int64, flags ...string) *Observation {
		o := flagged(*at(honey, per), flags...)
		return &o
	}
	shop := pepper
	shop.Side = Retail
	gap, _ := GapOf(bandOf(pepper, 10, 3, 146_000), bandOf(shop, 10, 3, 292_000))
	trouble := catalog.Text{VI: "Không thấy giá.", EN: "No price."}
	own := decimal.NewNullDecimal(dong(300_000))
	for name, c := range map[string]struct {
		rule AlertRule
		s    Situation
		want bool
	}{
		"far from the median":                 {AlertRule{When: ChangeMedian, PercentBP: 10_00, Days: 30}, Situation{Subject: honey, Old: at(honey, 320_000), New: at(honey, 330_000), Days: rolled(50, 99, 300_000, 1, 9)}, true},
		"not far enough":                      {AlertRule{When: ChangeMedian, PercentBP: 10_00, Days: 30}, Situation{Subject: honey, Old: at(honey, 320_000), New: at(honey, 329_999), Days: rolled(50, 99, 300_000, 1, 9)}, false},
		"the median of old days":              {AlertRule{When: ChangeMedian, PercentBP: 10_00, Days: 30}, Situation{Subject: honey, Old: at(honey, 320_000), New: at(honey, 330_000), Days: rolled(0, 69, 300_000, 1, 9)}, false},
		"lowest in 30 days":                   {AlertRule{When: NewLow, Days: 30}, Situation{Subject: honey, Old: at(honey, 320_000), New: at(honey, 299_999), Days: append(rolled(0, 69, 1, 200_000, 9), rolled(70, 99, 1, 300_000, 9)...)}, true},
		"as low before":                       {AlertRule{When: NewLow, Days: 30}, Situation{Subject: honey, Old: at(honey, 320_000), New: at(honey, 300_000), Days: rolled(0, 99, 1, 300_000, 9)}, false},
		"lower 90 days ago":                   {AlertRule{When: NewLow, Days: 90}, Situation{Subject: honey, Old: at(honey, 320_000), New: at(honey, 299_999), Days: append(rolled(0, 20, 1, 200_000, 9), rolled(70, 99, 1, 300_000, 9)...)}, false},
		"known for 29 days only":              {AlertRule{When: NewLow, Days: 30}, Situation{Subject: honey, Old: at(honey, 320_000), New: at(honey, 299_999), Days: rolled(71, 99, 1, 300_000, 9)}, false},
		"highest ever":                        {AlertRule{When: NewHigh}, Situation{Subject: honey, Old: at(honey, 320_000), New: at(honey, 400_001), Days: rolled(98, 99, 1, 1, 400_000)}, true},
		"high before":                         {AlertRule{When: NewHigh}, Situation{Subject: honey, Old: at(honey, 320_000), New: at(honey, 400_000), Days: rolled(98, 99, 1, 1, 400_000)}, false},
		"highest, first observation":          {AlertRule{When: NewHigh}, Situation{Subject: honey, New: at(honey, 400_001), Days: rolled(98, 99, 1, 1, 400_000)}, false},
		"competitor 10 % under":               {AlertRule{When: Cheaper, PercentBP: 10_00}, Situation{Subject: honey, Old: at(honey, 320_000), New: at(honey, 270_000), Own: own}, true},
		"competitor not so far under":         {AlertRule{When: Cheaper, PercentBP: 10_00}, Situation{Subject: honey, Old: at(honey, 320_000), New: at(honey, 270_001), Own: own}, false},
		"no listing of our own":               {AlertRule{When: Cheaper, PercentBP: 10_00}, Situation{Subject: honey, Old: at(honey, 320_000), New: at(honey, 270_000)}, false},
		"gap beyond":                          {AlertRule{When: WideGap, PercentBP: 99_00}, Situation{Subject: pepper, Gap: &gap}, true},
		"gap not beyond":                      {AlertRule{When: WideGap, PercentBP: 100_00}, Situation{Subject: pepper, Gap: &gap}, false},
		"silent for 3 days":                   {AlertRule{When: Silent, Days: 3}, Situation{LastRead: noon(97)}, true},
		"read 2 days ago":                     {AlertRule{When: Silent, Days: 3}, Situation{LastRead: noon(98)}, false},
		"never read":                          {AlertRule{When: Silent, Days: 3}, Situation{}, false},
		"stopped yielding a price":            {AlertRule{When: NoPrice}, Situation{LastRead: noon(99), Problem: trouble}, true},
		"never gave a price":                  {AlertRule{When: NoPrice}, Situation{Problem: trouble}, false},
		"an outlier rings no alarm":           {AlertRule{When: Above, Price: "400k/lít"}, Situation{Subject: honey, Old: at(honey, 320_000), New: doubtful(900_000, FlagOutlier)}, false},
		"nor a slip":                          {AlertRule{When: Change, PercentBP: 10_00}, Situation{Subject: honey, Old: at(honey, 320_000), New: doubtful(32_000, FlagJump, FlagSlip)}, false},
		"a confirmed one does":                {AlertRule{When: Above, Price: "400k/lít"}, Situation{Subject: honey, Old: at(honey, 320_000), New: doubtful(900_000, FlagOutlier, FlagConfirmed)}, true},
		"nothing is compared with a doubt":    {AlertRule{When: Change, PercentBP: 10_00}, Situation{Subject: honey, Old: doubtful(900_000, FlagJump), New: at(honey, 320_000)}, false},
		"nor with another market":             {AlertRule{When: Change, PercentBP: 10_00}, Situation{Subject: honey, Old: at(pepper, 900_000), New: at(honey, 320_000)}, false},
		"a figure per kg says nothing of lít": {AlertRule{When: Below, Price: "400k/kg"}, Situation{Subject: honey, Old: at(honey, 500_000), New: at(honey, 320_000)}, false},
		"nor one in dollars":                  {AlertRule{When: Below, Price: "400 USD/lít"}, Situation{Subject: honey, Old: at(honey, 500), New: at(honey, 320)}, false},
		"another source":                      {AlertRule{When: Below, Price: "400k/lít", Source: "b"}, Situation{Source: "a", Subject: honey, Old: at(honey, 500_000), New: at(honey, 320_000)}, false},
		"another commodity":                   {AlertRule{When: Below, Price: "400k/lít", Commodity: "tea"}, Situation{Subject: honey, Old: at(honey, 500_000), New: at(honey, 320_000)}, false},
		"another side":                        {AlertRule{When: Below, Price: "400k/lít", Side: FarmGate}, Situation{Subject: honey, Old: at(honey, 500_000), New: at(honey, 320_000)}, false},
		"the commodity that is meant":         {AlertRule{When: Below, Price: "400k/lít", Commodity: "honey", Side: Retail}, Situation{Subject: honey, Old: at(honey, 500_000), New: at(honey, 320_000)}, true},
	} {
		c.rule.ID, c.s.Now = "r", noon(100)
		states := AlertStates{}
		if got := len(Try([]AlertRule{c.rule}, states, c.s)) > 0; got != c.want {
			t.Errorf("%s: fired is %v, want %v", name, got, c.want)
		}
		// Told once: the same situation an hour later is no news.
		c.s.Now = c.s.Now.Add(time.Hour)
		if c.s.New != nil {
			c.s.Old = c.s.New
		}
		if len(Try([]AlertRule{c.rule}, states, c.s)) > 0 {
			t.Errorf("%s: fired twice", name)
		}
	}
}

func TestStockIsToldWhenItChanges(t *testing.T) {
	t.Parallel()
	both := []AlertRule{{ID: "out", When: SoldOut}, {ID: "back", When: BackInStock}}
	for name, c := range map[string]struct {
		seen []string
		want []string
	}{
		"sells out":              {[]string{"InStock", "OutOfStock", "OutOfStock"}, []string{"1 out"}},
		"sold out at first":      {[]string{"SoldOut", "OutOfStock"}, nil},
		"is back":                {[]string{"Discontinued", "LimitedAvailability", "InStock"}, []string{"1 back"}},
		"both ways":              {[]string{"InStock", "SoldOut", "InStock", "SoldOut"}, []string{"1 out", "2 back", "3 out"}},
		"not told in between":    {[]string{"InStock", "", "SoldOut"}, []string{"2 out"}},
		"nothing known about it": {[]string{"", "", ""}, nil},
	} {
		states := AlertStates{}
		var fired []string
		for i, availability := range c.seen {
			o := priced(honey, "a", i, i, 300_000)
			o.Availability = availability
			for _, a := range Try(both, states, Situation{Now: noon(i), Source: "a", Subject: honey, New: &o}) {
				fired = append(fired, fmt.Sprint(i, " ", a.Rule))
			}
		}
		if diff := cmp.Diff(c.want, fired); diff != "" {
			t.Errorf("%s: fired (-want +got):\n%s", name, diff)
		}
	}
}

func TestANewRuleTellsOfNoOldMove(t *testing.T) {
	t.Parallel()
	rules := []AlertRule{{ID: "r", When: Change, PercentBP: 5_00}, {ID: "b", When: Below, Price: "300k/lít"}}
	old, moved := priced(honey, "a", 0, 9, 320_000), priced(honey, "a", 10, 30, 290_000)
	try := func(at time.Time) (fired []string) {
		for _, a := range Try(rules, AlertStates{}, Situation{Now: at, Subject: honey, Old: &old, New: &moved}) {
			fired = append(fired, a.Rule)
		}
		return fired
	}
	if diff := cmp.Diff([]string{"r", "b"}, try(moved.SeenAt.Add(News))); diff != "" {
		t.Errorf("within two days: fired (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b"}, try(moved.SeenAt.Add(News+1))); diff != "" {
		t.Errorf("later: fired (-want +got):\n%s", diff)
	}
	moved.Flags = []string{FlagJump, FlagConfirmed}
	if diff := cmp.Diff([]string{"r", "b"}, try(moved.SeenAt.Add(News+1))); diff != "" {
		t.Errorf("confirmed later: fired (-want +got):\n%s", diff)
	}
}

func TestTroubleIsToldAgainOnlyAfterItEnded(t *testing.T) {
	t.Parallel()
	states, rules := AlertStates{}, []AlertRule{{ID: "r", When: NoPrice}}
	trouble := catalog.Text{VI: "Không thấy giá.", EN: "No price."}
	var fired []int
	for i, problem := range []catalog.Text{{}, trouble, trouble, trouble, {}, trouble} {
		if len(Try(rules, states, Situation{Now: noon(2 * i), Source: "a", LastRead: noon(0), Problem: problem})) > 0 {
			fired = append(fired, i)
		}
	}
	if diff := cmp.Diff([]int{1, 5}, fired); diff != "" {
		t.Errorf("fired at (-want +got):\n%s", diff)
	}
}

func TestStatesOfItemsThatAreGoneAreForgotten(t *testing.T) {
	t.Parallel()
	states := AlertStates{"old": {Fired: true, At: noon(0)}, "new": {Fired: true, At: noon(9)}}
	states.Forget(noon(5))
	if _, ok := states["new"]; !ok || len(states) != 1 {
		t.Errorf("states are %v, want only the new one", states)
	}
}

func TestRulesAreValidated(t *testing.T) {
	t.Parallel()
	good := AlertRule{ID: "re-qua", When: Below, Price: "185.000 ₫/kg"}
	for name, c := range map[string]struct {
		change func(*AlertSettings)
		want   string // "" = valid
	}{
		"good":                      {func(a *AlertSettings) {}, ""},
		"price in other words":      {func(a *AlertSettings) { a.Rules[0].Price = "1,2 triệu/lít" }, ""},
		"no quiet hours":            {func(a *AlertSettings) { a.Quiet = "" }, ""},
		"price without unit":        {func(a *AlertSettings) { a.Rules[0].Price = "185.000 ₫" }, "price: "},
		"price of nothing":          {func(a *AlertSettings) { a.Rules[0].Price = "" }, "price: "},
		"a range":                   {func(a *AlertSettings) { a.Rules[0].Price = "150-180k/kg" }, "price: "},
		"an open price":             {func(a *AlertSettings) { a.Rules[0].Price = "từ 150k/kg" }, "price: "},
		"no id":                     {func(a *AlertSettings) { a.Rules[0].ID = "" }, "id: "},
		"id with a slash":           {func(a *AlertSettings) { a.Rules[0].ID = "a/b" }, "id: "},
		"twice":                     {func(a *AlertSettings) { a.Rules = append(a.Rules, good) }, "used twice"},
		"unknown kind":              {func(a *AlertSettings) { a.Rules[0] = AlertRule{ID: "a", When: "cheap"} }, "when: "},
		"change without percent":    {func(a *AlertSettings) { a.Rules[0] = AlertRule{ID: "a", When: Change} }, "percent: "},
		"negative percent":          {func(a *AlertSettings) { a.Rules[0] = AlertRule{ID: "a", When: Change, PercentBP: -1} }, "percent: "},
		"undercut by all":           {func(a *AlertSettings) { a.Rules[0] = AlertRule{ID: "a", When: Cheaper, PercentBP: 100_00} }, "percent: "},
		"gap of 150 %":              {func(a *AlertSettings) { a.Rules[0] = AlertRule{ID: "a", When: WideGap, PercentBP: 150_00} }, ""},
		"percent of below":          {func(a *AlertSettings) { a.Rules[0].PercentBP = 5_00 }, "percent: "},
		"days of below":             {func(a *AlertSettings) { a.Rules[0].Days = 5 }, "days: "},
		"price of change":           {func(a *AlertSettings) { a.Rules[0] = AlertRule{ID: "a", When: Change, PercentBP: 1, Price: "1k/kg"} }, "price: "},
		"low in 31 days":            {func(a *AlertSettings) { a.Rules[0] = AlertRule{ID: "a", When: NewLow, Days: 31} }, "days: "},
		"low ever":                  {func(a *AlertSettings) { a.Rules[0] = AlertRule{ID: "a", When: NewLow} }, ""},
		"silent at once":            {func(a *AlertSettings) { a.Rules[0] = AlertRule{ID: "a", When: Silent} }, "days: "},
		"digest in the quiet hours": {func(a *AlertSettings) { a.Digest = "06:59" }, "digest: "},
		"digest at 25 o'clock":      {func(a *AlertSettings) { a.Digest = "25:00" }, "digest: "},
		"quiet for ever":            {func(a *AlertSettings) { a.Quiet = "night" }, "quiet: "},
		"quiet at 25 o'clock":       {func(a *AlertSettings) { a.Quiet = "25:00-07:00" }, "quiet: "},
	} {
		a := DefaultAlerts()
		a.Rules = []AlertRule{good}
		c.change(&a)
		var problems []string
		a.Check(func(rule int, err error) { problems = append(problems, err.Error()) })
		switch {
		case (len(problems) == 0) != (c.want == ""):
			t.Errorf("%s: problems are %q, want %q", name, problems, c.want)
		case c.want != "" && (!strings.Contains(problems[0], c.want) || len(problems) != 1):
			t.Errorf("%s: problems are %q, want one with %q", name, problems, c.want)
		}
	}
}

func TestAlertsTellValuesSourceLinkTimeAndProof(t *testing.T) {
	t.Parallel()
	states := AlertStates{}
	old, next := priced(honey, "a", 0, 1, 320_000), priced(honey, "a", 2, 2, 290_000)
	next.Name, next.Evidence.Text = "Mật ong mẫu", "Giá:\n290.000đ/lít\x1b[2J"
	s := Situation{Now: noon(2), Source: "a", Title: "Chợ mẫu", Subject: honey, Old: &old, New: &next, Own: decimal.NewNullDecimal(dong(330_000)), OwnName: "web",
		Days: rolled(-40, 1, 320_000, 300_000, 350_000), LastRead: noon(-5), Problem: catalog.Text{VI: "Hãy mở trang xem.", EN: "Look at the page."}}
	heads := map[string][2]string{}
	rules := []AlertRule{
		{ID: "below", When: Below, Price: "300k/lít"}, {ID: "above", When: Above, Price: "200k/lít"}, {ID: "change", When: Change, PercentBP: 5_00},
		{ID: "median", When: ChangeMedian, PercentBP: 5_00, Days: 30}, {ID: "low", When: NewLow, Days: 30}, {ID: "ever", When: NewLow},
		{ID: "under", When: Cheaper, PercentBP: 10_00}, {ID: "silent", When: Silent, Days: 3}, {ID: "none", When: NoPrice},
	}
	for _, a := range Try(rules, states, s) {
		vi := a.Lines()
		a.Language = "en"
		heads[a.Rule] = [2]string{vi[0], a.Lines()[0]}
		wantProof := []string{"Đọc lúc 12:00 03/10/2026: “Giá: 290.000đ/lít [2J”", "https://mau.example/a"}
		if a.Rule == "silent" || a.Rule == "none" {
			continue
		}
		if diff := cmp.Diff(wantProof, vi[1:]); diff != "" {
			t.Errorf("%s: proof (-want +got):\n%s", a.Rule, diff)
		}
	}
	want := map[string][2]string{
		"below":  {"Mật ong mẫu · Chợ mẫu: giá GIẢM 320.000 ₫ → 290.000 ₫/lít (-9,4 %), dưới mức 300.000 ₫/lít.", "Mật ong mẫu · Chợ mẫu: the price FELL 320.000 ₫ → 290.000 ₫/litre (-9.4 %), below 300.000 ₫/litre."},
		"above":  {"Mật ong mẫu · Chợ mẫu: giá GIẢM 320.000 ₫ → 290.000 ₫/lít (-9,4 %), trên mức 200.000 ₫/lít.", "Mật ong mẫu · Chợ mẫu: the price FELL 320.000 ₫ → 290.000 ₫/litre (-9.4 %), above 200.000 ₫/litre."},
		"change": {"Mật ong mẫu · Chợ mẫu: giá GIẢM 320.000 ₫ → 290.000 ₫/lít (-9,4 %).", "Mật ong mẫu · Chợ mẫu: the price FELL 320.000 ₫ → 290.000 ₫/litre (-9.4 %)."},
		"median": {"Mật ong mẫu · Chợ mẫu: giá GIẢM 320.000 ₫ → 290.000 ₫/lít (-9,4 %), lệch nhiều so với giá giữa 30 ngày qua.", "Mật ong mẫu · Chợ mẫu: the price FELL 320.000 ₫ → 290.000 ₫/litre (-9.4 %), far from the median of 30 days."},
		"low":    {"Mật ong mẫu · Chợ mẫu: giá GIẢM 320.000 ₫ → 290.000 ₫/lít (-9,4 %), thấp nhất trong 30 ngày.", "Mật ong mẫu · Chợ mẫu: the price FELL 320.000 ₫ → 290.000 ₫/litre (-9.4 %), the lowest in 30 days."},
		"ever":   {"Mật ong mẫu · Chợ mẫu: giá GIẢM 320.000 ₫ → 290.000 ₫/lít (-9,4 %), thấp nhất từ trước đến nay.", "Mật ong mẫu · Chợ mẫu: the price FELL 320.000 ₫ → 290.000 ₫/litre (-9.4 %), the lowest ever."},
		"under":  {"Mật ong mẫu · Chợ mẫu: giá GIẢM 320.000 ₫ → 290.000 ₫/lít (-9,4 %), rẻ hơn giá của mình 330.000 ₫/lít (web).", "Mật ong mẫu · Chợ mẫu: the price FELL 320.000 ₫ → 290.000 ₫/litre (-9.4 %), below our own 330.000 ₫/litre (web)."},
		"silent": {"Chợ mẫu: đã 7 ngày không đọc được (lần cuối 26/09/2026).", "Chợ mẫu: not read for 7 days (last on 26/09/2026)."},
		"none":   {"Mật ong mẫu · Chợ mẫu: trang không còn cho đọc giá. Hãy mở trang xem.", "Mật ong mẫu · Chợ mẫu: the page gives no price any more. Look at the page."},
	}
	if diff := cmp.Diff(want, heads); diff != "" {
		t.Errorf("headlines (-want +got):\n%s", diff)
	}
}

func alertOf(group, item string, at time.Time, urgent bool) Alert {
	return Alert{Rule: "r", When: Change, Group: group, Language: "vi", Item: item, Source: "a", At: at, Urgent: urgent}
}

func TestDigestsComeOnceADayAndNeverInQuietHours(t *testing.T) {
	t.Parallel()
	settings := DefaultAlerts()
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 10, day, hour, minute, 0, 0, Vietnam) }
	for name, c := range map[string]struct {
		alerts []Alert
		now    time.Time
		want   []string // items that are told
	}{
		"raised yesterday, told at seven":  {[]Alert{alertOf("g", "a", at(1, 9, 0), false)}, at(2, 7, 0), []string{"a"}},
		"not before seven":                 {[]Alert{alertOf("g", "a", at(1, 9, 0), false)}, at(2, 6, 59), nil},
		"nor the same evening":             {[]Alert{alertOf("g", "a", at(1, 9, 0), false)}, at(1, 20, 0), nil},
		"told at ten when it was down":     {[]Alert{alertOf("g", "a", at(1, 9, 0), false), alertOf("g", "b", at(2, 9, 0), false)}, at(2, 10, 0), []string{"a"}},
		"urgent at once":                   {[]Alert{alertOf("g", "a", at(1, 9, 0), true), alertOf("g", "b", at(1, 9, 0), false)}, at(1, 9, 0), []string{"a"}},
		"urgent until nine in the evening": {[]Alert{alertOf("g", "a", at(1, 9, 0), true)}, at(1, 20, 59), []string{"a"}},
		"urgent waits in quiet hours":      {[]Alert{alertOf("g", "a", at(1, 21, 0), true)}, at(1, 21, 0), nil},
		"and after midnight":               {[]Alert{alertOf("g", "a", at(1, 21, 0), true)}, at(2, 6, 59), nil},
		"until seven":                      {[]Alert{alertOf("g", "a", at(1, 21, 0), true)}, at(2, 7, 0), []string{"a"}},
	} {
		var box Outbox
		box.Put(c.alerts...)
		digests, next := box.Due(settings, c.now)
		var told []string
		for _, d := range digests {
			for _, a := range d.Alerts {
				told = append(told, a.Item)
			}
		}
		if diff := cmp.Diff(c.want, told); diff != "" {
			t.Errorf("%s: told (-want +got):\n%s", name, diff)
		}
		if len(next.Waiting) != len(c.alerts)-len(told) {
			t.Errorf("%s: %d wait, want %d", name, len(next.Waiting), len(c.alerts)-len(told))
		}
	}
}

// Whatever is raised when, every alert is told once, no group gets two digests
// on a day, and nobody is woken.
func TestOutboxTellsEverythingOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		settings := DefaultAlerts()
		var box Outbox
		told, raised := map[string]int{}, 0
		daily := map[string]int{}
		for step := range 24 * 6 {
			now := time.Date(2026, 10, 1, step, rapid.IntRange(0, 59).Draw(t, "minute"), 0, 0, Vietnam)
			if step < 24*4 {
				for range rapid.IntRange(0, 2).Draw(t, "alerts") {
					raised++
					box.Put(alertOf(rapid.SampledFrom([]string{"g", "h"}).Draw(t, "group"), fmt.Sprint(raised), now, rapid.Bool().Draw(t, "urgent")))
				}
			}
			var digests []Digest
			digests, box = box.Due(settings, now)
			for _, d := range digests {
				if hour := now.Hour(); hour >= 21 || hour < 7 {
					t.Fatalf("told at %v", now)
				}
				if !d.Urgent {
					daily[d.Group+Date(now)]++
				}
				for _, a := range d.Alerts {
					told[a.Item]++
				}
			}
		}
		for item := range raised {
			if n := told[fmt.Sprint(item+1)]; n != 1 {
				t.Fatalf("alert %d was told %d times", item+1, n)
			}
		}
		for day, n := range daily {
			if n > 1 {
				t.Fatalf("%d digests of %s", n, day)
			}
		}
	})
}

func TestALaterAlertTellsTheWholeWay(t *testing.T) {
	t.Parallel()
	first, second := alertOf("g", "a", noon(0), false), alertOf("g", "a", noon(0).Add(time.Hour), false)
	first.Old, first.New = decimal.NewNullDecimal(dong(320_000)), decimal.NewNullDecimal(dong(290_000))
	second.Old, second.New = decimal.NewNullDecimal(dong(290_000)), decimal.NewNullDecimal(dong(280_000))
	var box Outbox
	box.Put(first)
	box.Put(second)
	if len(box.Waiting) != 1 || !box.Waiting[0].Old.Decimal.Equal(dong(320_000)) || !box.Waiting[0].New.Decimal.Equal(dong(280_000)) {
		t.Errorf("waiting is %+v, want one alert from 320000 to 280000", box.Waiting)
	}
}

func TestOutboxAndMessagesAreBounded(t *testing.T) {
	t.Parallel()
	var box Outbox
	for i := range MaxWaiting + 10 {
		box.Put(alertOf("g", fmt.Sprint(i), noon(0), false))
	}
	if len(box.Waiting) != MaxWaiting || box.Waiting[0].Item != "10" {
		t.Errorf("%d wait, the first is %s", len(box.Waiting), box.Waiting[0].Item)
	}
	digests, _ := box.Due(DefaultAlerts(), noon(2))
	text := digests[0].Text("Nhóm mẫu")
	if !strings.HasPrefix(text, "Giá thị trường ngày 03/10/2026 – Nhóm mẫu\n\n1. ") || !strings.HasSuffix(text, "… và 1960 tin nữa: chophien alerts list\n") {
		t.Errorf("message begins %q and ends %q", text[:80], text[len(text)-80:])
	}
}
