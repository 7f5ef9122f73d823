package shopee

import (
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Region is the market, which all its shops share the category tree of.
func (s *shop) Region() string { return "vn" }

// Fills tells that the channel's options have a value for an attribute.
func (s *shop) Fills(_ catalog.Offer, attribute connectors.PlatformAttribute) bool {
	for name, value := range s.options.Attributes {
		if attribute.Is(name) && strings.TrimSpace(value) != "" {
			return true
		}
	}
	return false
}
