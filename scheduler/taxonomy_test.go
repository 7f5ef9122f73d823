package scheduler

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// bazaar is a shop whose platform has categories.
type bazaar struct {
	*shop
	region string
	tree   []catalog.PlatformCategory
	asks   map[string][]catalog.PlatformAttribute
	breaks int // the tree ends with an error after so many nodes; 0 = never
	reads  int // of trees and attributes
}

func (m *bazaar) Region() string { return m.region }

func (m *bazaar) Fills(_ catalog.Offer, a connectors.PlatformAttribute) bool { return a.ID == "brand" }

func (m *bazaar) Categories(context.Context) iter.Seq2[connectors.PlatformCategory, error] {
	m.reads++
	return func(yield func(connectors.PlatformCategory, error) bool) {
		for i, c := range m.tree {
			if m.breaks > 0 && i == m.breaks {
				yield(connectors.PlatformCategory{}, &connectors.Error{Kind: connectors.Transient, Op: "categories"})
				return
			}
			if !yield(c, nil) {
				return
			}
		}
	}
}

func (m *bazaar) Attributes(_ context.Context, category string) ([]connectors.PlatformAttribute, error) {
	m.reads++
	return m.asks[category], nil
}

func newBazaar() *bazaar {
	return &bazaar{shop: newShop(), region: "vn", tree: []catalog.PlatformCategory{
		{ID: "1", Name: "Thực phẩm"}, {ID: "10", Parent: "1", Name: "Mật ong", Leaf: true}, {ID: "11", Parent: "1", Name: "Trà", Leaf: true},
	}, asks: map[string][]catalog.PlatformAttribute{"10": {
		{ID: "brand", Name: "Thương hiệu", Required: true}, {ID: "a1", Name: "Xuất xứ", Required: true, Values: []string{"Việt Nam", "Lào"}}, {ID: "a2", Name: "Mùa vụ"},
	}}}
}

// bazaars opens channels on bazaars, of one platform each: "vn-shopee" and
// "vn-shopee-2" are of shopee.
func (b *bench) bazaars(bazaars map[catalog.ChannelID]*bazaar, rules catalog.Rules) {
	b.Helper()
	var opened []*connectors.Channel
	for id, m := range bazaars {
		b.shops[id] = m.shop
		platform := strings.Split(string(id), "-")[1]
		config := connectors.ChannelConfig{ID: id, Freshness: time.Hour, Rules: rules}
		opened = append(opened, connectors.NewChannel(config, connectors.Info{Name: platform, Title: platform, Batch: connectors.Batch{Publish: 1, Prices: 10, Stock: 10}}, m, nil))
	}
	must(b, b.engine.SetChannels(opened))
}

func (b *bench) categories(id catalog.ChannelID) catalog.Run {
	b.Helper()
	run, err := b.engine.PullCategories(b.Context(), id, 0)
	must(b, err)
	return run
}

func issueCodes(issues []catalog.Issue) []string {
	var list []string
	for _, i := range issues {
		list = append(list, i.Code)
	}
	return list
}

const honeyOrigin = "Xuất xứ"

func (b *bench) mapHoney(id catalog.ChannelID, options MapOptions) {
	b.Helper()
	_, err := b.engine.MapCategory(b.Context(), id, "mật ong", "10", options)
	must(b, err)
}

// A tree is kept in chunks, shared by the channels of a platform and region,
// and read without the platform.
func TestCategoriesAreKeptByPlatformAndRegion(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	big, other, own := newBazaar(), newBazaar(), newBazaar()
	for i := range 10 * treeChunk {
		big.tree = append(big.tree, catalog.PlatformCategory{ID: fmt.Sprintf("n%05d", i), Parent: "1", Name: fmt.Sprintf("Mật ong loại %d", i), Leaf: true})
	}
	other.region, own.region = "th", ""
	b.bazaars(map[catalog.ChannelID]*bazaar{"vn-shopee": big, "vn-shopee-2": newBazaar(), "th-shopee": other, "my-shopee": own}, catalog.Rules{})
	if run := b.categories("vn-shopee"); run.Counts["categories"] != int64(len(big.tree)) {
		t.Fatalf("counts %v", run.Counts)
	}
	// Another engine on the same store, as after a restart.
	fresh := New(b.store, Options{Sealer: plainSealer{}, Now: b.now})
	b.engine, fresh = fresh, b.engine
	b.bazaars(map[catalog.ChannelID]*bazaar{"vn-shopee": {shop: newShop(), region: "vn"}, "vn-shopee-2": {shop: newShop(), region: "vn"}, "th-shopee": other, "my-shopee": own}, catalog.Rules{})
	for _, id := range []catalog.ChannelID{"vn-shopee", "vn-shopee-2"} {
		v, err := b.engine.Vocabulary(t.Context(), id)
		must(t, err)
		if v.Tree == nil || v.Tree.Len() != len(big.tree) || v.Platform+"/"+v.Region != "shopee/vn" || v.Tree.ReadAt().IsZero() {
			t.Fatalf("%s: %+v", id, v)
		}
		if found := v.Tree.Search("mat ong loai 4999", 5); len(found) != 1 || found[0].ID != "n04999" {
			t.Errorf("%s finds %v", id, found)
		}
	}
	for _, id := range []catalog.ChannelID{"th-shopee", "my-shopee"} {
		if v, err := b.engine.Vocabulary(t.Context(), id); err != nil || v.Tree != nil {
			t.Errorf("%s has the tree of another region: %v", id, err)
		}
	}
	// A smaller tree replaces the chunks; nothing of the old one is left.
	big.tree = big.tree[:3]
	b.engine = fresh
	b.categories("vn-shopee")
	records, err := b.store.Records(t.Context(), catalog.RecordQuery{Kind: catalog.KindTaxonomy, Prefix: "shopee/vn/tree/"})
	must(t, err)
	if len(records) != 1 {
		t.Errorf("%d chunks, want 1", len(records))
	}
}

// I8: a tree that was not read to its end, or is empty, replaces nothing.
func TestI8APartialTreeReplacesNothing(t *testing.T) {
	t.Parallel()
	b, m := newBench(t), newBazaar()
	b.bazaars(map[catalog.ChannelID]*bazaar{"vn-shopee": m}, catalog.Rules{})
	b.categories("vn-shopee")
	whole := m.tree
	for name, spoil := range map[string]func(){"ends early": func() { m.breaks = 2 }, "empty": func() { m.breaks, m.tree = 0, nil }} {
		spoil()
		if _, err := b.engine.PullCategories(t.Context(), "vn-shopee", 0); connectors.KindOf(err) != connectors.Transient {
			t.Errorf("%s: got %v", name, err)
		}
		v, err := b.engine.Vocabulary(t.Context(), "vn-shopee")
		must(t, err)
		if v.Tree.Len() != len(whole) {
			t.Errorf("%s: %d categories are left of %d", name, v.Tree.Len(), len(whole))
		}
		m.tree = whole
	}
	// By schedule, a tree that another channel has just read is not read again.
	m.breaks = 0
	reads := m.reads
	if run, err := b.engine.PullCategories(t.Context(), "vn-shopee", treeRest); err != nil || run.Counts["kept"] != 1 || m.reads != reads {
		t.Errorf("read again at once: %v %v", run.Counts, err)
	}
	b.clock = b.clock.Add(treeRest)
	if run, err := b.engine.PullCategories(t.Context(), "vn-shopee", treeRest); err != nil || run.Counts["categories"] != 3 {
		t.Errorf("not read again after a while: %v %v", run.Counts, err)
	}
}

func TestMappingsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	b, m := newBench(t), newBazaar()
	b.bazaars(map[catalog.ChannelID]*bazaar{"vn-shopee": m}, catalog.Rules{})
	accept := func(ours, theirs string, options MapOptions) error {
		_, err := b.engine.MapCategory(t.Context(), "vn-shopee", ours, theirs, options)
		return err
	}
	if err := accept("honey", "10", MapOptions{}); !errors.Is(err, ErrNoTree) || !strings.Contains(err.Error(), "categories pull vn-shopee") {
		t.Errorf("without a tree: %v", err)
	}
	b.categories("vn-shopee")
	for name, test := range map[string]struct {
		ours, theirs string
		options      MapOptions
	}{
		"not ours":          {"không có", "10", MapOptions{}},
		"not theirs":        {"honey", "99", MapOptions{}},
		"takes no products": {"honey", "1", MapOptions{}},
		"no category yet":   {"tea", "", MapOptions{Values: map[string]string{"a1": "Lào"}}},
		"no such attribute": {"honey", "10", MapOptions{Attributes: map[string]string{"Mùa vụ": "a9"}}},
		"no such value":     {"honey", "10", MapOptions{Values: map[string]string{honeyOrigin: "Pháp"}}},
	} {
		if err := accept(test.ours, test.theirs, test.options); !errors.Is(err, ErrMapping) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	v, err := b.engine.Vocabulary(t.Context(), "vn-shopee")
	must(t, err)
	if len(v.Mappings) != 0 {
		t.Errorf("something was stored: %v", v.Mappings)
	}
	must(t, accept("honey", "10", MapOptions{Attributes: map[string]string{"Vụ": "mua vu"}, Values: map[string]string{"a1": "lào"}}))
	must(t, accept("honey", "", MapOptions{Attributes: map[string]string{"Vụ": ""}})) // the category stays
	v, err = b.engine.Vocabulary(t.Context(), "vn-shopee")
	must(t, err)
	if got := v.Mappings["honey"]; got.ID != "10" || !slices.Equal(got.Path, []string{"Thực phẩm", "Mật ong"}) || len(got.Attributes) != 1 || got.Attributes[0].Value != "lào" || got.AcceptedOn != "vn-shopee" {
		t.Errorf("accepted: %+v", got)
	}
	must(t, accept("honey", "", MapOptions{Remove: true}))
	if v, _ = b.engine.Vocabulary(t.Context(), "vn-shopee"); len(v.Mappings) != 0 {
		t.Errorf("not removed: %v", v.Mappings)
	}
}

// A mapping that was accepted once serves all channels of the platform; a
// required attribute without a value, or a category that vanished, blocks the
// listing before anything is written.
func TestNothingIsWrittenIntoACategoryThatIsNotThere(t *testing.T) {
	t.Parallel()
	b, one, two := newBench(t), newBazaar(), newBazaar()
	bazaars := map[catalog.ChannelID]*bazaar{"vn-shopee": one, "vn-shopee-2": two}
	b.bazaars(bazaars, catalog.Rules{})
	b.products(1, 10)
	b.categories("vn-shopee")
	b.mapHoney("vn-shopee", MapOptions{})
	for id, m := range bazaars {
		b.publish(id, "")
		l := b.listing(id, 0)
		if w := m.written(); len(w) != 0 || l.Status != catalog.StatusBlocked || !slices.Contains(issueCodes(l.Issues), "attribute_missing") {
			t.Fatalf("%s: wrote %v, listing %s %v", id, w, l.Status, issueCodes(l.Issues))
		}
	}
	// The value is given once, for the family and the platform.
	b.mapHoney("vn-shopee", MapOptions{Values: map[string]string{honeyOrigin: "Việt Nam"}})
	for id, m := range bazaars {
		b.publish(id, "")
		b.observe(id)
		if w := m.written(); len(w) == 0 || b.listing(id, 0).Status != catalog.StatusLive {
			t.Fatalf("%s: wrote %v, listing %+v", id, w, b.listing(id, 0))
		}
		if p := b.plan(id); len(p.Actions) != 0 {
			t.Errorf("%s: second plan %v", id, p.Actions)
		}
	}
	// The platform drops the category.
	one.tree, two.tree = slices.Concat(one.tree[:1], one.tree[2:]), slices.Concat(two.tree[:1], two.tree[2:])
	b.categories("vn-shopee-2")
	b.change(0, func(p *catalog.Product) { p.Name.VI = "Mật ong bạc hà" })
	for id, m := range bazaars {
		b.publish(id, "")
		l := b.listing(id, 0)
		if w := m.written(); len(w) != 0 || l.Status != catalog.StatusBlocked || !slices.Contains(issueCodes(l.Issues), "category_vanished") {
			t.Fatalf("%s: wrote %v, listing %s %v", id, w, l.Status, issueCodes(l.Issues))
		}
		for _, issue := range l.Issues {
			if issue.Code == "category_vanished" && (!strings.Contains(issue.Message.VI, "chophien categories") || !strings.Contains(issue.Message.EN, "chophien categories")) {
				t.Errorf("an issue says what to do: %+v", issue.Message)
			}
		}
	}
	// I1: what is sold elsewhere is still taken off the blocked listing.
	b.move("sold", 0, -4)
	b.publish("vn-shopee", "")
	if got := one.variant(sku(0)).quantity; got != 6 {
		t.Errorf("the blocked listing offers %d pieces of 6", got)
	}
	b.move("made", 0, 40)
	b.publish("vn-shopee", "")
	if got := one.variant(sku(0)).quantity; got != 6 {
		t.Errorf("the blocked listing was raised to %d", got)
	}
	// The platform has it again: publishing finds out by itself.
	one.tree = newBazaar().tree
	b.clock = b.clock.Add(lookAgain)
	b.publish("vn-shopee", "")
	b.observe("vn-shopee")
	if l := b.listing("vn-shopee", 0); l.Status != catalog.StatusLive || one.variant(sku(0)).quantity != 46 {
		t.Errorf("after the category came back: %s %v, %d pieces", l.Status, issueCodes(l.Issues), one.variant(sku(0)).quantity)
	}
}

// The rules of connectors.yaml count before what was accepted, and are checked
// against the tree just the same.
func TestRulesCountBeforeMappings(t *testing.T) {
	t.Parallel()
	b, m := newBench(t), newBazaar()
	b.bazaars(map[catalog.ChannelID]*bazaar{"vn-shopee": m}, catalog.Rules{Categories: map[string]string{"food": "12"}})
	b.products(1, 10)
	b.categories("vn-shopee")
	b.mapHoney("vn-shopee", MapOptions{Values: map[string]string{honeyOrigin: "Việt Nam"}})
	b.publish("vn-shopee", "")
	if l := b.listing("vn-shopee", 0); !slices.Contains(issueCodes(l.Issues), "category_vanished") || len(m.written()) != 0 {
		t.Errorf("the category of the rules was not used: %s %v", l.Status, issueCodes(l.Issues))
	}
	list, err := b.engine.SuggestCategories(t.Context(), "vn-shopee", false)
	must(t, err)
	if len(list) != 1 || list[0].Mapped != "12" || list[0].From != InConfig || len(list[0].Suggestions) == 0 || list[0].Suggestions[0].ID != "10" {
		t.Errorf("suggestions for a mapping that does not work: %+v", list)
	}
}

// What was accepted on one platform helps on another.
func TestSuggestionsFromOtherPlatforms(t *testing.T) {
	t.Parallel()
	b, shopee, tiki := newBench(t), newBazaar(), newBazaar()
	tiki.tree = []catalog.PlatformCategory{{ID: "7", Name: "Đặc sản", Leaf: true}, {ID: "8", Name: "Mật ong", Leaf: true}}
	shopee.tree = append(shopee.tree, catalog.PlatformCategory{ID: "13", Parent: "1", Name: "Đặc sản", Leaf: true})
	b.bazaars(map[catalog.ChannelID]*bazaar{"vn-shopee": shopee, "vn-tiki": tiki}, catalog.Rules{})
	b.products(1, 1)
	b.categories("vn-shopee")
	b.categories("vn-tiki")
	_, err := b.engine.MapCategory(t.Context(), "vn-shopee", "honey", "13", MapOptions{})
	must(t, err)
	list, err := b.engine.SuggestCategories(t.Context(), "vn-tiki", false)
	must(t, err)
	if len(list) != 1 || list[0].Products != 1 || len(list[0].Suggestions) != 2 {
		t.Fatalf("got %+v", list)
	}
	at := slices.IndexFunc(list[0].Suggestions, func(s catalog.Suggestion) bool { return s.ID == "7" })
	if at < 0 || !slices.Equal(list[0].Suggestions[at].From, []string{"shopee/vn"}) {
		t.Errorf("the name accepted on the other platform is not suggested: %+v", list[0].Suggestions)
	}
	if list, err := b.engine.SuggestCategories(t.Context(), "vn-shopee", false); err != nil || list[0].Mapped != "13" || list[0].Suggestions != nil {
		t.Errorf("what is mapped needs no suggestion: %+v %v", list, err)
	}
}

// A tree that is not all there counts as not read, and is read again.
func TestATornTreeIsReadAgain(t *testing.T) {
	t.Parallel()
	b, m := newBench(t), newBazaar()
	for i := range treeChunk {
		m.tree = append(m.tree, catalog.PlatformCategory{ID: fmt.Sprintf("n%05d", i), Parent: "1", Name: "Ong", Leaf: true})
	}
	b.bazaars(map[catalog.ChannelID]*bazaar{"vn-shopee": m}, catalog.Rules{Categories: map[string]string{"honey": "99"}})
	b.products(1, 10)
	b.categories("vn-shopee")
	records, err := b.store.Records(t.Context(), catalog.RecordQuery{Kind: catalog.KindTaxonomy, Prefix: "shopee/vn/tree/"})
	must(t, err)
	must(t, b.store.DeleteRecords(t.Context(), catalog.KindTaxonomy, []string{records[len(records)-1].ID}))
	b.engine = New(b.store, Options{Sealer: plainSealer{}, Now: b.now})
	b.bazaars(map[catalog.ChannelID]*bazaar{"vn-shopee": m}, catalog.Rules{Categories: map[string]string{"honey": "99"}})
	v, err := b.engine.Vocabulary(t.Context(), "vn-shopee")
	if err != nil || v.Tree != nil {
		t.Fatalf("half a tree: %v, %v", v, err)
	}
	b.pull("vn-shopee") // so that stock may be offered
	if p := b.plan("vn-shopee"); len(p.Actions) != 1 {
		t.Errorf("half a tree judges: %+v", p.Actions)
	}
	if run, err := b.engine.PullCategories(t.Context(), "vn-shopee", treeRest); err != nil || run.Counts["categories"] != int64(len(m.tree)) {
		t.Errorf("not read again: %v %v", run.Counts, err)
	}
	if v, err = b.engine.Vocabulary(t.Context(), "vn-shopee"); err != nil || v.Tree == nil || v.Tree.Len() != len(m.tree) {
		t.Errorf("after reading again: %v", err)
	}
}
