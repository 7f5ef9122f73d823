package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chophien/chophien/catalog"
)

// Each file that is no store of ours is refused in words that say what to do,
// and is left as it is.
func TestOpenRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(t *testing.T, path string)
		want    string
	}{
		"text": {func(t *testing.T, path string) {
			check(t, os.WriteFile(path, []byte(strings.Repeat("sku,name\nCHE-100,Chè\n", 300)), 0o600))
		}, "the file is not a database: name another path"},
		"database of another program": {func(t *testing.T, path string) {
			execute(t, path, "CREATE TABLE songs (title TEXT)")
		}, "this is a database of another program: name another path"},
		"marked by another program": {func(t *testing.T, path string) {
			execute(t, path, "PRAGMA application_id = 7")
		}, "this is a database of another program: name another path"},
		"newer schema": {func(t *testing.T, path string) {
			check(t, opened(t, path).Close())
			execute(t, path, "PRAGMA user_version = 99")
		}, "newer version of this program (schema 99, this one knows 1): update the program"},
		"folder": {func(t *testing.T, path string) {
			check(t, os.Mkdir(path, 0o700))
		}, "not a file: name a file"},
		"damaged": {func(t *testing.T, path string) {
			check(t, opened(t, path).Close())
			data, err := os.ReadFile(path)
			check(t, err)
			check(t, os.WriteFile(path, append(data[:100:100], make([]byte, len(data)-100)...), 0o600))
		}, "the file is damaged: keep a copy of it and restore a backup"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "catalog.db")
			test.prepare(t, path)
			before, _ := os.ReadFile(path)
			_, err := Open(t.Context(), path)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got error %v, want one with %q and the path", err, test.want)
			}
			if after, _ := os.ReadFile(path); !slices.Equal(before, after) {
				t.Error("the file was changed")
			}
		})
	}
	missing := filepath.Join(t.TempDir(), "no", "catalog.db")
	if _, err := Open(t.Context(), missing); err == nil || !strings.Contains(err.Error(), "does not exist: create it first") {
		t.Errorf("folder missing: got %v", err)
	}
	if _, err := Open(t.Context(), ""); err == nil {
		t.Error("an empty path was opened")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, memory); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: got %v", err)
	}
}

func TestOpenMakesPrivateFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chợ phiên 100% #1?.db")
	store := closed(t, opened(t, path))
	check(t, store.PutRecord(t.Context(), catalog.Record{Kind: catalog.KindPlan, ID: "p", Data: []byte("{}")}))
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		check(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the rights %v", filepath.Base(name), info.Mode())
		}
	}
}

// Of several that open a new file at once each gets the whole schema.
func TestOpenAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			store, err := Open(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			defer store.Close()
			if err := store.PutRecord(t.Context(), catalog.Record{Kind: catalog.KindPlan, ID: string(rune('a' + i)), Data: []byte("{}")}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	records, err := closed(t, opened(t, path)).Records(t.Context(), catalog.RecordQuery{Kind: catalog.KindPlan})
	check(t, err)
	if len(records) != 8 {
		t.Errorf("got %d records of 8", len(records))
	}
}

// A migration is done whole or not at all, and only once.
func TestMigrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	old := opened(t, path)
	check(t, old.PutRecord(t.Context(), catalog.Record{Kind: catalog.KindPlan, ID: "p", Data: []byte(`{"a":1}`)}))
	check(t, old.Close())

	with := func(more ...string) (*Store, error) {
		return open(t.Context(), "sqlite", path, append(slices.Clip(migrations), more...))
	}
	if _, err := with("CREATE TABLE extra (x TEXT); INSERT INTO nowhere VALUES (1)"); err == nil {
		t.Fatal("a migration that fails passes")
	}
	check(t, opened(t, path).Close()) // as it was
	const second, third = "CREATE TABLE extra (x TEXT)", "INSERT INTO extra VALUES ('once')"
	for _, more := range [][]string{{second}, {second, third}, {second, third}} {
		store, err := with(more...)
		check(t, err)
		var rows, version int
		check(t, store.write.QueryRow("SELECT count(*) FROM extra").Scan(&rows))
		check(t, store.write.QueryRow("PRAGMA user_version").Scan(&version))
		if rows != len(more)-1 || version != len(migrations)+len(more) {
			t.Errorf("after %d migrations: %d rows, version %d", len(more), rows, version)
		}
		records, err := store.Records(t.Context(), catalog.RecordQuery{Kind: catalog.KindPlan})
		check(t, err)
		if len(records) != 1 || string(records[0].Data) != `{"a":1}` {
			t.Errorf("got %v", records)
		}
		check(t, store.Close())
	}
	if _, err := Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "update the program") {
		t.Errorf("the older program opens the newer file: %v", err)
	}
}

func TestDiskFull(t *testing.T) {
	store := closed(t, opened(t, filepath.Join(t.TempDir(), "catalog.db")))
	put := func(id string) error {
		p := catalog.Product{ID: id, Variants: []catalog.Variant{{SKU: catalog.SKU(id)}}, Description: catalog.Text{VI: strings.Repeat("dài ", 50000)}}
		errs, err := store.PutProducts(t.Context(), []catalog.Product{p})
		return errors.Join(append(errs, err)...)
	}
	check(t, put("A"))
	var pages int
	check(t, store.write.QueryRow("PRAGMA page_count").Scan(&pages))
	check(t, store.write.QueryRow("PRAGMA max_page_count = 1").Scan(&pages)) // as it is now
	if err := put("B"); err == nil || !strings.Contains(err.Error(), "put products") || !strings.Contains(err.Error(), "the disk is full: free some space") {
		t.Errorf("got %v", err)
	}
	products, err := store.Products(t.Context(), catalog.ProductQuery{})
	check(t, err)
	if len(products) != 1 {
		t.Errorf("%d products after the second did not fit", len(products))
	}
	check(t, store.write.QueryRow("PRAGMA max_page_count = 1000000").Scan(&pages))
	check(t, put("B"))
}

// Who waits for another process's lock stops waiting when the context ends,
// and reads meanwhile.
func TestLockedByAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	store := closed(t, opened(t, path))
	check(t, store.PutRecord(t.Context(), catalog.Record{Kind: catalog.KindPlan, ID: "p", Data: []byte("{}")}))
	other := closed(t, opened(t, path))
	tx, err := other.write.Begin()
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	waiting := make(chan error)
	go func() {
		waiting <- store.PutRecord(ctx, catalog.Record{Kind: catalog.KindPlan, ID: "q", Data: []byte("{}")})
	}()
	records, err := store.Records(t.Context(), catalog.RecordQuery{Kind: catalog.KindPlan})
	check(t, err)
	if len(records) != 1 {
		t.Errorf("got %d records", len(records))
	}
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	check(t, tx.Rollback())
	check(t, store.PutRecord(t.Context(), catalog.Record{Kind: catalog.KindPlan, ID: "q", Data: []byte("{}")}))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func execute(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	check(t, err)
	defer db.Close()
	_, err = db.Exec(statement)
	check(t, err)
}
