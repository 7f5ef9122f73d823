package connectors

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const day = 24 * time.Hour

func TestExpiryIsToldDaysAhead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	in := func(d time.Duration) time.Time { return now.Add(d) }
	none := Expiry{}
	for name, test := range map[string]struct {
		token Token
		want  Expiry
	}{
		"no token":            {Token{GrantExpires: in(day)}, none},
		"never ends":          {Token{AccessToken: "a"}, none},
		"31 days":             {Token{AccessToken: "a", GrantExpires: in(31 * day)}, none},
		"30 days":             {Token{AccessToken: "a", GrantExpires: in(30 * day)}, Expiry{PartGrant, in(30 * day), 30}},
		"8 days":              {Token{AccessToken: "a", GrantExpires: in(8 * day)}, Expiry{PartGrant, in(8 * day), 30}},
		"7 days":              {Token{AccessToken: "a", GrantExpires: in(7 * day)}, Expiry{PartGrant, in(7 * day), 7}},
		"3 days":              {Token{AccessToken: "a", GrantExpires: in(3*day - time.Minute)}, Expiry{PartGrant, in(3*day - time.Minute), 3}},
		"a day":               {Token{AccessToken: "a", GrantExpires: in(day)}, Expiry{PartGrant, in(day), 1}},
		"ended":               {Token{AccessToken: "a", GrantExpires: in(0)}, Expiry{PartGrant, in(0), 0}},
		"refresh":             {Token{AccessToken: "a", RefreshToken: "r", RefreshExpires: in(2 * day), GrantExpires: in(20 * day)}, Expiry{PartRefresh, in(2 * day), 3}},
		"the first counts":    {Token{AccessToken: "a", RefreshToken: "r", RefreshExpires: in(20 * day), GrantExpires: in(2 * day)}, Expiry{PartGrant, in(2 * day), 3}},
		"access is renewed":   {Token{AccessToken: "a", RefreshToken: "r", ExpiresAt: in(time.Hour)}, none},
		"access alone":        {Token{AccessToken: "a", ExpiresAt: in(2 * day), AccessSince: in(-5 * day)}, Expiry{PartAccess, in(2 * day), 3}},
		"an hour's access":    {Token{AccessToken: "a", ExpiresAt: in(time.Minute), AccessSince: in(-59 * time.Minute)}, none},
		"that has ended":      {Token{AccessToken: "a", ExpiresAt: in(-time.Minute), AccessSince: in(-61 * time.Minute)}, none},
		"just renewed":        {Token{AccessToken: "a", RefreshToken: "r", RefreshExpires: in(30*day - time.Hour), RefreshSince: in(-time.Hour)}, none},
		"renewed, then idle":  {Token{AccessToken: "a", RefreshToken: "r", RefreshExpires: in(7 * day), RefreshSince: in(-23 * day)}, Expiry{PartRefresh, in(7 * day), 7}},
		"a year's grant":      {Token{AccessToken: "a", GrantExpires: in(29 * day), GrantSince: in(-336 * day)}, Expiry{PartGrant, in(29 * day), 30}},
		"two weeks, just now": {Token{AccessToken: "a", GrantExpires: in(14 * day), GrantSince: now}, none},
		"two weeks, half":     {Token{AccessToken: "a", GrantExpires: in(7 * day), GrantSince: in(-7 * day)}, Expiry{PartGrant, in(7 * day), 7}},
	} {
		got, near := test.token.Expiring(now)
		if diff := cmp.Diff(test.want, got); diff != "" || near != (test.want != none) {
			t.Errorf("%s: near %t (-want +got):\n%s", name, near, diff)
		}
	}
}

// A renewal that moves an end makes it new; one that does not leaves it as old
// as it is, so that its days run out.
func TestRenewalsThatMoveTheEnd(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)
	fixed, rolling := now.Add(60*day), now.Add(30*day)
	token := Token{AccessToken: "a", RefreshToken: "r", RefreshExpires: rolling, GrantExpires: fixed}.after(Token{}, now)
	for at := now; at.Before(fixed); at = at.Add(4 * time.Hour) {
		if e, near := token.Expiring(at); near && e.Part != PartGrant {
			t.Fatalf("%s: the refresh token is renewed all the time, yet %+v", at, e)
		}
		next := Token{AccessToken: "b", RefreshToken: "s", RefreshExpires: at.Add(30 * day), GrantExpires: fixed.Add(time.Minute)}
		token = next.after(token, at)
	}
	if token.GrantSince != now || token.RefreshSince == now || !token.AccessSince.IsZero() {
		t.Errorf("known since: %v %v %v", token.GrantSince, token.RefreshSince, token.AccessSince)
	}
	if e, near := token.Expiring(fixed.Add(-2 * day)); !near || e.Part != PartGrant || e.Days != 3 {
		t.Errorf("two days before the end: %+v %t", e, near)
	}
	// The store does it.
	var tokens MemoryTokens
	stored, err := tokens.Replace(t.Context(), Token{}, func(context.Context, Token) (Token, error) {
		return Token{AccessToken: "a", GrantExpires: time.Now().Add(60 * day)}, nil
	})
	if err != nil || stored.GrantSince.IsZero() {
		t.Errorf("stored without since: %v, %v", stored.GrantSince, err)
	}
}
