package shopee

import (
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Region is the market, which all its shops share the category tree of.
func (s *shop) Region() string { return "vn" }

// Fills tells that the channel's options have a value for an attribute, or the
// offer a brand that the category knows.
func (s *shop) Fills(offer catalog.Offer, attribute connectors.PlatformAttribute) bool {
	if attribute.ID == brandID {
		for name, id := range s.options.Brands {
			if id > 0 && offer.Brand != "" && catalog.Fold(name) == catalog.Fold(offer.Brand) {
				return true
			}
		}
		return offer.Brand != "" && attribute.Allows(offer.Brand)
	}
	for name, value := range s.options.Attributes {
		if attribute.Is(name) && strings.TrimSpace(value) != "" {
			return true
		}
	}
	return false
}
