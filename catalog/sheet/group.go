package sheet

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chophien/chophien/catalog"
)

// groupState is a group as stored and as the file says.
type groupState struct {
	stored catalog.Group // ID "" = not stored
	said   catalog.Group // "" = nothing said
	row    int           // that said something first
	told   bool          // reported
}

// merged is the stored group with what the file says.
func (s *groupState) merged() catalog.Group {
	g := s.stored
	g.ID = s.said.ID
	if s.stored.ID == "" {
		g.Sample = s.said.Sample
	}
	to, from := groupFields(&g), groupFields(&s.said)
	for i := range to {
		if *from[i] != "" {
			*to[i] = *from[i]
		}
	}
	return g
}

func groupFields(g *catalog.Group) []*string {
	return []*string{&g.Name.VI, &g.Name.EN, &g.Kind, &g.Origin.Commune, &g.Origin.Province, &g.Origin.OldLabel}
}

func loadGroups(ctx context.Context, store catalog.Store) (map[string]*groupState, error) {
	groups := make(map[string]*groupState)
	err := eachRecord(ctx, store, catalog.KindGroup, func(id string, data json.RawMessage) error {
		var g catalog.Group
		if err := json.Unmarshal(data, &g); err != nil {
			return fmt.Errorf("group %s: %w", id, err)
		}
		g.ID = id
		groups[id] = &groupState{stored: g}
		return nil
	})
	return groups, err
}

func eachRecord(ctx context.Context, store catalog.Store, kind catalog.RecordKind, do func(id string, data json.RawMessage) error) error {
	query := catalog.RecordQuery{Kind: kind, Limit: 1000}
	for {
		records, err := store.Records(ctx, query)
		if err != nil {
			return fmt.Errorf("look up %s records: %w", kind, err)
		}
		for _, r := range records {
			if err := do(r.ID, r.Data); err != nil {
				return err
			}
		}
		if len(records) < query.Limit {
			return nil
		}
		query.After = records[len(records)-1].ID
	}
}

// groupID finds the code of a group by its name, or makes one for a new group.
func (im *importer) groupID(name string) string {
	folded := catalog.Fold(name)
	for id, g := range im.groups {
		if name != "" && (catalog.Fold(g.stored.Name.VI) == folded || catalog.Fold(g.said.Name.VI) == folded) {
			return id
		}
	}
	return slug(name)
}

// sayGroup notes what an item says about its group and refuses it when the
// file said something else before.
func (im *importer) sayGroup(it *item) {
	if it.group.ID == "" {
		return
	}
	row := it.block.rows[0]
	s := im.groups[it.group.ID]
	if s == nil {
		s = &groupState{}
		im.groups[it.group.ID] = s
	}
	said, now := groupFields(&s.said), groupFields(&it.group)
	for i := range said {
		if *said[i] != "" && *now[i] != "" && *said[i] != *now[i] {
			it.refusals = append(it.refusals, im.builder.refusalOf(row, "group_code", reasonf(
				"nhóm %q: %q khác với %q ở dòng %d", "group %q: %q differs from %q in row %d", clip(it.group.ID), clip(*now[i]), clip(*said[i]), s.row)))
			return
		}
	}
	for i := range said {
		if *now[i] != "" {
			*said[i] = *now[i]
		}
	}
	if s.row == 0 {
		s.row, s.said.ID, s.said.Sample = row.number, it.group.ID, it.group.Sample
	}
}

// tellGroup reports a group at the first of its products.
func (im *importer) tellGroup(it *item) {
	s := im.groups[it.group.ID]
	if it.group.ID == "" || s == nil || s.told {
		return
	}
	s.told = true
	switch g := s.merged(); {
	case s.stored.ID == "" && g.Name.IsZero():
		im.note(s.row, it.product.ID, "", fmt.Sprintf("chưa có nhóm %q", it.group.ID), fmt.Sprintf("there is no group %q yet", it.group.ID))
	case g != s.stored:
		im.report.Groups++
		im.change(Change{Kind: ChangeGroup, Row: s.row, ProductID: it.product.ID, Field: headingOf("group_name"), Before: s.stored.Name.In("vi"), After: g.Name.In("vi")})
	}
}

// writeGroup stores what the file says about an item's group.
func (im *importer) writeGroup(ctx context.Context, it *item) error {
	s := im.groups[it.group.ID]
	if it.group.ID == "" || s == nil {
		return nil
	}
	if g := s.merged(); g == s.stored || s.stored.ID == "" && g.Name.IsZero() {
		return nil
	}
	stored, err := catalog.Modify(ctx, im.store, catalog.KindGroup, it.group.ID, func(g *catalog.Group) error {
		*g = (&groupState{stored: *g, said: s.said}).merged()
		return nil
	})
	if err != nil {
		return fmt.Errorf("import %s: group %s: %w", im.file, it.group.ID, err)
	}
	s.stored = stored
	return nil
}

// taxonomy finds category codes by code or name, folded.
type taxonomy struct {
	codes map[string]string
	names []string
}

func loadCategories(ctx context.Context, store catalog.Store) (taxonomy, error) {
	t := taxonomy{codes: make(map[string]string)}
	add := func(c catalog.Category) {
		for _, name := range []string{c.Name.VI, c.Name.EN} {
			if folded := foldHeading(name); folded != "" && t.codes[folded] == "" {
				t.codes[folded] = c.Code
			}
		}
		t.codes[c.Code] = c.Code
		t.names = append(t.names, c.Name.In("vi"), c.Code)
	}
	for _, c := range catalog.Categories() {
		add(c)
	}
	err := eachRecord(ctx, store, catalog.KindCategory, func(id string, data json.RawMessage) error {
		var c catalog.Category
		if err := json.Unmarshal(data, &c); err != nil {
			return fmt.Errorf("category %s: %w", id, err)
		}
		c.Code = id
		add(c)
		return nil
	})
	return t, err
}

// code finds the category that a cell means. What looks like a code, or is
// stored already, is taken although it is not known.
func (t taxonomy) code(text, stored string) (string, error) {
	if text == "" || text == stored {
		return text, nil
	}
	folded := foldHeading(text)
	for _, name := range []string{text, folded} {
		if code := t.codes[name]; code != "" {
			return code, nil
		}
	}
	best, least := "", max(2, len(folded)/3)+1
	for _, name := range t.names {
		if n := corrections(folded, foldHeading(name), least); n < least {
			best, least = name, n
		}
	}
	if best != "" {
		return "", reasonf("không có danh mục %q; có phải là %q?", "there is no category %q; did you mean %q?", clip(text), best)
	}
	if strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" {
		return text, nil
	}
	return "", reasonf("không có danh mục %q", "there is no category %q", clip(text))
}
