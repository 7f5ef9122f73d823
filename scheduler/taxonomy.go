package scheduler

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// ErrNoTree is what is returned where a platform's categories were never read.
var ErrNoTree = errors.New("the platform's categories were not read yet")

// treeChunk is how many nodes one record of a tree holds: about 50 KB.
const treeChunk = 500

// treeRest is how soon a schedule reads a tree again that another channel of
// the same platform and region has just read.
const treeRest = 12 * time.Hour

// Vocabulary is what is known of a platform's categories in one region: its
// tree, what its categories ask for, and what ours are mapped to. It is read
// from the store, without the network, and not changed afterwards.
type Vocabulary struct {
	// Platform and Region say whose it is; Region is the channel's ID, with an
	// "@" before it, where the shop's tree is its own.
	Platform, Region string
	// Tree is nil until it was read.
	Tree     *catalog.Taxonomy
	Schemas  map[string]catalog.Schema // by category
	Mappings catalog.Mappings

	version string
}

// treeHead says which chunks make the tree, and changes whenever the tree or a
// schema does.
type treeHead struct {
	ReadAt  time.Time             `json:"read_at,omitzero"`
	Hash    string                `json:"hash,omitempty"`
	Nodes   int                   `json:"nodes,omitempty"`
	Schemas map[string]schemaHead `json:"schemas,omitempty"` // by category
}

type schemaHead struct {
	ReadAt time.Time `json:"read_at"`
	Hash   string    `json:"hash"`
}

type treePart struct {
	Nodes []catalog.PlatformCategory `json:"nodes"`
}

// region names the tree of a channel as records do: platform and region.
func region(c *channel) (platform, region, scope string) {
	platform, region = c.Info.Name, c.Categories.Region()
	if region == "" {
		region = "@" + string(c.ID())
	}
	return platform, region, platform + "/" + region
}

// browser returns a channel that has categories.
func (e *Engine) browser(id catalog.ChannelID) (*channel, error) {
	c, err := e.channel(id)
	if err != nil {
		return nil, err
	}
	if c.Categories == nil {
		return nil, fmt.Errorf("channel %s: %s has no categories to read", id, c.Info.Title)
	}
	return c, nil
}

// Vocabulary returns what is stored of a channel's categories. It makes no call
// to the platform.
func (e *Engine) Vocabulary(ctx context.Context, id catalog.ChannelID) (*Vocabulary, error) {
	c, err := e.browser(id)
	if err != nil {
		return nil, err
	}
	return e.vocabulary(ctx, c)
}

// vocabulary reads the store only where something changed since the last time.
func (e *Engine) vocabulary(ctx context.Context, c *channel) (*Vocabulary, error) {
	platform, name, scope := region(c)
	const tries = 3
	for try := 1; ; try++ {
		head, mapped, version, err := e.heads(ctx, scope)
		if err != nil {
			return nil, err
		}
		e.mu.RLock()
		known := e.vocabularies[scope]
		e.mu.RUnlock()
		if known != nil && known.version == version {
			return known, nil
		}
		v := &Vocabulary{Platform: platform, Region: name, Schemas: map[string]catalog.Schema{}, Mappings: mapped, version: version}
		if head.Nodes > 0 {
			nodes, err := e.readTree(ctx, scope, head)
			if errors.Is(err, catalog.ErrConflict) {
				if try < tries {
					continue // replaced while it was read
				}
				e.options.Logger.WarnContext(ctx, "categories are incomplete and count as not read", "scope", scope)
				return v, e.readSchemas(ctx, scope, v)
			}
			if err != nil {
				return nil, err
			}
			v.Tree = catalog.NewTaxonomy(nodes, head.ReadAt)
		}
		if err := e.readSchemas(ctx, scope, v); err != nil {
			return nil, err
		}
		e.mu.Lock()
		e.vocabularies[scope] = v
		e.mu.Unlock()
		return v, nil
	}
}

// heads reads the two records from which everything else follows.
func (e *Engine) heads(ctx context.Context, scope string) (head treeHead, mapped catalog.Mappings, version string, err error) {
	head, _, err = catalog.Load[treeHead](ctx, e.store, catalog.KindTaxonomy, scope+"/head")
	if err != nil && !errors.Is(err, catalog.ErrNotFound) {
		return head, nil, "", fmt.Errorf("read categories of %s: %w", scope, err)
	}
	mapped, revision, err := catalog.Load[catalog.Mappings](ctx, e.store, catalog.KindMapping, scope)
	if err != nil && !errors.Is(err, catalog.ErrNotFound) {
		return head, nil, "", fmt.Errorf("read mappings of %s: %w", scope, err)
	}
	if head.Nodes == 0 && len(head.Schemas) == 0 && revision == 0 {
		return head, mapped, "", nil
	}
	return head, mapped, fingerprintOf(head, revision), nil
}

// vocabularyHash identifies what offers of a channel depend on beyond its
// rules; the age of the tree is no part of it.
func (e *Engine) vocabularyHash(ctx context.Context, c *channel) (string, error) {
	if c.Categories == nil {
		return "", nil
	}
	_, _, scope := region(c)
	head, mapped, version, err := e.heads(ctx, scope)
	if err != nil || version == "" {
		return "", err
	}
	schemas := make(map[string]string, len(head.Schemas))
	for category, schema := range head.Schemas {
		schemas[category] = schema.Hash
	}
	return fingerprintOf(head.Hash, schemas, mapped), nil
}

func fingerprintOf(values ...any) string {
	data, err := json.Marshal(values)
	if err != nil {
		return "" // plain data, see rulesHash
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

func chunkID(scope, hash string, n int) string { return fmt.Sprintf("%s/tree/%s/%05d", scope, hash, n) }

// readTree reads the nodes of a tree; ErrConflict tells that they are not all
// there.
func (e *Engine) readTree(ctx context.Context, scope string, head treeHead) ([]catalog.PlatformCategory, error) {
	nodes := make([]catalog.PlatformCategory, 0, head.Nodes)
	for after := ""; ; {
		records, err := e.store.Records(ctx, catalog.RecordQuery{Kind: catalog.KindTaxonomy, Prefix: scope + "/tree/" + head.Hash + "/", After: after, Limit: 20})
		if err != nil {
			return nil, fmt.Errorf("read categories of %s: %w", scope, err)
		}
		for _, r := range records {
			var part treePart
			if err := json.Unmarshal(r.Data, &part); err != nil {
				return nil, fmt.Errorf("read categories of %s: record %s: %w", scope, r.ID, err)
			}
			nodes = append(nodes, part.Nodes...)
		}
		if len(records) < 20 {
			break
		}
		after = records[len(records)-1].ID
	}
	if len(nodes) != head.Nodes {
		return nil, catalog.ErrConflict
	}
	return nodes, nil
}

func (e *Engine) readSchemas(ctx context.Context, scope string, v *Vocabulary) error {
	for after := ""; ; {
		records, err := e.store.Records(ctx, catalog.RecordQuery{Kind: catalog.KindTaxonomy, Prefix: scope + "/schema/", After: after, Limit: 100})
		if err != nil {
			return fmt.Errorf("read attributes of %s: %w", scope, err)
		}
		for _, r := range records {
			var schema catalog.Schema
			if err := json.Unmarshal(r.Data, &schema); err != nil {
				return fmt.Errorf("read attributes of %s: record %s: %w", scope, r.ID, err)
			}
			v.Schemas[schema.Category] = schema
		}
		if len(records) < 100 {
			return nil
		}
		after = records[len(records)-1].ID
	}
}

// PullCategories reads the platform's tree, and the attributes of every
// category that is in use, and keeps both for all channels of the platform and
// region. A read that fails or is empty replaces nothing. A tree that is
// younger than unless is left as it is; 0 reads it in any case.
func (e *Engine) PullCategories(ctx context.Context, id catalog.ChannelID, unless time.Duration) (catalog.Run, error) {
	if _, err := e.browser(id); err != nil {
		return catalog.Run{}, err
	}
	return e.run(ctx, TaskCategories, id, func(c *channel, count counter) error {
		v, err := e.vocabulary(ctx, c)
		if err != nil {
			return err
		}
		if v.Tree != nil && unless > 0 && e.now().Sub(v.Tree.ReadAt()) < unless {
			count("kept", 1)
			return nil
		}
		return e.pullCategories(ctx, c, count)
	})
}

func (e *Engine) pullCategories(ctx context.Context, c *channel, count counter) error {
	_, _, scope := region(c)
	begun := e.now()
	var nodes []catalog.PlatformCategory
	for node, err := range c.Categories.Categories(ctx) {
		if err != nil {
			return fmt.Errorf("read categories: %w", err)
		}
		nodes = append(nodes, node)
	}
	if len(nodes) == 0 {
		return &connectors.Error{Kind: connectors.Transient, Channel: string(c.ID()), Op: "categories.list", Code: "empty", Err: errors.New("the platform showed no categories; those known are kept")}
	}
	if err := e.writeTree(ctx, scope, nodes, begun); err != nil {
		return err
	}
	tree := catalog.NewTaxonomy(nodes, begun)
	count("categories", int64(tree.Len()))
	head, mapped, _, err := e.heads(ctx, scope)
	if err != nil {
		return err
	}
	for _, category := range usedCategories(c, mapped, head) {
		if node, there := tree.Category(category); !there || !node.Leaf {
			continue
		}
		if _, err := e.readSchema(ctx, c, category); err != nil {
			return fmt.Errorf("read attributes of category %s: %w", category, err)
		}
		count("schemas", 1)
	}
	return nil
}

// lookAgain is how old a tree is at least when it is read again because it
// lacks a category that is in use.
const lookAgain = 10 * time.Minute

// freshen reads the tree again when it lacks a category that ours are mapped
// to: the platform may have added it since. What it cannot do the next schedule
// does.
func (e *Engine) freshen(ctx context.Context, c *channel, count counter) {
	if c.Categories == nil {
		return
	}
	v, err := e.vocabulary(ctx, c)
	if err != nil || v.Tree == nil || e.now().Sub(v.Tree.ReadAt()) < lookAgain {
		return
	}
	for _, id := range usedCategories(c, v.Mappings, treeHead{}) {
		if node, there := v.Tree.Category(id); there && node.Leaf {
			continue
		}
		if err := e.pullCategories(ctx, c, count); err != nil {
			e.options.Logger.WarnContext(ctx, "categories not read again", "channel", c.ID(), "error", err)
		}
		return
	}
}

// usedCategories are the platform's categories that ours are mapped to, by the
// rules or by a person, and those whose attributes somebody looked at.
func usedCategories(c *channel, mapped catalog.Mappings, head treeHead) []string {
	used := map[string]bool{}
	for _, id := range c.Config.Rules.Categories {
		used[id] = true
	}
	for _, m := range mapped {
		used[m.ID] = true
	}
	for id := range head.Schemas {
		used[id] = true
	}
	delete(used, "")
	return slices.Sorted(maps.Keys(used))
}

// writeTree stores a tree: its chunks first, then the head that names them, then
// the chunks of the tree before are deleted. A crash in between leaves the old
// tree or the new one, and chunks that nobody names.
func (e *Engine) writeTree(ctx context.Context, scope string, nodes []catalog.PlatformCategory, at time.Time) error {
	// The order in which a platform lists its tree tells nothing.
	nodes = slices.Clone(nodes)
	slices.SortStableFunc(nodes, func(a, b catalog.PlatformCategory) int { return strings.Compare(a.ID, b.ID) })
	hash := fingerprintOf(nodes)
	for n := 0; n*treeChunk < len(nodes); n++ {
		part := treePart{nodes[n*treeChunk : min((n+1)*treeChunk, len(nodes))]}
		err := catalog.Save(ctx, e.store, catalog.KindTaxonomy, chunkID(scope, hash, n), 0, part)
		if err != nil && !errors.Is(err, catalog.ErrExists) { // the name tells its contents
			return fmt.Errorf("store categories of %s: %w", scope, err)
		}
	}
	var replaced treeHead
	if _, err := catalog.Modify(ctx, e.store, catalog.KindTaxonomy, scope+"/head", func(h *treeHead) error {
		replaced = *h
		h.ReadAt, h.Hash, h.Nodes = at, hash, len(nodes)
		return nil
	}); err != nil {
		return fmt.Errorf("store categories of %s: %w", scope, err)
	}
	if replaced.Hash == hash {
		return nil
	}
	// Only what this write replaced: another's may be on its way.
	var old []string
	for n := 0; n*treeChunk < replaced.Nodes; n++ {
		old = append(old, chunkID(scope, replaced.Hash, n))
	}
	if err := e.store.DeleteRecords(ctx, catalog.KindTaxonomy, old); err != nil {
		return fmt.Errorf("delete old categories of %s: %w", scope, err)
	}
	return nil
}

// readSchema reads from the platform what a category asks for, and keeps it.
func (e *Engine) readSchema(ctx context.Context, c *channel, category string) (catalog.Schema, error) {
	_, _, scope := region(c)
	schema := catalog.Schema{Category: category, ReadAt: e.now()}
	var err error
	if schema.Attributes, err = c.Categories.Attributes(ctx, category); err != nil {
		return schema, err
	}
	if _, err := catalog.Modify(ctx, e.store, catalog.KindTaxonomy, scope+"/schema/"+category, func(s *catalog.Schema) error {
		*s = schema
		return nil
	}); err != nil {
		return schema, fmt.Errorf("store attributes of %s: %w", scope, err)
	}
	_, err = catalog.Modify(ctx, e.store, catalog.KindTaxonomy, scope+"/head", func(h *treeHead) error {
		if h.Schemas == nil {
			h.Schemas = map[string]schemaHead{}
		}
		h.Schemas[category] = schemaHead{schema.ReadAt, fingerprintOf(schema.Attributes)}
		return nil
	})
	if err != nil {
		return schema, fmt.Errorf("store attributes of %s: %w", scope, err)
	}
	return schema, nil
}

// Schema returns what a category of a channel asks for: what is stored, or,
// when nothing is or refresh asks for it, what the platform says now.
func (e *Engine) Schema(ctx context.Context, id catalog.ChannelID, category string, refresh bool) (catalog.Schema, error) {
	c, err := e.browser(id)
	if err != nil {
		return catalog.Schema{}, err
	}
	v, err := e.vocabulary(ctx, c)
	if err != nil {
		return catalog.Schema{}, err
	}
	if schema, known := v.Schemas[category]; known && !refresh {
		return schema, nil
	}
	if err := e.ready(ctx, c); err != nil {
		return catalog.Schema{}, err
	}
	schema, err := e.readSchema(ctx, c, category)
	if err != nil {
		return schema, e.note(ctx, c, err)
	}
	return schema, nil
}

// check tells what keeps an offer out of its category, as far as is known.
func (v *Vocabulary) check(c *channel, offer catalog.Offer) []catalog.Issue {
	if v == nil || v.Tree == nil {
		return nil
	}
	var schema *catalog.Schema
	if found, known := v.Schemas[offer.Category]; known {
		schema = &found
	}
	return v.Tree.Check(offer, schema, func(a catalog.PlatformAttribute) bool { return c.Categories.Fills(offer, a) })
}
