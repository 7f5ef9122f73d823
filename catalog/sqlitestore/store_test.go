package sqlitestore

import (
	"path/filepath"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/storetest"
)

func TestStoreInMemory(t *testing.T) {
	storetest.Run(t, inMemory)
}

func TestStoreInFile(t *testing.T) {
	storetest.Run(t, inFile)
}

func TestConcurrencyInMemory(t *testing.T) {
	storetest.RunConcurrency(t, inMemory)
}

func TestConcurrencyInFile(t *testing.T) {
	storetest.RunConcurrency(t, inFile)
}

func TestReopen(t *testing.T) {
	storetest.RunReopen(t, func(t *testing.T) func() catalog.Store {
		path := filepath.Join(t.TempDir(), "catalog.db")
		return func() catalog.Store { return opened(t, path) }
	})
}

func inMemory(t *testing.T) catalog.Store { return closed(t, opened(t, memory)) }

func inFile(t *testing.T) catalog.Store {
	return closed(t, opened(t, filepath.Join(t.TempDir(), "catalog.db")))
}

func opened(t testing.TB, path string) *Store {
	t.Helper()
	store, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// closed has the store closed at the end of the test.
func closed(t testing.TB, store *Store) *Store {
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}
