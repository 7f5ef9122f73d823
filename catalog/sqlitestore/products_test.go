package sqlitestore

import (
	"errors"
	"testing"

	"github.com/chophien/chophien/catalog"
)

// Writes of one batch are as if they were made one after the other, though the
// difference is stored at once.
func TestBatchInOrder(t *testing.T) {
	store := closed(t, opened(t, memory))
	with := func(id string, revision int64, skus ...catalog.SKU) catalog.Product {
		p := catalog.Product{ID: id, Revision: revision}
		for _, sku := range skus {
			p.Variants = append(p.Variants, catalog.Variant{SKU: sku})
		}
		return p
	}
	errs, err := store.PutProducts(t.Context(), []catalog.Product{
		with("A", 0, "x", "y"), with("A", 1, "y", "z"), // gives x up
		with("B", 0, "x"), with("C", 0, "z"), // one is free, one is not
		with("B", 1, "w"), with("D", 0, "x"),
	})
	check(t, err)
	for i, err := range errs {
		if refused := i == 3; refused != errors.Is(err, catalog.ErrExists) || !refused && err != nil {
			t.Errorf("write %d: got %v", i, err)
		}
	}
	for sku, want := range map[catalog.SKU]string{"w": "B", "x": "D", "y": "A", "z": "A"} {
		got, err := store.Products(t.Context(), catalog.ProductQuery{SKUs: []catalog.SKU{sku}})
		check(t, err)
		if len(got) != 1 || got[0].ID != want {
			t.Errorf("SKU %s: got %v, want product %s", sku, got, want)
		}
	}
}

// The index of tokens holds what the products hold, nothing that was.
func TestTokensAreCleanedUp(t *testing.T) {
	store := closed(t, opened(t, memory))
	p := catalog.Product{ID: "A", Variants: []catalog.Variant{{SKU: "A"}}}
	for revision, name := range []string{"Mật ong rừng", "Mật ong hoa nhãn", ""} {
		p.Revision, p.Name.VI = int64(revision), name
		errs, err := store.PutProducts(t.Context(), []catalog.Product{p})
		check(t, errors.Join(append(errs, err)...))
		var tokens int
		check(t, store.write.QueryRow("SELECT count(*) FROM tokens").Scan(&tokens))
		if want := len(catalog.SearchTokens(p)); tokens != want {
			t.Errorf("%q: %d tokens, want %d", name, tokens, want)
		}
	}
}
