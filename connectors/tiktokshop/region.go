package tiktokshop

import (
	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Region is the market with the version of its category tree.
func (s *shop) Region() string {
	if s.options.CategoryVersion == "v1" {
		return "vn-v1"
	}
	return "vn"
}

// Fills tells that the channel's options have a value for an attribute.
func (s *shop) Fills(_ catalog.Offer, a connectors.PlatformAttribute) bool {
	return s.options.Attributes[a.Name] != ""
}
