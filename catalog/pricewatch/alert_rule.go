package pricewatch

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog/pricetext"
)

// AlertSettings are the key alerts of connectors.yaml. The tags are what
// decoding, schema and documentation come from.
type AlertSettings struct {
	Rules    []AlertRule `yaml:"rules" help:"what people want to be told"`
	Digest   string      `yaml:"digest" help:"when the one message of the day is sent, HH:MM Vietnamese time"`
	Quiet    string      `yaml:"quiet" help:"hours without any message, not even an urgent one, such as 21:00-07:00, Vietnamese time; \"\" = none"`
	Language string      `yaml:"language" enum:"vi,en" help:"language of groups whose rule or source names none"`
	File     string      `yaml:"file" help:"a file that messages are added to, relative to connectors.yaml; they are kept in the store in any case"`
}

// DefaultAlerts is what decoding writes over.
func DefaultAlerts() AlertSettings {
	return AlertSettings{Digest: "07:00", Quiet: "21:00-07:00", Language: "vi"}
}

// AlertKind is what a rule waits for.
type AlertKind string

// The kinds of alert.
const (
	Below        AlertKind = "below"         // the price is below a figure
	Above        AlertKind = "above"         // the price is above a figure
	Change       AlertKind = "change"        // up or down by a share since the last value
	ChangeMedian AlertKind = "change_median" // up or down by a share from the median of some days
	NewLow       AlertKind = "low"           // lower than in some days, or ever
	NewHigh      AlertKind = "high"          // higher than in some days, or ever
	BackInStock  AlertKind = "back_in_stock"
	SoldOut      AlertKind = "sold_out"
	Cheaper      AlertKind = "undercut" // a competitor asks less than our own listing by a share
	WideGap      AlertKind = "gap"      // shops ask more than growers get by a share
	Silent       AlertKind = "silent"   // a source was not read for some days
	NoPrice      AlertKind = "no_price" // a page stopped yielding a price
)

// AlertKinds lists all kinds.
var AlertKinds = []AlertKind{Below, Above, Change, ChangeMedian, NewLow, NewHigh, BackInStock, SoldOut, Cheaper, WideGap, Silent, NoPrice}

// AlertRule is one thing that somebody wants to be told. The zero value of a
// condition asks nothing.
type AlertRule struct {
	ID        string    `yaml:"id" required:"true" help:"name of the rule, never changed: lower-case letters, digits and hyphens, at most 40"`
	When      AlertKind `yaml:"when" required:"true" enum:"below,above,change,change_median,low,high,back_in_stock,sold_out,undercut,gap,silent,no_price" help:"what to wait for: below or above a price; change since the last value; change_median, from the median of days; low or high, of days; back_in_stock; sold_out; undercut, a competitor under our own listing; gap from farm gate to shop; silent, a source not read for days; no_price, a page that stopped yielding one"`
	Price     string    `yaml:"price" help:"below, above: the price with its unit, as people write it, such as 185.000 ₫/kg"`
	PercentBP int64     `yaml:"percent_bp" help:"change, change_median, undercut, gap: how much, in hundredths of a percent; 500 = 5 %"`
	Days      int       `yaml:"days" help:"change_median and silent: how many days; low and high: 30, 90 or 365, 0 = ever"`

	Source    string `yaml:"source" help:"only this source"`
	Commodity string `yaml:"commodity" help:"only this category code, such as honey"`
	Product   string `yaml:"product" help:"only prices of this product of ours"`
	Grade     string `yaml:"grade" help:"only this grade"`
	Region    string `yaml:"region" help:"only this region"`
	Side      Side   `yaml:"side" enum:"farm-gate,wholesale,retail,fob,futures" help:"only this side"`

	Group    string `yaml:"group" help:"id of the group that is told; the source's when empty"`
	Language string `yaml:"language" enum:"vi,en" help:"language of the message; the source's when empty"`
	Urgent   bool   `yaml:"urgent" help:"whether it is told at once, outside quiet hours, and not once a day"`
}

// Figure is what Price of the rule says: an amount per base unit.
type Figure struct {
	Per      decimal.Decimal
	BaseUnit string
	Currency string
}

// Figure reads the rule's price.
func (r AlertRule) Figure() (Figure, error) {
	read := pricetext.Read(r.Price, pricetext.Context{Currency: "VND"})
	if read.Kind != pricetext.Price || read.Qualifier != 0 || read.Unit.Base() == "" || read.Confidence < pricetext.Confident {
		return Figure{}, fmt.Errorf("price: %q is not one price with its unit; write it such as 185.000 ₫/kg", r.Price)
	}
	per, err := decimal.NewFromString(read.PerBaseMin.String())
	return Figure{per, read.Unit.Base(), read.Currency}, err
}

// share is the rule's percentage as a share of one.
func (r AlertRule) share() decimal.Decimal { return decimal.New(r.PercentBP, -4) }

var ruleID = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// check tells what is wrong with the rule; each error begins with its key.
func (r AlertRule) check() (problems []error) {
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if !ruleID.MatchString(r.ID) {
		bad("id: %q is not a rule id; use lower-case letters, digits and hyphens inside, at most 40", r.ID)
	}
	if !slices.Contains(AlertKinds, r.When) {
		bad("when: %q is no kind of alert", r.When)
	}
	if r.When == Below || r.When == Above {
		if _, err := r.Figure(); err != nil {
			problems = append(problems, err)
		}
	} else if r.Price != "" {
		bad("price: belongs to below and above only")
	}
	switch r.When {
	case Change, ChangeMedian, Cheaper, WideGap:
		if r.PercentBP <= 0 || (r.When == Cheaper && r.PercentBP >= 100_00) {
			bad("percent: must be above 0%%%s", map[bool]string{true: " and below 100%"}[r.When == Cheaper])
		}
	default:
		if r.PercentBP != 0 {
			bad("percent: belongs to change, change_median, undercut and gap only")
		}
	}
	switch r.When {
	case ChangeMedian, Silent:
		if r.Days < 1 || r.Days > 365 {
			bad("days: must be 1 to 365")
		}
	case NewLow, NewHigh:
		if !slices.Contains([]int{0, 30, 90, 365}, r.Days) {
			bad("days: must be 30, 90 or 365, or 0 for ever")
		}
	default:
		if r.Days != 0 {
			bad("days: belongs to change_median, low, high and silent only")
		}
	}
	return problems
}

// Check hands what is wrong with the settings to report; rule is the index of
// the rule that is meant, or -1, and then the error begins with its key.
func (a AlertSettings) Check(report func(rule int, err error)) {
	quiet, err := parseQuiet(a.Quiet)
	if err != nil {
		report(-1, err)
	}
	digest, err := parseClock(a.Digest)
	if err != nil {
		report(-1, fmt.Errorf("digest: %w", err))
	} else if quiet.holds(digest) {
		report(-1, fmt.Errorf("digest: %s is within the quiet hours %s; nothing would ever be sent", a.Digest, a.Quiet))
	}
	first := map[string]int{}
	for i, r := range a.Rules {
		if _, twice := first[r.ID]; twice && r.ID != "" {
			report(i, fmt.Errorf("id: %q is used twice", r.ID))
		}
		first[r.ID] = i
		for _, problem := range r.check() {
			report(i, problem)
		}
	}
}

// clock is a time of day in minutes.
type clock int

func parseClock(text string) (clock, error) {
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%q is no time of day such as 07:00", text)
	}
	return clock(t.Hour()*60 + t.Minute()), nil
}

// quietHours are from one time of day to another, often over midnight; equal
// ends are none.
type quietHours struct{ from, to clock }

var quietText = regexp.MustCompile(`^(\d\d:\d\d)-(\d\d:\d\d)$`)

func parseQuiet(text string) (quietHours, error) {
	if text == "" {
		return quietHours{}, nil
	}
	ends := quietText.FindStringSubmatch(text)
	if ends == nil {
		return quietHours{}, fmt.Errorf("quiet: %q are no hours such as 21:00-07:00", text)
	}
	from, err := parseClock(ends[1])
	to, err2 := parseClock(ends[2])
	if err := cmp.Or(err, err2); err != nil {
		return quietHours{}, fmt.Errorf("quiet: %w", err)
	}
	return quietHours{from, to}, nil
}

func (q quietHours) holds(t clock) bool {
	if q.from <= q.to {
		return q.from <= t && t < q.to
	}
	return t >= q.from || t < q.to
}

func clockOf(t time.Time) clock {
	t = t.In(Vietnam)
	return clock(t.Hour()*60 + t.Minute())
}
