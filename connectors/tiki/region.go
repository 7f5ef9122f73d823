package tiki

import (
	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Region is the one market that Tiki has.
func (s *shop) Region() string { return "vn" }

// Fills tells that an attribute follows from other parts of the offer, or has a
// value in the channel's options.
func (s *shop) Fills(offer catalog.Offer, a connectors.PlatformAttribute) bool {
	return firstOf(derivedFacts(&offer)[a.ID], s.options.Attributes[a.ID], plain[a.ID]) != ""
}
