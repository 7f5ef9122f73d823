package mongostore

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/storetest"
)

const uriVariable = "CHOPHIEN_TEST_MONGODB_URI"

func TestMain(m *testing.M) {
	if os.Getenv(uriVariable) == "" {
		fmt.Fprintln(os.Stderr, "SKIP mongostore: set "+uriVariable+" to the URI of a server whose databases chophien_test_* may be made and dropped; .ci/mongodb/start starts one")
	}
	os.Exit(m.Run())
}

// server returns the URI of the server to test on.
func server(t testing.TB) string {
	t.Helper()
	uri := os.Getenv(uriVariable)
	if uri == "" {
		if os.Getenv("CHOPHIEN_TEST_NO_SKIP") != "" {
			t.Fatal(uriVariable + " is not set")
		}
		t.Skip(uriVariable + " is not set")
	}
	return uri
}

// fresh returns the name of an empty database, which is dropped at the end.
func fresh(t testing.TB) string {
	t.Helper()
	client, err := mongo.Connect(options.Client().ApplyURI(server(t)))
	if err != nil {
		t.Fatal(err)
	}
	name := "chophien_test_" + bson.NewObjectID().Hex()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := client.Database(name).Drop(ctx); err != nil {
			t.Errorf("drop %s: %v", name, err)
		}
		if err := client.Disconnect(ctx); err != nil {
			t.Error(err)
		}
	})
	return name
}

// openAt opens a store that the caller closes.
func openAt(t testing.TB, uri, database string, monitor *event.CommandMonitor) *Store {
	t.Helper()
	s, err := open(t.Context(), uri, database, monitor)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// openFresh opens a store in an empty database and closes it at the end.
func openFresh(t testing.TB, monitor *event.CommandMonitor) *Store {
	t.Helper()
	s := openAt(t, server(t), fresh(t), monitor)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// openWatched is openFresh for the suites: every query they make needs an
// index.
func openWatched(t *testing.T) catalog.Store {
	w := &watch{}
	s := openFresh(t, w.monitor())
	t.Cleanup(func() { w.checkIndexes(t, s.db) })
	return s
}

func TestContract(t *testing.T) {
	server(t)
	storetest.Run(t, openWatched)
}

func TestConcurrency(t *testing.T) {
	server(t)
	storetest.RunConcurrency(t, openWatched)
}

func TestReopen(t *testing.T) {
	server(t)
	storetest.RunReopen(t, func(t *testing.T) func() catalog.Store {
		database := fresh(t)
		return func() catalog.Store { return openAt(t, server(t), database, nil) }
	})
}
