package mongostore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/chophien/chophien/catalog"
)

// attempts is how often a write is tried that the server refused for another
// reason than a duplicate: servers answer deadlocks, elections and shutdowns
// so, and every write here is idempotent.
const attempts = 5

// maxDocument is the largest document written. MongoDB keeps 16 MiB; the rest
// is left to the update command around it.
const maxDocument = 15 << 20

func errTooLarge(size int) error {
	return fmt.Errorf("too large for MongoDB: %d bytes with its search words, at most %d are kept", size, maxDocument)
}

// pause waits before the next attempt, about 10 ms after the first and twice as
// long after each further one. It returns the context's error when that ends.
func pause(ctx context.Context, attempt int) error {
	base := 10 * time.Millisecond << (attempt - 1)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(base/2 + rand.N(base)):
		return nil
	}
}

// again runs an idempotent operation until it succeeds, and gives up after
// some attempts or at an error that is not the server's.
func again(ctx context.Context, operation func() error) error {
	for attempt := 1; ; attempt++ {
		err := operation()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case attempt == attempts || !fromServer(err):
			return err
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

func fromServer(err error) bool {
	_, ok := errors.AsType[mongo.ServerError](err)
	return ok
}

// bulk carries out idempotent writes that nobody asks the result of, upserts
// racing on one key among them.
func bulk(ctx context.Context, c *mongo.Collection, models []mongo.WriteModel) error {
	if len(models) == 0 {
		return nil
	}
	return again(ctx, func() error {
		_, err := c.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
		return err
	})
}

// find returns all that match. Its options should bound the result.
func find[T any](ctx context.Context, c *mongo.Collection, filter bson.D, opts *options.FindOptionsBuilder) (found []T, err error) {
	err = again(ctx, func() error {
		cursor, err := c.Find(ctx, filter, opts)
		if err != nil {
			return err
		}
		found = nil
		return cursor.All(ctx, &found)
	})
	return found, err
}

// aggregate returns all that a pipeline gives.
func aggregate[T any](ctx context.Context, c *mongo.Collection, pipeline any, opts *options.AggregateOptionsBuilder) (found []T, err error) {
	err = again(ctx, func() error {
		cursor, err := c.Aggregate(ctx, pipeline, opts)
		if err != nil {
			return err
		}
		found = nil
		return cursor.All(ctx, &found)
	})
	return found, err
}

// page returns the catalog's values of the documents that match.
func page[T any](ctx context.Context, c *mongo.Collection, filter, sort bson.D, limit int) ([]T, error) {
	if filter == nil {
		filter = bson.D{}
	}
	limit = pageSize(limit)
	found, err := find[struct{ Doc T }](ctx, c, filter,
		options.Find().SetSort(sort).SetLimit(int64(limit)).SetBatchSize(batchSize(limit)).SetProjection(bson.D{{Key: "doc", Value: 1}}))
	if err != nil {
		return nil, err
	}
	values := make([]T, len(found))
	for i := range found {
		values[i] = found[i].Doc
	}
	return values, nil
}

// pageSize is what a limit of a query means.
func pageSize(limit int) int {
	if limit <= 0 {
		return 1000
	}
	return limit
}

// batchSize asks for up to n documents in one answer; without it the first one
// has 101, and the rest takes another round trip. One more than there are lets
// the server see that it is done.
func batchSize(n int) int32 { return int32(min(n, 100_000) + 1) }

func ascending(fields ...string) bson.D {
	sort := bson.D{}
	for _, field := range fields {
		sort = append(sort, bson.E{Key: field, Value: 1})
	}
	return sort
}

// document is a document to be written.
type document struct {
	name     string // what errors call it
	id       string
	revision int64  // that the write names: 0 creates
	fields   bson.D // set; nil values are removed
	inc      bson.D // counters to be increased
}

// encode turns a value of the catalog into BSON under the names of its json
// tags.
func encode(value any) (bson.Raw, error) {
	var buf bytes.Buffer
	encoder := bson.NewEncoder(bson.NewDocumentWriter(&buf))
	encoder.UseJSONStructTags()
	encoder.OmitEmpty()
	encoder.OmitZeroStruct()
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	if buf.Len() > maxDocument {
		return nil, errTooLarge(buf.Len())
	}
	return buf.Bytes(), nil
}

// model returns the write, marked with the name of this very write.
func (d document) model(write string) mongo.WriteModel {
	set, unset := bson.D{{Key: "write", Value: write}}, bson.D{}
	for _, field := range d.fields {
		if field.Value != nil {
			set = append(set, field)
		} else {
			unset = append(unset, bson.E{Key: field.Key, Value: ""})
		}
	}
	if d.revision == 0 {
		created := append(bson.D{{Key: "_id", Value: d.id}}, set...)
		return mongo.NewInsertOneModel().SetDocument(append(created, d.inc...))
	}
	update := bson.D{{Key: "$set", Value: set}}
	if len(unset) > 0 {
		update = append(update, bson.E{Key: "$unset", Value: unset})
	}
	if len(d.inc) > 0 {
		update = append(update, bson.E{Key: "$inc", Value: d.inc})
	}
	return mongo.NewUpdateOneModel().
		SetFilter(bson.D{{Key: "_id", Value: d.id}, {Key: "doc.revision", Value: d.revision}}).
		SetUpdate(update)
}

// errTaken: another document has a value that must be unique; [Store.PutProducts]
// says which.
var errTaken = fmt.Errorf("a unique value is taken: %w", catalog.ErrExists)

// put writes documents in one bulk, creating or comparing and swapping as
// their revisions say. errs has an element for each of them; those that are
// not nil when it is called are left out.
//
// A bulk write tells only how many updates matched. When not all did, or a
// write was tried again and may meet its own effect, the documents are read
// back: each carries the name of the write that made it.
func put(ctx context.Context, c *mongo.Collection, docs []document, errs []error) error {
	return putAs(ctx, c, bson.NewObjectID().Hex(), docs, errs)
}

// writeName is what the document is marked with that a call writes at place i.
func writeName(call string, i int) string { return call + "." + strconv.Itoa(i) }

// putAs is put under the name of a call that may have been made before.
func putAs(ctx context.Context, c *mongo.Collection, call string, docs []document, errs []error) error {
	name := func(i int) string { return writeName(call, i) }
	var todo []int
	for i := range docs {
		if errs[i] == nil {
			todo = append(todo, i)
		}
	}
	for attempt := 1; len(todo) > 0; attempt++ {
		models := make([]mongo.WriteModel, len(todo))
		updates := 0
		for n, i := range todo {
			models[n] = docs[i].model(name(i))
			if docs[i].revision != 0 {
				updates++
			}
		}
		result, err := c.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
		failed, err := itemErrors(err)
		if err != nil {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case attempt == attempts || !fromServer(err):
				return err
			}
			if err := pause(ctx, attempt); err != nil {
				return err
			}
			continue
		}

		var retry []int
		doubtful := map[int]bool{} // by index in docs; true = the server called it a duplicate
		for n, i := range todo {
			failure, ok := failed[n]
			switch {
			case ok && mongo.IsDuplicateKeyError(failure):
				doubtful[i] = true
			case ok && attempt < attempts:
				retry = append(retry, i)
			case ok:
				errs[i] = fmt.Errorf("%s: %w", docs[i].name, failure)
			}
			if ok && docs[i].revision != 0 {
				updates--
			}
		}
		if result.MatchedCount < int64(updates) {
			for n, i := range todo {
				if _, ok := failed[n]; !ok && docs[i].revision != 0 {
					doubtful[i] = false
				}
			}
		}
		if err := settleDoubts(ctx, c, docs, errs, doubtful, name, result.MatchedCount); err != nil {
			return err
		}
		if todo = retry; len(todo) > 0 {
			if err := pause(ctx, attempt); err != nil {
				return err
			}
		}
	}
	return nil
}

// settleDoubts sets the errors of writes that did not take effect, by what is
// stored now. matched is how many updates of the bulk did.
func settleDoubts(ctx context.Context, c *mongo.Collection, docs []document, errs []error, doubtful map[int]bool, name func(int) string, matched int64) error {
	if len(doubtful) == 0 {
		return nil
	}
	ids := make([]string, 0, len(doubtful))
	for i := range doubtful {
		ids = append(ids, docs[i].id)
	}
	type state struct {
		ID    string `bson:"_id"`
		Write string
		Doc   struct{ Revision int64 }
	}
	found, err := find[state](ctx, c, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: ids}}}},
		options.Find().SetProjection(bson.D{{Key: "write", Value: 1}, {Key: "doc.revision", Value: 1}}).SetBatchSize(batchSize(len(ids))))
	if err != nil {
		return err
	}
	stored := make(map[string]state, len(found))
	for _, s := range found {
		stored[s.ID] = s
	}
	var overwritten []int // perhaps written, and written again by somebody else since
	for i, duplicate := range doubtful {
		d, s := docs[i], stored[docs[i].id]
		switch {
		case s.Write == name(i):
			if !duplicate {
				matched--
			}
		case d.revision == 0 && s.ID != "":
			errs[i] = fmt.Errorf("%s: %w", d.name, catalog.ErrExists)
		case duplicate:
			errs[i] = fmt.Errorf("%s: %w", d.name, errTaken)
		case s.ID == "":
			errs[i] = fmt.Errorf("%s: revision %d was asked for, none is stored: %w", d.name, d.revision, catalog.ErrConflict)
		default:
			errs[i] = fmt.Errorf("%s: revision %d was asked for, %d is stored: %w", d.name, d.revision, s.Doc.Revision, catalog.ErrConflict)
			if s.Doc.Revision > d.revision+1 {
				overwritten = append(overwritten, i)
			}
		}
	}
	if int64(len(overwritten)) == matched {
		for _, i := range overwritten {
			errs[i] = nil
		}
	}
	return nil
}

// itemErrors separates the errors of single writes, by their place in the
// bulk, from an error of the whole.
func itemErrors(err error) (map[int]mongo.WriteError, error) {
	exception, ok := errors.AsType[mongo.BulkWriteException](err)
	if !ok || exception.WriteConcernError != nil || len(exception.WriteErrors) == 0 {
		return nil, err
	}
	failed := make(map[int]mongo.WriteError, len(exception.WriteErrors))
	for _, e := range exception.WriteErrors {
		failed[e.Index] = e.WriteError
	}
	return failed, nil
}
