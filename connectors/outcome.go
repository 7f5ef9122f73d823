package connectors

import (
	"errors"
	"time"

	"github.com/chophien/chophien/catalog"
)

// OutcomeKind is what became of a write, for one item. The set is closed.
type OutcomeKind string

// The outcomes.
const (
	Applied   OutcomeKind = "applied"   // definitely carried out
	Unchanged OutcomeKind = "unchanged" // was so already
	Rejected  OutcomeKind = "rejected"  // definitely refused; the same again would be refused again
	Gone      OutcomeKind = "gone"      // the listing is not there any more
	Conflict  OutcomeKind = "conflict"  // something else has the SKU, or it was changed meanwhile: read again
	Deferred  OutcomeKind = "deferred"  // with Remote: accepted and decided later; without: not carried out, not possible before Until
	Unknown   OutcomeKind = "unknown"   // may or may not have been carried out: look it up by SKU, never create again
)

// Outcome is the result of one write for one item.
type Outcome struct {
	Kind OutcomeKind
	// Remote is what the platform's answer showed of the listing, if it did.
	// It tells IDs and fingerprints; that something is live is only ever
	// concluded from a read.
	Remote *catalog.Remote
	Until  time.Time // of Deferred: when to look again; zero = next run
	// Issues tell a person why, for Rejected, Conflict and Deferred, and may
	// warn in an Applied outcome.
	Issues []catalog.Issue
	// Err is the classified cause of Rejected, Gone, Conflict and Unknown.
	Err error
}

// Done tells that the write needs no further look: applied or unchanged.
func (o Outcome) Done() bool { return o.Kind == Applied || o.Kind == Unchanged }

// OutcomeOf turns the error of a single write into its outcome: nil is Applied,
// a lost answer is Unknown, and every error that came before the platform could
// have acted is the outcome of its kind. retry is true when nothing was carried
// out and the same write may be sent again (rate limit, authorisation,
// cancelled before sending): the caller returns err for the whole call or
// Deferred for the item.
func OutcomeOf(err error) (outcome Outcome, retry bool) {
	if err == nil {
		return Outcome{Kind: Applied}, false
	}
	if IsLost(err) {
		return Outcome{Kind: Unknown, Err: err}, false
	}
	outcome = Outcome{Err: err}
	switch KindOf(err) {
	case Validation, Fatal:
		outcome.Kind = Rejected
	case NotFound:
		outcome.Kind = Gone
	case Clash:
		outcome.Kind = Conflict
	case RateLimited, Auth, Canceled, Transient:
		outcome.Kind = Deferred
		if e := (*Error)(nil); errors.As(err, &e) && e.RetryAfter > 0 {
			outcome.Until = time.Now().Add(e.RetryAfter)
		}
		return outcome, true
	default:
		outcome.Kind = Unknown
	}
	return outcome, false
}
