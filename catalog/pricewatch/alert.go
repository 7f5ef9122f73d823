package pricewatch

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/catalog"
)

// Rearm is how long a rule that fired stays quiet about a price that does not
// move further.
const Rearm = 24 * time.Hour

// News is how old a move of a price may be to be told, so that a new rule does
// not tell of old moves.
const News = 48 * time.Hour

// isMove tells that the kind is about a price that moved, and not about one
// that is somewhere.
func (k AlertKind) isMove() bool {
	return k == Change || k.NeedsDays()
}

// NeedsDays tells that the kind needs [Situation.Days].
func (k AlertKind) NeedsDays() bool { return k == ChangeMedian || k == NewLow || k == NewHigh }

// rearmShare is how far past its line a price has to move back before a rule
// that fired waits for it anew.
var rearmShare = decimal.New(2, -2)

// Situation is what rules are tried on: one reading of one item of a source,
// or, for gaps, a market.
type Situation struct {
	Now time.Time
	// Source, Item and Subject tell what is meant; Title is what people call
	// the source; Group and Language are the source's.
	Source, Item, Title, Group, Language string
	Subject                              Subject
	// Old is the last value before New that was not in doubt, nil at the first.
	Old *Observation
	New *Observation // nil when nothing was read
	// Days are the roll-ups of this item before New, oldest first; they may
	// reach back further than any rule asks.
	Days []Day
	// Own is our own price per base unit on the channel OwnName, in the
	// currency and base unit of Subject.
	Own     decimal.NullDecimal
	OwnName string
	Gap     *Gap
	// LastRead is when the source last gave what it should, the zero time =
	// never. Problem tells why it does not, empty = it does.
	LastRead time.Time
	Problem  catalog.Text
}

// key tells situations apart that a rule keeps a state for.
func (s Situation) key() string { return s.Source + "/" + s.Item + "/" + s.Subject.Market().Key() }

// AlertState is what a rule remembers of one item. The zero value is a rule
// that never fired. It is a value that the caller stores.
type AlertState struct {
	Fired bool            `json:"fired,omitempty"`
	Up    bool            `json:"up,omitempty"` // the direction in which it fired
	Line  decimal.Decimal `json:"line,omitzero"`
	Mark  decimal.Decimal `json:"mark,omitzero"` // where the price was
	At    time.Time       `json:"at,omitzero"`
}

// AlertStates are the states of all rules, by rule and item.
type AlertStates map[string]AlertState

// Alert is one thing to tell somebody.
type Alert struct {
	Rule     string    `json:"rule"`
	When     AlertKind `json:"when"`
	Group    string    `json:"group,omitempty"`
	Language string    `json:"language"`
	Urgent   bool      `json:"urgent,omitempty"`
	At       time.Time `json:"at"`

	Source  string  `json:"source"`
	Item    string  `json:"item,omitempty"`
	Title   string  `json:"title,omitempty"`
	Name    string  `json:"name,omitempty"`
	Subject Subject `json:"subject"`

	Old  decimal.NullDecimal `json:"old,omitzero"` // per base unit
	New  decimal.NullDecimal `json:"new,omitzero"`
	Line decimal.NullDecimal `json:"line,omitzero"` // the figure, median, low, high or own price it was measured by
	Up   bool                `json:"up,omitempty"`
	Days int                 `json:"days,omitempty"`

	URL     string       `json:"url,omitempty"`
	SeenAt  time.Time    `json:"seen_at,omitzero"`
	Raw     string       `json:"raw,omitempty"` // the text that was read, as proof
	Flags   []string     `json:"flags,omitempty"`
	Detail  catalog.Text `json:"detail,omitzero"`
	OwnName string       `json:"own_name,omitempty"`
}

// Forget drops states older than before, of items that are gone.
func (s AlertStates) Forget(before time.Time) {
	maps.DeleteFunc(s, func(_ string, state AlertState) bool { return state.At.Before(before) })
}

// Try tries rules on a situation. It returns what is to be told now and changes
// states. Nothing is told of the first observation, nor of a price in doubt.
func Try(rules []AlertRule, states AlertStates, s Situation) (alerts []Alert) {
	for _, r := range rules {
		if !r.Concerns(s) {
			continue
		}
		key := r.ID + "/" + s.key()
		before := states[key]
		state, alert := r.try(before, s)
		if state != before {
			states[key] = state
		}
		if state == (AlertState{}) {
			delete(states, key)
		}
		if alert != nil {
			alerts = append(alerts, *alert)
		}
	}
	return alerts
}

// Concerns tells whether the rule's conditions hold for the situation.
func (r AlertRule) Concerns(s Situation) bool {
	for _, c := range [][2]string{
		{r.Source, s.Source}, {r.Commodity, s.Subject.Commodity}, {r.Product, s.Subject.Product},
		{r.Grade, s.Subject.Grade}, {r.Region, s.Subject.Region}, {string(r.Side), string(s.Subject.Side)},
	} {
		if c[0] != "" && c[0] != c[1] {
			return false
		}
	}
	return true
}

func (r AlertRule) try(state AlertState, s Situation) (AlertState, *Alert) {
	switch r.When {
	case Silent:
		silent := !s.LastRead.IsZero() && s.Now.Sub(s.LastRead) >= time.Duration(r.Days)*24*time.Hour
		return r.once(state, s, silent)
	case NoPrice:
		return r.once(state, s, !s.LastRead.IsZero() && s.Problem != (catalog.Text{}))
	case BackInStock, SoldOut:
		return r.stock(state, s)
	case WideGap:
		if s.Gap == nil {
			return state, nil
		}
		return r.cross(state, s, s.Gap.Markup, false, []line{{r.share(), true, s.Gap.Markup.GreaterThan(r.share())}})
	}
	if s.New == nil || s.New.Doubtful() {
		return state, nil
	}
	per, ok := s.New.Per()
	if !ok {
		return state, nil
	}
	old := s.Old
	if old != nil && (old.Doubtful() || old.Subject.Market() != s.New.Subject.Market()) {
		old = nil
	}
	if r.When.isMove() && s.Now.Sub(s.New.SeenAt) > News && !slices.Contains(s.New.Flags, FlagConfirmed) {
		return state, nil
	}
	return r.cross(state, s, per, old == nil, r.lines(s, per, old))
}

// line is a figure, the direction in which it matters, and whether the value
// is past it.
type line struct {
	at  decimal.Decimal
	up  bool
	hit bool
}

// lines are the figures that the rule measures a price by.
func (r AlertRule) lines(s Situation, per decimal.Decimal, old *Observation) []line {
	one := decimal.New(1, 0)
	around := func(base decimal.Decimal) []line {
		top, bottom := base.Mul(one.Add(r.share())), base.Mul(one.Sub(r.share()))
		return []line{{top, true, per.GreaterThanOrEqual(top)}, {bottom, false, per.LessThanOrEqual(bottom)}}
	}
	switch r.When {
	case Below, Above:
		figure, err := r.Figure()
		if err != nil || figure.BaseUnit != s.New.Subject.BaseUnit || figure.Currency != s.New.Subject.Currency {
			return nil
		}
		if r.When == Below {
			return []line{{figure.Per, false, per.LessThan(figure.Per)}}
		}
		return []line{{figure.Per, true, per.GreaterThan(figure.Per)}}
	case Change:
		if old == nil {
			return nil
		}
		if before, ok := old.Per(); ok && before.IsPositive() {
			return around(before)
		}
	case ChangeMedian:
		if days := r.window(s, r.Days); len(days) > 0 {
			medians := make([]decimal.Decimal, len(days))
			for i, d := range days {
				medians[i] = d.Median
			}
			slices.SortFunc(medians, decimal.Decimal.Cmp)
			return around(quantile(medians, 2))
		}
	case NewLow, NewHigh:
		days := s.Days
		if r.Days > 0 {
			// A low of 90 days needs to know what was 90 days ago.
			if len(days) == 0 || days[0].Date > dateOf(dayOf(s.Now)-r.Days) {
				return nil
			}
			days = r.window(s, r.Days)
		}
		if len(days) == 0 {
			return nil
		}
		if r.When == NewLow {
			low := slices.MinFunc(days, func(a, b Day) int { return a.Min.Cmp(b.Min) }).Min
			return []line{{low, false, per.LessThan(low)}}
		}
		high := slices.MaxFunc(days, func(a, b Day) int { return a.Max.Cmp(b.Max) }).Max
		return []line{{high, true, per.GreaterThan(high)}}
	case Cheaper:
		if s.Own.Valid {
			bottom := s.Own.Decimal.Mul(one.Sub(r.share()))
			return []line{{bottom, false, per.LessThanOrEqual(bottom)}}
		}
	}
	return nil
}

// window are the roll-ups of the last days, without today.
func (r AlertRule) window(s Situation, days int) []Day {
	first := dateOf(dayOf(s.Now) - days)
	i, _ := slices.BinarySearchFunc(s.Days, first, func(d Day, date string) int { return cmp.Compare(d.Date, date) })
	return s.Days[i:]
}

// cross fires when value is past one of the lines. It fires again only when the
// value moves further the same way, or, after it moved back 2 % past the line or
// after 24 hours, when another value is past it. A first value past the line is
// known from then on, and not told.
func (r AlertRule) cross(state AlertState, s Situation, value decimal.Decimal, first bool, lines []line) (AlertState, *Alert) {
	if len(lines) == 0 {
		return state, nil
	}
	rearmed := !state.Fired
	if state.Fired {
		back := state.Line.Mul(rearmShare)
		if state.Up && value.LessThanOrEqual(state.Line.Sub(back)) || !state.Up && value.GreaterThanOrEqual(state.Line.Add(back)) {
			state, rearmed = AlertState{}, true
		} else if s.Now.Sub(state.At) >= Rearm {
			rearmed = !value.Equal(state.Mark)
		}
	}
	for _, l := range lines {
		if !l.hit {
			continue
		}
		further := state.Up == l.up && (l.up && value.GreaterThan(state.Mark) || !l.up && value.LessThan(state.Mark))
		if !rearmed && state.Up == l.up && !further {
			continue
		}
		state = AlertState{Fired: true, Up: l.up, Line: l.at, Mark: value, At: s.Now}
		if first {
			return state, nil
		}
		alert := r.alert(s)
		alert.Up = l.up
		alert.Line = decimal.NewNullDecimal(l.at)
		switch r.When {
		case WideGap:
			alert.New, alert.Detail = decimal.NewNullDecimal(value), s.Gap.Text()
		case Cheaper:
			alert.Line = s.Own
		}
		return state, &alert
	}
	return state, nil
}

// once fires when something begins to be wrong, and not again before it ended.
func (r AlertRule) once(state AlertState, s Situation, wrong bool) (AlertState, *Alert) {
	if !wrong {
		return AlertState{}, nil
	}
	if state.Fired {
		return state, nil
	}
	alert := r.alert(s)
	alert.Detail, alert.SeenAt = s.Problem, s.LastRead
	return AlertState{Fired: true, At: s.Now}, &alert
}

// stock fires when something sells out or is back. Up of the state tells
// whether it was sold out when it was last looked at.
func (r AlertRule) stock(state AlertState, s Situation) (AlertState, *Alert) {
	if s.New == nil || s.New.Availability == "" {
		return state, nil
	}
	out := Out(s.New.Availability)
	if state.Fired && state.Up == out {
		return state, nil
	}
	known := state.Fired
	state = AlertState{Fired: true, Up: out, At: s.Now}
	if !known || out != (r.When == SoldOut) {
		return state, nil
	}
	alert := r.alert(s)
	return state, &alert
}

// alert tells the situation.
func (r AlertRule) alert(s Situation) Alert {
	a := Alert{
		Rule: r.ID, When: r.When, Urgent: r.Urgent, At: s.Now, Group: cmp.Or(r.Group, s.Group), Language: cmp.Or(r.Language, s.Language, "vi"),
		Source: s.Source, Item: s.Item, Title: cmp.Or(s.Title, s.Source), Subject: s.Subject, Days: r.Days, OwnName: s.OwnName,
	}
	if s.Old != nil {
		a.Old = perOf(*s.Old)
		a.Name, a.URL = s.Old.Name, s.Old.URL
	}
	if s.New != nil {
		a.New = perOf(*s.New)
		a.Name, a.URL, a.SeenAt, a.Raw = s.New.Name, s.New.URL, s.New.LastSeenAt, s.New.Evidence.Text
		a.Flags = s.New.Flags
	}
	return a
}

func perOf(o Observation) decimal.NullDecimal {
	per, ok := o.Per()
	return decimal.NullDecimal{Decimal: per, Valid: ok}
}
