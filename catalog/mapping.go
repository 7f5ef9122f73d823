package catalog

import (
	"cmp"
	"slices"
	"time"
)

// Mapping says what one of our categories, and those below it, is on a
// platform. A person accepted it; it serves every channel of that platform and
// region.
type Mapping struct {
	// ID is the platform's category, "" to take over that of the parent. Path
	// are its names when it was accepted, from the top.
	ID   string   `json:"id,omitempty"`
	Path []string `json:"path,omitempty"`
	// Attributes are sorted by ID.
	Attributes []AttributeMapping `json:"attributes,omitempty"`
	AcceptedAt time.Time          `json:"accepted_at"`
	AcceptedOn ChannelID          `json:"accepted_on,omitempty"` // the channel it was accepted for
}

// AttributeMapping says where the value of a platform's attribute comes from:
// from our attribute Ours where a product has it, else it is Value.
type AttributeMapping struct {
	ID    string `json:"id"` // the platform's
	Name  string `json:"name"`
	Ours  string `json:"ours,omitempty"`
	Value string `json:"value,omitempty"`
}

// With returns the mapping with an attribute added, or replaced by ID. One
// without Ours and Value is taken out.
func (m Mapping) With(a AttributeMapping) Mapping {
	m.Attributes = slices.DeleteFunc(slices.Clone(m.Attributes), func(b AttributeMapping) bool { return b.ID == a.ID })
	if a.Ours != "" || a.Value != "" {
		m.Attributes = append(m.Attributes, a)
	}
	slices.SortFunc(m.Attributes, func(a, b AttributeMapping) int { return cmp.Compare(a.ID, b.ID) })
	return m
}

// Mappings are all accepted mappings of one platform and region, by our
// category code.
type Mappings map[string]Mapping

// Category returns the platform's category of one of ours: that of the nearest
// mapped category on the way up. from is the code it was found at.
func (m Mappings) Category(code string) (id, from string, ok bool) {
	for _, code := range CategoryPath(code) {
		if one, mapped := m[code]; mapped && one.ID != "" {
			return one.ID, code, true
		}
	}
	return "", "", false
}

// Attributes returns what is mapped for one of our categories, by the
// platform's ID of the attribute, sorted: the nearest mapping of each on the
// way up.
func (m Mappings) Attributes(code string) []AttributeMapping {
	var list []AttributeMapping
	for _, code := range CategoryPath(code) {
		for _, a := range m[code].Attributes {
			if !slices.ContainsFunc(list, func(b AttributeMapping) bool { return b.ID == a.ID }) {
				list = append(list, a)
			}
		}
	}
	slices.SortFunc(list, func(a, b AttributeMapping) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
