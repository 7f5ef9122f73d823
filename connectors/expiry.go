package connectors

import "time"

// TokenPart is a part of a token that may end by itself.
type TokenPart string

// The parts of a token.
const (
	PartAccess  TokenPart = "access"
	PartRefresh TokenPart = "refresh"
	PartGrant   TokenPart = "grant" // the shop's authorisation itself
)

// ExpiryDays are how many days ahead the end of an access is told.
var ExpiryDays = []int{30, 7, 3, 1}

// Expiry is an end of access that a seller has to prevent by agreeing again.
type Expiry struct {
	Part TokenPart `json:"part"`
	At   time.Time `json:"at"`
	// Days is the smallest of [ExpiryDays] that is left at most; 0 = it has
	// ended.
	Days int `json:"days"`
}

// Expiring tells of the first end of access that is near, or that came already.
// What is renewed in the course of business is no end: an access token beside a
// refresh token, and whatever has most of its life before it. A day ahead of
// an access that lives an hour tells nobody anything.
func (t Token) Expiring(now time.Time) (expiry Expiry, near bool) {
	if t.AccessToken == "" {
		return Expiry{}, false
	}
	consider := func(part TokenPart, end, since time.Time) {
		if end.IsZero() || near && !end.Before(expiry.At) {
			return
		}
		const day = 24 * time.Hour
		life := time.Duration(1<<63 - 1)
		if !since.IsZero() {
			life = end.Sub(since)
		}
		if life <= day {
			return
		}
		if !now.Before(end) {
			expiry, near = Expiry{part, end, 0}, true
			return
		}
		for _, days := range ExpiryDays { // falling
			ahead := time.Duration(days) * day
			if end.Sub(now) <= ahead && ahead < life-life/10 {
				expiry, near = Expiry{part, end, days}, true
			}
		}
	}
	consider(PartGrant, t.GrantExpires, t.GrantSince)
	if t.RefreshToken != "" {
		consider(PartRefresh, t.RefreshExpires, t.RefreshSince)
	} else {
		consider(PartAccess, t.ExpiresAt, t.AccessSince)
	}
	return expiry, near
}

// sameEnd is how far apart two ends are that are one, told twice: platforms
// tell a remaining time in whole seconds or minutes.
const sameEnd = time.Hour

// after notes in a new token since when its parts have the ends that they have.
// One that a renewal moves is as old as the renewal.
func (t Token) after(old Token, now time.Time) Token {
	now = now.UTC().Truncate(time.Second)
	since := func(end, oldEnd, oldSince time.Time) time.Time {
		switch {
		case end.IsZero():
			return time.Time{}
		case !oldSince.IsZero() && end.Sub(oldEnd).Abs() < sameEnd:
			return oldSince
		}
		return now
	}
	t.AccessSince = since(t.ExpiresAt, old.ExpiresAt, old.AccessSince)
	t.RefreshSince = since(t.RefreshExpires, old.RefreshExpires, old.RefreshSince)
	t.GrantSince = since(t.GrantExpires, old.GrantExpires, old.GrantSince)
	return t
}
