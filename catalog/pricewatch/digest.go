package pricewatch

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// MaxWaiting is the most alerts that wait for a digest; beyond it the oldest
// are given up.
const MaxWaiting = 2000

// maxShown is the most alerts that one message shows.
const maxShown = 40

// Outbox holds alerts until they may be told. It is a value that the caller
// stores.
type Outbox struct {
	Waiting []Alert `json:"waiting,omitempty"`
	// Sent is the slot of the last digest of a group and language.
	Sent map[string]time.Time `json:"sent,omitempty"`
	// Sending are messages that were taken out and are not known to be out.
	Sending []Digest `json:"sending,omitempty"`
}

// Put adds alerts. One that waits already for the same rule and item gets the
// new value and keeps the old one, so that a message tells the whole way.
func (b *Outbox) Put(alerts ...Alert) {
	for _, a := range alerts {
		i := slices.IndexFunc(b.Waiting, func(w Alert) bool {
			return w.Rule == a.Rule && w.Source == a.Source && w.Item == a.Item && w.Subject == a.Subject && w.to() == a.to() && w.Urgent == a.Urgent
		})
		if i < 0 {
			b.Waiting = append(b.Waiting, a)
			continue
		}
		a.Old, a.At = b.Waiting[i].Old, b.Waiting[i].At
		b.Waiting[i] = a
	}
	b.Waiting = b.Waiting[max(0, len(b.Waiting)-MaxWaiting):]
}

// to is who an alert is for.
func (a Alert) to() string { return a.Group + "/" + a.Language }

// Digest is one message to a group.
type Digest struct {
	Group    string    `json:"group,omitempty"`
	Language string    `json:"language"`
	At       time.Time `json:"at"`
	Urgent   bool      `json:"urgent,omitempty"`
	Alerts   []Alert   `json:"alerts"`
}

// ID names the digest so that newer ones sort behind older ones.
func (d Digest) ID() string {
	kind := "day"
	if d.Urgent {
		kind = "urgent"
	}
	return d.At.UTC().Format("20060102T150405.000") + "/" + cmp.Or(d.Group, "-") + "/" + d.Language + "/" + kind
}

// Due takes out what may be told now: urgent alerts at once, and for each group
// and language, once a day when the time of the digest has passed, all that was
// raised before it. Nothing is due in quiet hours. Settings that are not valid
// count as the default ones. b is not changed; next is b without what is due,
// which the caller stores as being sent.
func (b Outbox) Due(settings AlertSettings, now time.Time) (digests []Digest, next Outbox) {
	quiet, err := parseQuiet(settings.Quiet)
	at, err2 := parseClock(settings.Digest)
	if err != nil || err2 != nil {
		quiet, at = quietHours{21 * 60, 7 * 60}, 7*60
	}
	next = Outbox{Sent: map[string]time.Time{}, Sending: slices.Clone(b.Sending)}
	for to, slot := range b.Sent {
		if now.Sub(slot) < 48*time.Hour {
			next.Sent[to] = slot
		}
	}
	if quiet.holds(clockOf(now)) {
		next.Waiting = slices.Clone(b.Waiting)
		return nil, next
	}
	local := now.In(Vietnam)
	slot := time.Date(local.Year(), local.Month(), local.Day(), int(at)/60, int(at)%60, 0, 0, Vietnam)
	if slot.After(now) {
		slot = slot.AddDate(0, 0, -1)
	}
	open := map[string]*Digest{}
	for _, a := range b.Waiting {
		key := a.to()
		if !a.Urgent && (a.At.After(slot) || !b.Sent[key].Before(slot)) {
			next.Waiting = append(next.Waiting, a)
			continue
		}
		if !a.Urgent {
			next.Sent[key] = slot
		} else {
			key += "!"
		}
		if open[key] == nil {
			open[key] = &Digest{Group: a.Group, Language: a.Language, At: now, Urgent: a.Urgent}
		}
		open[key].Alerts = append(open[key].Alerts, a)
	}
	for _, key := range slices.Sorted(maps.Keys(open)) {
		digests = append(digests, *open[key])
	}
	return digests, next
}

// Text writes the message. groupName is what people call the group, "" when
// there is none.
func (d Digest) Text(groupName string) string {
	title := "Giá thị trường ngày %s"
	switch {
	case d.Language == "en" && d.Urgent:
		title = "Market prices, urgent, %s"
	case d.Language == "en":
		title = "Market prices of %s"
	case d.Urgent:
		title = "Giá thị trường, tin gấp %s"
	}
	format := "02/01/2006"
	if d.Urgent {
		format = "15:04 02/01/2006"
	}
	var text strings.Builder
	fmt.Fprintf(&text, title, d.At.In(Vietnam).Format(format))
	if groupName != "" {
		text.WriteString(" – " + groupName)
	}
	text.WriteString("\n")
	for i, a := range d.Alerts {
		if i == maxShown {
			more := "\n… và %d tin nữa: chophien alerts list\n"
			if d.Language == "en" {
				more = "\n… and %d more: chophien alerts list\n"
			}
			fmt.Fprintf(&text, more, len(d.Alerts)-i)
			break
		}
		lines := a.Lines()
		fmt.Fprintf(&text, "\n%d. %s\n", i+1, lines[0])
		for _, line := range lines[1:] {
			text.WriteString("   " + line + "\n")
		}
	}
	return text.String()
}
