package lazada

import (
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Region is the country: each has a category tree of its own.
func (s *shop) Region() string { return s.options.Country }

// Fills tells that the channel's options have a value for an attribute.
func (s *shop) Fills(_ catalog.Offer, a connectors.PlatformAttribute) bool {
	for name, value := range s.options.Attributes {
		if (strings.EqualFold(name, a.ID) || strings.EqualFold(name, a.Name)) && value != "" {
			return true
		}
	}
	return false
}
