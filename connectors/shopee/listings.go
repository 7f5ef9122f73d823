package shopee

import (
	"cmp"
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// index knows which items have which SKUs. It exists because the platform's
// search is documented for the SKU of an item only, matches parts of it, and
// does not find models. It is brought up to date by the items' times of change,
// kept in [connectors.Memory], and what it finds is read before it is believed.
type index struct {
	mutex  sync.Mutex
	loaded bool
	known  indexed
	// settled holds, by item, a time of change that was well past when the item
	// was read: as long as it stays the same, so do the SKUs.
	settled map[int64]int64
}

type indexed struct {
	Since int64              `json:"since"` // newest time of change seen
	SKUs  map[int64][]string `json:"skus"`  // by item
}

const (
	indexKey     = "skus"
	indexOverlap = 5 * 60 // seconds read again, in case changes show late
	indexSettle  = 60     // seconds after a change, clocks being apart, in which another may have the same time
)

// find returns the items that have one of the SKUs, as far as a list tells.
func (s *shop) find(ctx context.Context, skus []catalog.SKU) ([]int64, error) {
	s.index.mutex.Lock()
	defer s.index.mutex.Unlock()
	if err := s.refreshIndex(ctx); err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, sku := range skus {
		wanted[string(sku)] = true
	}
	var ids []int64
	for id, has := range s.index.known.SKUs {
		if slices.ContainsFunc(has, func(sku string) bool { return wanted[sku] }) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// refreshIndex reads what changed since the last time.
func (s *shop) refreshIndex(ctx context.Context) error {
	x := &s.index
	if !x.loaded {
		x.known.SKUs, x.settled = map[int64][]string{}, map[int64]int64{}
		if s.env.Memory != nil {
			text, err := s.env.Memory.Recall(ctx, indexKey)
			// Without the memory everything is read once more.
			if err != nil || json.Unmarshal([]byte(text), &x.known) != nil || x.known.SKUs == nil {
				x.known = indexed{SKUs: map[int64][]string{}}
			}
		}
		x.loaded = true
	}
	newest, updated := x.known.Since, map[int64]int64{}
	var ids []int64
	now := time.Now().Unix()
	err := s.items(ctx, max(0, x.known.Since-indexOverlap), func(rows []listedItem) error {
		for _, row := range rows {
			newest = max(newest, row.Updated)
			if at, ok := x.settled[row.ID]; !ok || at != row.Updated {
				ids = append(ids, row.ID)
				updated[row.ID] = row.Updated
			}
		}
		return nil
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	found, err := s.read(ctx, ids)
	if err != nil {
		return err
	}
	changed := newest != x.known.Since
	for _, id := range ids {
		var skus []string
		if it := found[id]; it != nil && alive(it.Status) {
			skus = skusOf(it)
		}
		if !slices.Equal(x.known.SKUs[id], skus) {
			changed = true
			x.known.SKUs[id] = skus
		}
		if at := updated[id]; at+indexSettle < now {
			x.settled[id] = at
		}
	}
	x.known.Since = newest
	if changed {
		s.rememberIndex(ctx)
	}
	return nil
}

func (s *shop) rememberIndex(ctx context.Context) {
	if s.env.Memory == nil {
		return
	}
	text, err := json.Marshal(s.index.known)
	if err == nil {
		err = s.env.Memory.Remember(ctx, indexKey, string(text))
	}
	if err != nil {
		s.env.Logger.Warn("list of SKUs not remembered, it will be read again", "error", err)
	}
}

// skusOf are the SKUs of what can be bought of an item.
func skusOf(it *item) []string {
	if len(it.Models) == 0 {
		if it.SKU == "" {
			return nil
		}
		return []string{it.SKU}
	}
	var skus []string
	for _, m := range it.Models {
		if m.SKU != "" {
			skus = append(skus, m.SKU)
		}
	}
	slices.Sort(skus)
	return skus
}

// FindSKUs looks listings up by the SKUs of items and of models.
func (s *shop) FindSKUs(ctx context.Context, skus []catalog.SKU) ([]catalog.Remote, error) {
	if len(skus) == 0 {
		return nil, nil
	}
	ids, err := s.find(ctx, skus)
	if err != nil {
		return nil, err
	}
	items, err := s.read(ctx, ids)
	if err != nil {
		return nil, err
	}
	account, err := s.accountID(ctx)
	if err != nil {
		return nil, err
	}
	var remotes []catalog.Remote
	for _, id := range slices.Sorted(maps.Keys(items)) {
		it := items[id]
		has := skusOf(it)
		if alive(it.Status) && slices.ContainsFunc(skus, func(sku catalog.SKU) bool { return slices.Contains(has, string(sku)) }) {
			remotes = append(remotes, s.remote(it, account))
		}
	}
	return remotes, nil
}

// accountID is the number of the connected shop.
func (s *shop) accountID(ctx context.Context) (string, error) {
	token, err := s.env.Tokens.Token(ctx)
	return token.Account, err
}

// Listings reads all items that are not deleted, page by page, and renews the
// index of SKUs.
func (s *shop) Listings(ctx context.Context) iter.Seq2[catalog.Remote, error] {
	return func(yield func(catalog.Remote, error) bool) {
		account, err := s.accountID(ctx)
		if err != nil {
			yield(catalog.Remote{}, err)
			return
		}
		whole := indexed{SKUs: map[int64][]string{}}
		stopped := false
		err = s.items(ctx, 0, func(rows []listedItem) error {
			ids := make([]int64, len(rows))
			for i, row := range rows {
				ids[i] = row.ID
				whole.Since = max(whole.Since, row.Updated)
			}
			items, err := s.read(ctx, ids)
			if err != nil {
				return err
			}
			for _, id := range ids {
				it := items[id]
				if it == nil || !alive(it.Status) {
					continue // deleted meanwhile
				}
				whole.SKUs[id] = skusOf(it)
				if !yield(s.remote(it, account), nil) {
					stopped = true
					return errStopped
				}
			}
			return nil
		})
		switch {
		case stopped:
		case err != nil:
			yield(catalog.Remote{}, err)
		default:
			s.index.mutex.Lock()
			defer s.index.mutex.Unlock()
			s.index.known, s.index.loaded, s.index.settled = whole, true, map[int64]int64{}
			s.rememberIndex(ctx)
		}
	}
}

// errStopped ends a walk whose reader has enough.
var errStopped = &connectors.Error{Kind: connectors.Canceled}

// Categories reads the whole tree, which the platform gives in one answer.
func (s *shop) Categories(ctx context.Context) iter.Seq2[connectors.PlatformCategory, error] {
	return func(yield func(connectors.PlatformCategory, error) bool) {
		tree, err := s.categoryTree(ctx)
		if err != nil {
			yield(connectors.PlatformCategory{}, err)
			return
		}
		for _, c := range tree {
			parent := ""
			if c.Parent != 0 {
				parent = strconv.FormatInt(c.Parent, 10)
			}
			if !yield(connectors.PlatformCategory{
				ID: strconv.FormatInt(c.ID, 10), Parent: parent, Name: cmp.Or(c.Name, c.Original), Leaf: !c.HasChildren,
			}, nil) {
				return
			}
		}
	}
}
