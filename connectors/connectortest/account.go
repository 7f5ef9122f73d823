package connectortest

import (
	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/connectors"
)

func accountChecks() []check {
	return []check{
		{"check tells whose shop it is", nil, checkAccount},
		{"bad credentials are an auth error", nil, checkBadCredentials},
		{"nothing is written with bad credentials", []string{"publish"}, checkBadPublish},
	}
}

// The account's ID is how a channel notices that it is suddenly connected to a
// different shop (I14), so it must be there and stay.
func checkAccount(b *bench) {
	first, err := b.Channel.Connector.Check(b.Context())
	if err != nil {
		b.Fatalf("check: %v", err)
	}
	if first.ID == "" {
		b.Error("the account has no ID")
	}
	again, err := b.Channel.Connector.Check(b.Context())
	if err != nil {
		b.Fatalf("check again: %v", err)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		b.Errorf("the account changed between two checks (-first +again):\n%s", diff)
	}
}

func checkBadCredentials(b *bench) {
	b = open(b.T, b.h, true)
	if _, err := b.Channel.Connector.Check(b.Context()); connectors.KindOf(err) != connectors.Auth {
		b.Errorf("check: got %q (%v), want auth", connectors.KindOf(err), err)
	}
}

func checkBadPublish(b *bench) {
	b = open(b.T, b.h, true)
	offer := b.offer(0)
	outcomes, err := b.Channel.Publisher.Publish(b.Context(), []connectors.Publication{creation(offer)})
	if err == nil && len(outcomes) == 1 {
		err = outcomes[0].Err
		if outcomes[0].Done() {
			b.Errorf("publish: got %s", show(outcomes[0]))
		}
	}
	if connectors.KindOf(err) != connectors.Auth {
		b.Errorf("publish: got %q (%v), want auth", connectors.KindOf(err), err)
	}
	if there := b.Shop.Listings(); len(there) != 0 {
		b.Errorf("the shop has %d listings, want none", len(there))
	}
}
