package sheet_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/chophien/chophien/catalog/mongostore"
	"github.com/chophien/chophien/catalog/sheet"
)

// BenchmarkMongoImport imports 100,000 rows of CSV into a fresh MongoDB store,
// and the same file into the same server with mongoimport, which neither
// validates nor compares nor books: "ratio" is our time over its time. It needs
// CHOPHIEN_TEST_MONGODB_URI and mongoimport (github.com/mongodb/mongo-tools) in
// the PATH.
func BenchmarkMongoImport(b *testing.B) {
	uri := os.Getenv("CHOPHIEN_TEST_MONGODB_URI")
	tool, err := exec.LookPath("mongoimport")
	if uri == "" || err != nil {
		b.Skip("SKIP: set CHOPHIEN_TEST_MONGODB_URI (.ci/mongodb/start runs a server) and put mongoimport into the PATH")
	}
	path := benchFile(b, 1)
	var theirs, ours time.Duration
	var memory runtime.MemStats
	for b.Loop() {
		began := time.Now()
		load := exec.CommandContext(b.Context(), tool, "--quiet", "--uri", uri, "--db", freshDatabase(b, uri), "--collection", "rows", "--type", "csv", "--headerline", "--file", path)
		if out, err := load.CombinedOutput(); err != nil {
			b.Fatalf("mongoimport: %v\n%s", err, out)
		}
		theirs += time.Since(began)

		began = time.Now()
		store, err := mongostore.Open(b.Context(), uri, freshDatabase(b, uri))
		if err != nil {
			b.Fatal(err)
		}
		out, err := sheet.Import(b.Context(), store, func() (*sheet.Reader, error) { return sheet.Open(path, sheet.Options{}) }, sheet.ImportOptions{})
		if err != nil || out.Written != benchRows || out.Booked != benchRows {
			b.Fatalf("%+v, %v", out, err)
		}
		if err := store.Close(); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(began)
	}
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.Sys)/(1<<20), "MB-from-system")
	b.ReportMetric(float64(benchRows)*float64(b.N)/ours.Seconds(), "rows/s")
	b.ReportMetric(float64(benchRows)*float64(b.N)/theirs.Seconds(), "mongoimport-rows/s")
	b.ReportMetric(ours.Seconds()/theirs.Seconds(), "ratio")
}

// freshDatabase names a database that does not exist, and drops it at the end.
func freshDatabase(b *testing.B, uri string) string {
	b.Helper()
	name := fmt.Sprintf("chophien_test_%s", bson.NewObjectID().Hex())
	b.Cleanup(func() {
		client, err := mongo.Connect(options.Client().ApplyURI(uri))
		if err != nil {
			b.Fatal(err)
		}
		ctx := context.WithoutCancel(b.Context())
		if err := client.Database(name).Drop(ctx); err != nil {
			b.Error(err)
		}
		if err := client.Disconnect(ctx); err != nil {
			b.Error(err)
		}
	})
	return name
}
