package catalog

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// PlatformCategory is a node of a platform's category tree.
type PlatformCategory struct {
	ID     string `json:"id"`
	Parent string `json:"parent,omitempty"` // "" at the top
	Name   string `json:"name"`
	Leaf   bool   `json:"leaf,omitempty"` // products may be put here
}

// PlatformAttribute is a fact that a platform's category asks for.
type PlatformAttribute struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Required bool     `json:"required,omitempty"`
	Multiple bool     `json:"multiple,omitempty"`
	Values   []string `json:"values,omitempty"` // allowed values; empty = free text
	Units    []string `json:"units,omitempty"`  // allowed units; empty = none
}

// Is tells that a name means this attribute: the platform's ID of it, or its
// name whatever case and diacritics.
func (a PlatformAttribute) Is(name string) bool {
	return name == a.ID || Fold(name) == Fold(a.Name)
}

// Allows tells that a value may be given: every value of an attribute with
// free text, else one of the list, whatever case and diacritics. Where several
// are taken they stand between commas or semicolons.
func (a PlatformAttribute) Allows(value string) bool {
	if len(a.Values) == 0 || a.allowsOne(value) {
		return true
	}
	if !a.Multiple {
		return false
	}
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == ',' || r == ';' }) {
		if !a.allowsOne(part) {
			return false
		}
	}
	return true
}

func (a PlatformAttribute) allowsOne(value string) bool {
	value = Fold(strings.TrimSpace(value))
	return slices.ContainsFunc(a.Values, func(v string) bool { return Fold(strings.TrimSpace(v)) == value })
}

// some lists a few of the allowed values, for people.
func (a PlatformAttribute) some() string {
	const few = 8
	names := make([]string, 0, few+1)
	for _, v := range a.Values {
		if len(names) == few {
			names = append(names, "…")
			break
		}
		names = append(names, clip(v))
	}
	return strings.Join(names, ", ")
}

// Schema is what one category of a platform asks of its products.
type Schema struct {
	Category   string              `json:"category"`
	ReadAt     time.Time           `json:"read_at"`
	Attributes []PlatformAttribute `json:"attributes,omitempty"`
}

// Attribute finds an attribute by ID or name.
func (s Schema) Attribute(name string) (PlatformAttribute, bool) {
	for _, same := range []func(PlatformAttribute) bool{
		func(a PlatformAttribute) bool { return a.ID == name },
		func(a PlatformAttribute) bool { return a.Is(name) },
	} {
		if i := slices.IndexFunc(s.Attributes, same); i >= 0 {
			return s.Attributes[i], true
		}
	}
	return PlatformAttribute{}, false
}

// Taxonomy is a platform's category tree as it was read. It is not changed
// after [NewTaxonomy] and then safe for concurrent use.
type Taxonomy struct {
	readAt time.Time
	nodes  []taxon
	byID   map[string]int
}

// taxon is a node made quick to search: folded words with a blank on either
// side of each, of its name and of its whole path.
type taxon struct {
	PlatformCategory
	own, path string
	depth     int
}

// maxDepth bounds paths: a tree that names a node as its own ancestor ends
// there.
const maxDepth = 20

// NewTaxonomy makes a tree of its nodes, in any order. A node whose parent is
// not among them stands at the top; of two with one ID the later counts.
func NewTaxonomy(nodes []PlatformCategory, readAt time.Time) *Taxonomy {
	t := &Taxonomy{readAt: readAt, byID: make(map[string]int, len(nodes)), nodes: make([]taxon, 0, len(nodes))}
	for _, n := range nodes {
		if i, twice := t.byID[n.ID]; twice {
			t.nodes[i].PlatformCategory = n
			continue
		}
		t.byID[n.ID] = len(t.nodes)
		t.nodes = append(t.nodes, taxon{PlatformCategory: n})
	}
	for i := range t.nodes {
		path := t.Path(t.nodes[i].ID)
		t.nodes[i].own, t.nodes[i].path = wordsOf(t.nodes[i].Name), wordsOf(strings.Join(path, " "))
		t.nodes[i].depth = len(path)
	}
	return t
}

// wordsOf writes the folded words of a text, each between blanks.
func wordsOf(text string) string {
	return " " + strings.Join(strings.FieldsFunc(Fold(text), isSeparator), " ") + " "
}

// ReadAt is when the tree was read from the platform.
func (t *Taxonomy) ReadAt() time.Time { return t.readAt }

// Len is the number of its nodes.
func (t *Taxonomy) Len() int { return len(t.nodes) }

// Category returns the node with an ID, or the zero value with ok false.
func (t *Taxonomy) Category(id string) (c PlatformCategory, ok bool) {
	i, ok := t.byID[id]
	if !ok {
		return PlatformCategory{}, false
	}
	return t.nodes[i].PlatformCategory, true
}

// Path returns the names from the top down to a node; nil when there is none.
func (t *Taxonomy) Path(id string) []string {
	var path []string
	for len(path) < maxDepth {
		c, ok := t.Category(id)
		if !ok {
			break
		}
		path = append(path, c.Name)
		id = c.Parent
	}
	slices.Reverse(path)
	return path
}

// FoundCategory is a node with the names that lead to it.
type FoundCategory struct {
	PlatformCategory
	Path []string `json:"path"` // from the top, its own name last
}

// Search returns the categories in whose path all words of text occur, the
// last of them perhaps only begun; diacritics, đ and case are folded. Those
// that take products come first, then those that have more of the words in
// their own name, then the shorter names. A limit of 0 means all.
func (t *Taxonomy) Search(text string, limit int) []FoundCategory {
	words := QueryTokens(text)
	if len(words) == 0 {
		return nil
	}
	type hit struct {
		at, own int
	}
	var hits []hit
nodes:
	for i := range t.nodes {
		n := &t.nodes[i]
		own := 0
		for k, word := range words {
			sought := " " + word
			if k < len(words)-1 {
				sought += " "
			}
			if !strings.Contains(n.path, sought) {
				continue nodes
			}
			if strings.Contains(n.own, sought) {
				own++
			}
		}
		hits = append(hits, hit{i, own})
	}
	rank := func(leaf bool) int {
		if leaf {
			return 0
		}
		return 1
	}
	slices.SortFunc(hits, func(a, b hit) int {
		x, y := &t.nodes[a.at], &t.nodes[b.at]
		return cmp.Or(rank(x.Leaf)-rank(y.Leaf), b.own-a.own, len(x.own)-len(y.own), x.depth-y.depth, cmp.Compare(x.path, y.path), cmp.Compare(x.ID, y.ID))
	})
	if limit > 0 && len(hits) > limit {
		hits = hits[:limit]
	}
	found := make([]FoundCategory, len(hits))
	for i, h := range hits {
		found[i] = FoundCategory{t.nodes[h.at].PlatformCategory, t.Path(t.nodes[h.at].ID)}
	}
	return found
}

// Check tells what keeps an offer from being put into its category: that the
// category is not in the tree or takes no products, or that a required
// attribute has no value, or one that is not allowed. schema is what is known
// of the category, nil = nothing; fills tells of an attribute whether the
// connector has a value of its own for it. An offer without a category is not
// judged. Every issue is of severity error and says what to do.
func (t *Taxonomy) Check(offer Offer, schema *Schema, fills func(PlatformAttribute) bool) []Issue {
	if offer.Category == "" {
		return nil
	}
	id, channel := clip(offer.Category), string(offer.Channel)
	node, there := t.Category(offer.Category)
	if !there || !node.Leaf {
		code, vi, en := "category_vanished", "không còn trong cây danh mục của sàn", "is not in the platform's tree any more"
		if there {
			code, vi, en = "category_no_leaf", "không nhận sản phẩm nữa, chỉ các danh mục con nhận", "takes no products any more, only categories below it do"
		}
		return []Issue{newIssue(SeverityError, code, "category", "",
			"Danh mục %[1]q %[2]s. Hãy ghép danh mục khác: chophien categories suggest %[3]s, rồi chophien categories map %[3]s. Nếu sàn vừa thêm danh mục này: chophien categories pull %[3]s.",
			"Category %[1]q %[4]s. Map another one: chophien categories suggest %[3]s, then chophien categories map %[3]s. If the platform has just added it: chophien categories pull %[3]s.",
			id, vi, channel, en)}
	}
	if schema == nil {
		return nil
	}
	var issues []Issue
	for _, a := range schema.Attributes {
		if !a.Required {
			continue
		}
		value, given := "", false
		for _, own := range offer.Attributes {
			if a.Is(own.Name) && strings.TrimSpace(own.Value) != "" {
				value, given = own.Value, true
				break
			}
		}
		choice := a.some()
		if choice != "" {
			choice = " (" + choice + ")"
		}
		switch {
		case given && a.Allows(value), !given && fills != nil && fills(a):
		case given:
			issues = append(issues, newIssue(SeverityError, "attribute_value", "attributes["+clip(a.Name)+"]", "",
				"Sàn không nhận giá trị %[1]q cho thuộc tính bắt buộc %[2]q%[3]s. Hãy sửa thuộc tính của sản phẩm thành một giá trị được phép.",
				"The platform takes no value %[1]q for the required attribute %[2]q%[3]s. Change the product's attribute to an allowed value.",
				clip(value), clip(a.Name), choice))
		default:
			issues = append(issues, newIssue(SeverityError, "attribute_missing", "attributes["+clip(a.Name)+"]", "",
				"Danh mục %[1]s bắt buộc thuộc tính %[2]q%[3]s. Hãy thêm vào sản phẩm, hoặc đặt giá trị chung cho cả nhóm hàng: chophien categories map %[4]s MÃ_DANH_MỤC %[1]s --value \"%[2]s=…\".",
				"Category %[1]s requires the attribute %[2]q%[3]s. Add it to the product, or set a value for the whole family: chophien categories map %[4]s OUR_CODE %[1]s --value \"%[2]s=…\".",
				id, clip(a.Name), choice, channel))
		}
	}
	return issues
}
