package sqlitestore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/storetest"
)

// Every statement that the contract suite makes the store issue finds its rows
// by an index; a new shape without one fails here.
func TestStatementsUseIndexes(t *testing.T) {
	seen := traced(t)
	t.Run("Suite", func(t *testing.T) {
		storetest.Run(t, func(t *testing.T) catalog.Store {
			store, err := open(t.Context(), seen.name, memory, migrations)
			if err != nil {
				t.Fatal(err)
			}
			return closed(t, store)
		})
	})
	store := closed(t, opened(t, memory))
	explained := 0
	for statement := range seen.statements {
		if first, _, _ := strings.Cut(strings.TrimSpace(statement), " "); first == "PRAGMA" || first == "CREATE" || strings.Contains(statement, "sqlite_schema") {
			continue
		}
		explained++
		for _, step := range explain(t, store, statement) {
			// What json_each scans is the list that the caller gave.
			scans := strings.HasPrefix(step, "SCAN ") && !strings.Contains(step, "VIRTUAL TABLE")
			if scans || strings.Contains(step, "AUTOMATIC") {
				t.Errorf("%s\nin %s", step, statement)
			}
		}
	}
	if explained < 40 {
		t.Errorf("only %d statements were seen", explained)
	}
}

// The index is the one that holds least: what is asked again and again costs
// nothing when nothing is due, and what is asked by its name reads no channel
// and no ledger.
func TestIndexChosen(t *testing.T) {
	seen := traced(t)
	store, err := open(t.Context(), seen.name, memory, migrations)
	if err != nil {
		t.Fatal(err)
	}
	closed(t, store)
	plain := closed(t, opened(t, memory))
	ctx := t.Context()
	listings := func(query catalog.ListingQuery) func() error {
		return func() error { _, err := store.Listings(ctx, query); return err }
	}
	orders := func(query catalog.OrderQuery) func() error {
		return func() error { _, err := store.Orders(ctx, query); return err }
	}
	movements := func(query catalog.MovementQuery) func() error {
		return func() error { _, err := store.Movements(ctx, query); return err }
	}
	products := func(query catalog.ProductQuery) func() error {
		return func() error { _, err := store.Products(ctx, query); return err }
	}
	refs, externals, since := []string{"r"}, []catalog.ExternalID{"x"}, time.Unix(1, 0)
	for name, test := range map[string]struct {
		call  func() error
		first string // of the steps
		sorts bool   // what was found, for want of an index in that order
	}{
		"due products":           {func() error { _, err := store.DueProducts(ctx, "", 0); return err }, "SEARCH marks USING INDEX marks_due (product>?)", false},
		"due listings":           {listings(catalog.ListingQuery{Channel: "c", Due: true}), "SEARCH listings USING INDEX listings_due (channel=? AND product>?)", false},
		"due by status":          {listings(catalog.ListingQuery{Channel: "c", Due: true, Status: "live"}), "SEARCH listings USING INDEX listings_due (channel=? AND product>?)", false},
		"listings by status":     {listings(catalog.ListingQuery{Channel: "c", Status: "live"}), "SEARCH listings USING INDEX listings_status (channel=? AND status=? AND product>?)", false},
		"listings by ID there":   {listings(catalog.ListingQuery{Channel: "c", ExternalIDs: externals}), "SEARCH listings USING INDEX listings_external (channel=? AND external_id=?)", true},
		"listings of products":   {listings(catalog.ListingQuery{Products: refs, Due: true}), "SEARCH listings USING INDEX listings_product (product=?)", false},
		"unsettled":              {orders(catalog.OrderQuery{Unsettled: true}), "SEARCH orders USING INDEX orders_unsettled ((channel,external_id)>(?,?))", false},
		"unsettled on a channel": {orders(catalog.OrderQuery{Unsettled: true, Channel: "c", Since: since}), "SEARCH orders USING INDEX orders_unsettled (channel=? AND external_id>?)", false},
		"new orders":             {orders(catalog.OrderQuery{Since: since}), "SEARCH orders USING INDEX orders_updated (updated_at>?)", true},
		"new orders of channel":  {orders(catalog.OrderQuery{Since: since, Channel: "c"}), "SEARCH orders USING INDEX orders_updated (updated_at>?)", true},
		"movements by ref":       {movements(catalog.MovementQuery{Refs: refs}), "SEARCH movements USING INDEX movements_ref (ref=? AND key>?)", true},
		"movements by both":      {movements(catalog.MovementQuery{Refs: refs, SKU: "s"}), "SEARCH movements USING INDEX movements_ref (ref=? AND key>?)", true},
		"search":                 {products(catalog.ProductQuery{Text: "mat ong"}), "SEARCH t USING PRIMARY KEY (token=? AND product>?)", false},
		"search a beginning":     {products(catalog.ProductQuery{Text: "mat"}), "SEARCH p USING INDEX sqlite_autoindex_products_1 (id=?)", false},
	} {
		clear(seen.statements)
		if err := test.call(); err != nil {
			t.Fatal(err)
		}
		for statement := range seen.statements {
			steps := explain(t, plain, statement)
			if steps[0] != test.first {
				t.Errorf("%s: got %s, want %s", name, steps[0], test.first)
			}
			if sorts := strings.Contains(strings.Join(steps, " "), "TEMP B-TREE"); sorts != test.sorts {
				t.Errorf("%s: sorts what it found: %v, want %v", name, sorts, test.sorts)
			}
		}
	}
}

func explain(t *testing.T, store *Store, statement string) []string {
	t.Helper()
	found, err := store.write.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+statement, make([]any, strings.Count(statement, "?"))...)
	if err != nil {
		t.Fatalf("%v in %s", err, statement)
	}
	defer found.Close()
	var steps []string
	for found.Next() {
		var id, parent, unused int
		var step string
		if err := found.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	t.Logf("%s\n\t%s", statement, strings.Join(steps, "\n\t"))
	return append(steps, "")
}

// tracer is the driver, and remembers the statements.
type tracer struct {
	driver.Driver
	name       string
	mu         sync.Mutex
	statements map[string]bool
}

func traced(t *testing.T) *tracer {
	db, err := sql.Open("sqlite", memory)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tr := &tracer{Driver: db.Driver(), name: fmt.Sprintf("sqlite traced by %s %p", t.Name(), t), statements: map[string]bool{}}
	sql.Register(tr.name, tr)
	return tr
}

func (tr *tracer) Open(name string) (driver.Conn, error) {
	conn, err := tr.Driver.Open(name)
	if err != nil {
		return nil, err
	}
	return tracedConn{conn.(fullConn), tr}, nil
}

func (tr *tracer) saw(statement string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.statements[statement] = true
}

// fullConn is what database/sql looks for in a connection.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

type tracedConn struct {
	fullConn
	tracer *tracer
}

func (c tracedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.tracer.saw(query)
	return c.fullConn.PrepareContext(ctx, query)
}

func (c tracedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.tracer.saw(query)
	return c.fullConn.ExecContext(ctx, query, args)
}

func (c tracedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.tracer.saw(query)
	return c.fullConn.QueryContext(ctx, query, args)
}
