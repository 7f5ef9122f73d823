package scheduler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
)

// ErrMapping is a mapping that cannot be accepted; the error says why and what
// to do.
var ErrMapping = errors.New("not accepted")

// MapOptions of [Engine.MapCategory], beside the category.
type MapOptions struct {
	// Attributes map our attribute names to the platform's, by ID or name.
	Attributes map[string]string
	// Values are given to attributes of the platform, by ID or name, where a
	// product has none.
	Values map[string]string
	// Remove takes the mapping of our category away; all else is then ignored.
	Remove bool
}

// MapCategory accepts what one of our categories is on the channel's platform,
// for all channels of that platform and region. An empty category keeps the one
// that is mapped, or that of a parent, and only changes attributes; an
// attribute mapped to "", or a value of "", is taken out. Nothing is stored
// unless all of it is right: our category exists, the platform's takes
// products, the attributes are its own and the values allowed. The attributes
// are read from the platform unless they are stored.
func (e *Engine) MapCategory(ctx context.Context, id catalog.ChannelID, ours, category string, options MapOptions) (catalog.Mapping, error) {
	c, err := e.browser(id)
	if err != nil {
		return catalog.Mapping{}, err
	}
	own, ok := catalog.FindCategory(ours)
	if !ok {
		return catalog.Mapping{}, fmt.Errorf("%w: there is no category %q of ours", ErrMapping, ours)
	}
	_, _, scope := region(c)
	v, err := e.vocabulary(ctx, c)
	if err != nil {
		return catalog.Mapping{}, err
	}
	if v.Tree == nil {
		return catalog.Mapping{}, fmt.Errorf("channel %s: %w: run: chophien categories pull %s", id, ErrNoTree, id)
	}
	var mapping catalog.Mapping
	_, err = catalog.Modify(ctx, e.store, catalog.KindMapping, scope, func(m *catalog.Mappings) (err error) {
		if *m == nil {
			*m = catalog.Mappings{}
		}
		if options.Remove {
			mapping = (*m)[own.Code]
			delete(*m, own.Code)
			return nil
		}
		mapping, err = e.mapped(ctx, c, v.Tree, *m, own, category, options)
		(*m)[own.Code] = mapping
		return err
	})
	if err != nil {
		return mapping, fmt.Errorf("map category %s on channel %s: %w", own.Code, id, err)
	}
	return mapping, nil
}

// mapped is the mapping that was asked for, or why it cannot be.
func (e *Engine) mapped(ctx context.Context, c *channel, tree *catalog.Taxonomy, known catalog.Mappings, own catalog.Category, category string, options MapOptions) (catalog.Mapping, error) {
	mapping := known[own.Code]
	if category != "" && category != mapping.ID {
		// Attributes belong to the category that they were mapped for.
		mapping = catalog.Mapping{ID: category, Path: tree.Path(category)}
	}
	target := mapping.ID
	if target == "" {
		target, _, _ = known.Category(own.Code)
	}
	if target == "" {
		return mapping, fmt.Errorf("%w: %s is not mapped to a category yet; name one", ErrMapping, own.Code)
	}
	switch node, there := tree.Category(target); {
	case !there:
		return mapping, fmt.Errorf("%w: %s has no category %q; look for one: chophien categories search %s TEXT", ErrMapping, c.Info.Title, target, c.ID())
	case !node.Leaf:
		return mapping, fmt.Errorf("%w: category %q (%s) takes no products; choose one below it: chophien categories search %s %q", ErrMapping, target, strings.Join(tree.Path(target), " > "), c.ID(), node.Name)
	}
	schema, err := e.Schema(ctx, c.ID(), target, false)
	if err != nil {
		return mapping, err
	}
	add := func(theirs string, change func(*catalog.AttributeMapping)) error {
		a, known := schema.Attribute(theirs)
		if !known {
			return fmt.Errorf("%w: category %s has no attribute %q; see: chophien categories show %s %s", ErrMapping, target, theirs, c.ID(), target)
		}
		one := catalog.AttributeMapping{ID: a.ID, Name: a.Name}
		if i := slices.IndexFunc(mapping.Attributes, func(m catalog.AttributeMapping) bool { return m.ID == a.ID }); i >= 0 {
			one = mapping.Attributes[i]
		}
		change(&one)
		if one.Value != "" && !a.Allows(one.Value) {
			return fmt.Errorf("%w: attribute %q takes no value %q; see: chophien categories show %s %s", ErrMapping, a.Name, one.Value, c.ID(), target)
		}
		mapping = mapping.With(one)
		return nil
	}
	for name, theirs := range options.Attributes {
		if theirs == "" {
			for _, one := range slices.Clone(mapping.Attributes) {
				if one.Ours == name {
					one.Ours = ""
					mapping = mapping.With(one)
				}
			}
			continue
		}
		if err := add(theirs, func(m *catalog.AttributeMapping) { m.Ours = name }); err != nil {
			return mapping, err
		}
	}
	for theirs, value := range options.Values {
		if err := add(theirs, func(m *catalog.AttributeMapping) { m.Value = strings.TrimSpace(value) }); err != nil {
			return mapping, err
		}
	}
	mapping.AcceptedAt, mapping.AcceptedOn = e.now(), c.ID()
	return mapping, nil
}

// CategorySuggestions is what one of our categories may be on a platform.
type CategorySuggestions struct {
	Category catalog.Category
	Products int // that are in it
	// Mapped is the platform's category it has, and From where that comes
	// from: a code of ours, or "connectors.yaml"; "" = it has none.
	Mapped, From string
	Suggestions  []catalog.Suggestion
}

// InConfig is where a mapping comes from that connectors.yaml has.
const InConfig = "connectors.yaml"

// suggestions is how many are offered for one category.
const suggestions = 3

// SuggestCategories tells, for each of our categories that has products, what
// it is on the channel's platform or may be: by its names, and by what was
// accepted for it on other platforms. With all it does so for the whole tree.
func (e *Engine) SuggestCategories(ctx context.Context, id catalog.ChannelID, all bool) ([]CategorySuggestions, error) {
	c, err := e.browser(id)
	if err != nil {
		return nil, err
	}
	v, err := e.vocabulary(ctx, c)
	if err != nil {
		return nil, err
	}
	if v.Tree == nil {
		return nil, fmt.Errorf("channel %s: %w: run: chophien categories pull %s", id, ErrNoTree, id)
	}
	elsewhere, err := e.acceptedElsewhere(ctx, c)
	if err != nil {
		return nil, err
	}
	products, err := e.productsByCategory(ctx)
	if err != nil {
		return nil, err
	}
	var list []CategorySuggestions
	for _, own := range catalog.Categories() {
		one := CategorySuggestions{Category: own, Products: products[own.Code]}
		if one.Products == 0 && !all {
			continue
		}
		one.Mapped, one.From = mappedTo(c, v, own.Code)
		if node, there := v.Tree.Category(one.Mapped); one.Mapped == "" || !there || !node.Leaf {
			one.Suggestions = v.Tree.Suggest(own, elsewhere[own.Code], suggestions)
		}
		list = append(list, one)
	}
	return list, nil
}

// mappedTo is the platform's category of one of ours as the renderer finds it.
func mappedTo(c *channel, v *Vocabulary, code string) (id, from string) {
	for _, up := range catalog.CategoryPath(code) {
		if id, ok := c.Config.Rules.Categories[up]; ok {
			return id, InConfig
		}
	}
	id, from, _ = v.Mappings.Category(code)
	return id, from
}

// acceptedElsewhere are the mappings on other platforms and regions, and on
// shops with a tree of their own, by our category.
func (e *Engine) acceptedElsewhere(ctx context.Context, c *channel) (map[string][]catalog.Accepted, error) {
	_, _, scope := region(c)
	found := map[string][]catalog.Accepted{}
	for after := ""; ; {
		records, err := e.store.Records(ctx, catalog.RecordQuery{Kind: catalog.KindMapping, After: after, Limit: page})
		if err != nil {
			return nil, fmt.Errorf("read mappings: %w", err)
		}
		for _, r := range records {
			if r.ID == scope {
				continue
			}
			var m catalog.Mappings
			if err := json.Unmarshal(r.Data, &m); err != nil {
				return nil, fmt.Errorf("read mappings of %s: %w", r.ID, err)
			}
			for code, mapping := range m {
				if len(mapping.Path) > 0 {
					found[code] = append(found[code], catalog.Accepted{Platform: r.ID, Path: mapping.Path})
				}
			}
		}
		if len(records) < page {
			return found, nil
		}
		after = records[len(records)-1].ID
	}
}

// productsByCategory counts the products that are on sale in each of our
// categories.
func (e *Engine) productsByCategory(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	for after := ""; ; {
		products, err := e.store.Products(ctx, catalog.ProductQuery{After: after, Limit: page})
		if err != nil {
			return nil, fmt.Errorf("read products: %w", err)
		}
		for i := range products {
			if !products[i].Archived {
				counts[products[i].Category]++
			}
		}
		if len(products) < page {
			return counts, nil
		}
		after = products[len(products)-1].ID
	}
}
