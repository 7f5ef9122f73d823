package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/chophien/chophien/catalog"
)

// PutProducts implements [catalog.Store].
func (s *Store) PutProducts(ctx context.Context, products []catalog.Product) ([]error, error) {
	errs := make([]error, len(products))
	if len(products) == 0 {
		return errs, nil
	}
	writes := make([]productWrite, len(products))
	for i := range products {
		writes[i] = newProductWrite(&products[i])
	}
	err := s.update(ctx, "put products", func(tx *sql.Tx) error {
		batch, err := loadProducts(tx, writes)
		if err != nil {
			return err
		}
		for i := range writes {
			errs[i] = batch.apply(&writes[i])
		}
		return batch.store(ctx, tx)
	})
	return errs, err
}

// productWrite is a product to be written, with what its row is made of.
type productWrite struct {
	*catalog.Product
	skus   []string
	tokens string
	doc    []byte
	err    error // it cannot be stored at all
}

func newProductWrite(product *catalog.Product) productWrite {
	w := productWrite{Product: product}
	if w.err = checkKey("product ID", product.ID); w.err != nil {
		return w
	}
	for i := range product.Variants {
		sku := string(product.Variants[i].SKU)
		if w.err = checkKey("SKU of product "+product.ID, sku); w.err != nil {
			return w
		}
		w.skus = append(w.skus, sku)
	}
	w.tokens = joinTokens(catalog.SearchTokens(*product))
	w.doc, w.err = json.Marshal(product)
	return w
}

// joinTokens puts each token between blanks, so that a word is found by its
// blanks on both sides and the beginning of one by that before it.
func joinTokens(tokens []string) string {
	if len(tokens) == 0 {
		return ""
	}
	return " " + strings.Join(tokens, " ") + " "
}

// productBatch holds what is stored of the products of a batch, and applies the
// writes to it one after the other. The difference is stored at the end.
type productBatch struct {
	products map[string]*productState
	owners   map[string]string // SKU to product, as it becomes
}

// productState is a product as it is stored, and as it becomes.
type productState struct {
	revision int64 // as it becomes
	tokens   string
	skus     []string
	write    *productWrite // the last that was applied; nil = it stays as it is
}

func loadProducts(tx *sql.Tx, writes []productWrite) (*productBatch, error) {
	b := &productBatch{products: make(map[string]*productState, len(writes)), owners: make(map[string]string, len(writes))}
	var ids, skus []string
	for i := range writes {
		ids = append(ids, writes[i].ID)
		skus = append(skus, writes[i].skus...)
	}
	var id, sku string
	err := each(tx, "SELECT id, revision, tokens FROM products WHERE id IN (SELECT value FROM json_each(?))", ids, func(row *sql.Rows) error {
		state := &productState{}
		err := row.Scan(&id, &state.revision, &state.tokens)
		b.products[id] = state
		return err
	})
	if err != nil {
		return nil, err
	}
	err = each(tx, "SELECT sku, product FROM skus WHERE product IN (SELECT value FROM json_each(?))", ids, func(row *sql.Rows) error {
		if err := row.Scan(&sku, &id); err != nil {
			return err
		}
		b.owners[sku] = id
		b.products[id].skus = append(b.products[id].skus, sku)
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(tx, "SELECT sku, product FROM skus WHERE sku IN (SELECT value FROM json_each(?))", skus, func(row *sql.Rows) error {
		err := row.Scan(&sku, &id)
		b.owners[sku] = id
		return err
	})
	return b, err
}

// each runs a query over a list of keys.
func each(tx *sql.Tx, query string, keys []string, f func(*sql.Rows) error) error {
	found, err := tx.Query(query, jsonList(keys))
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		if err := f(found); err != nil {
			return err
		}
	}
	return found.Err()
}

// apply returns why a write is refused, or nil.
func (b *productBatch) apply(w *productWrite) error {
	if w.err != nil {
		return w.err
	}
	state := b.products[w.ID]
	switch {
	case w.Revision == 0 && state != nil:
		return fmt.Errorf("product %s: %w", w.ID, catalog.ErrExists)
	case w.Revision != 0 && state == nil:
		return fmt.Errorf("product %s, revision %d: there is none: %w", w.ID, w.Revision, catalog.ErrConflict)
	case w.Revision != 0 && w.Revision != state.revision:
		return fmt.Errorf("product %s, revision %d, stored is %d: %w", w.ID, w.Revision, state.revision, catalog.ErrConflict)
	}
	for i, sku := range w.skus {
		if owner, taken := b.owners[sku]; taken && owner != w.ID {
			return fmt.Errorf("SKU %s of product %s belongs to product %s: %w", sku, w.ID, owner, catalog.ErrExists)
		}
		if slices.Contains(w.skus[:i], sku) {
			return fmt.Errorf("SKU %s of product %s is there twice: %w", sku, w.ID, catalog.ErrExists)
		}
	}
	if state == nil {
		state = &productState{}
		b.products[w.ID] = state
	}
	before := state.skus
	if state.write != nil {
		before = state.write.skus
	}
	for _, sku := range before {
		delete(b.owners, sku)
	}
	for _, sku := range w.skus {
		b.owners[sku] = w.ID
	}
	state.revision++
	state.write = w
	return nil
}

// store writes what the batch changed.
func (b *productBatch) store(ctx context.Context, tx *sql.Tx) error {
	var ids []string
	goneSKUs, newSKUs := pairs{}, pairs{}
	goneTokens, newTokens := pairs{}, pairs{}
	put, err := tx.Prepare(`INSERT INTO products (id, revision, grp, category, tokens, doc) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, grp = excluded.grp, category = excluded.category, tokens = excluded.tokens, doc = excluded.doc`)
	if err != nil {
		return err
	}
	defer put.Close()
	for id, state := range b.products {
		w := state.write
		if w == nil {
			continue
		}
		ids = append(ids, id)
		difference(goneSKUs, newSKUs, id, state.skus, w.skus)
		if state.tokens != w.tokens {
			difference(goneTokens, newTokens, id, strings.Fields(state.tokens), strings.Fields(w.tokens))
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return err
		}
		state := b.products[id]
		w := state.write
		if _, err := put.Exec(id, state.revision, w.GroupID, w.Category, w.tokens, w.doc); err != nil {
			return err
		}
	}
	for _, change := range []struct {
		pairs     pairs
		statement string
	}{
		{goneSKUs, "DELETE FROM skus WHERE (sku, product) IN (" + eachPair + ")"},
		{newSKUs, "INSERT INTO skus (sku, product) " + eachPair},
		{goneTokens, "DELETE FROM tokens WHERE (token, product) IN (" + eachPair + ")"},
		{newTokens, "INSERT OR IGNORE INTO tokens (token, product) " + eachPair},
	} {
		if len(change.pairs) > 0 {
			if _, err := tx.Exec(change.statement, change.pairs.json()); err != nil {
				return err
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	_, err = tx.Exec(`INSERT INTO marks (product, count, due) SELECT value, 1, 1 FROM json_each(?) WHERE true
		ON CONFLICT (product) DO UPDATE SET count = count + 1, due = 1`, jsonList(ids))
	return err
}

// pairs passes any number of (name, product) as one argument.
type pairs map[string][]string

// eachPair gives them back.
const eachPair = "SELECT name.key, product.value FROM json_each(?) AS name, json_each(name.value) AS product"

func (p pairs) json() string {
	text, _ := json.Marshal(p) // of strings, in the order of the names: cannot fail
	return string(text)
}

// difference adds what goes from before to after.
func difference(gone, added pairs, id string, before, after []string) {
	for _, name := range before {
		if !slices.Contains(after, name) {
			gone[name] = append(gone[name], id)
		}
	}
	for _, name := range after {
		if !slices.Contains(before, name) {
			added[name] = append(added[name], id)
		}
	}
}

// Products implements [catalog.Store].
func (s *Store) Products(ctx context.Context, wanted catalog.ProductQuery) ([]catalog.Product, error) {
	q := query{from: "p.id, p.revision, p.doc FROM products AS p"}
	q.and("p.id > ?", wanted.After)
	in(&q, "p.id IN (SELECT value FROM json_each(?))", wanted.IDs)
	in(&q, "p.id IN (SELECT product FROM skus WHERE sku IN (SELECT value FROM json_each(?)))", wanted.SKUs)
	if wanted.Group != "" {
		q.and("p.grp = ?", wanted.Group)
	}
	if wanted.Category != "" {
		q.and("p.category = ?", wanted.Category)
	}
	order := q.matching(catalog.QueryTokens(wanted.Text), wanted.After, len(wanted.IDs)+len(wanted.SKUs) == 0)
	return rows(ctx, s, "products", q, order, wanted.Limit, func(row *sql.Rows, product *catalog.Product) error {
		var id string
		var revision int64
		var doc sql.RawBytes
		if err := row.Scan(&id, &revision, &doc); err != nil {
			return err
		}
		err := json.Unmarshal(doc, product)
		product.ID, product.Revision = id, revision
		return err
	})
}

// matching asks for products with all these words, the last of which is a
// beginning, and returns the column to sort by. With lead the index of tokens
// gives the candidates, those of the longest word, which is likely to be the
// rarest.
func (q *query) matching(words []string, after string, lead bool) (order string) {
	order = "p.id"
	if len(words) == 0 {
		return order
	}
	whole, beginning := words[:len(words)-1], words[len(words)-1]
	longest := ""
	for _, word := range whole {
		q.and("instr(p.tokens, ?) > 0", " "+word+" ")
		if len(word) > len(longest) {
			longest = word
		}
	}
	q.and("instr(p.tokens, ?) > 0", " "+beginning)
	switch {
	case !lead:
	case len(longest) >= len(beginning):
		// CROSS JOIN has the tokens read first.
		q.from = "p.id, p.revision, p.doc FROM tokens AS t CROSS JOIN products AS p ON p.id = t.product"
		q.and("t.token = ? AND t.product > ?", longest, after)
		order = "t.product"
	default:
		q.and("p.id IN (SELECT product FROM tokens WHERE token >= ? AND token < ? AND product > ?)", beginning, successor(beginning), after)
	}
	return order
}

// successor is the least text beyond all that begin with prefix, which is not
// empty. Its last byte may be none of UTF-8; it is only compared.
func successor(prefix string) string {
	last := len(prefix) - 1
	return prefix[:last] + string([]byte{prefix[last] + 1})
}

// ClearDue implements [catalog.Store].
func (s *Store) ClearDue(ctx context.Context, marks []catalog.DueMark) error {
	if len(marks) == 0 {
		return nil
	}
	return s.update(ctx, "clear due marks", func(tx *sql.Tx) error {
		clear, err := tx.Prepare("UPDATE marks SET due = 0 WHERE product = ? AND count = ?")
		if err != nil {
			return err
		}
		defer clear.Close()
		for _, mark := range marks {
			if err := ctx.Err(); err != nil {
				return err
			}
			if _, err := clear.Exec(mark.ProductID, mark.Count); err != nil {
				return err
			}
		}
		return nil
	})
}

// DueProducts implements [catalog.Store].
func (s *Store) DueProducts(ctx context.Context, after string, limit int) ([]catalog.DueMark, error) {
	q := query{from: "product, count FROM marks"}
	q.and("due = 1 AND product > ?", after)
	return rows(ctx, s, "due products", q, "product", limit, func(row *sql.Rows, mark *catalog.DueMark) error {
		return row.Scan(&mark.ProductID, &mark.Count)
	})
}
