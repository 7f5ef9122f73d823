package mongostore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/chophien/chophien/catalog"
)

// record is what is stored of a [catalog.Record]. Data is kept as text: the
// store never looks into it, and so gives back what it was given.
type record struct {
	Kind     catalog.RecordKind `json:"kind"`
	ID       string             `json:"id"`
	Revision int64              `json:"revision"`
	Data     string             `json:"data"`
}

// PutRecord implements [catalog.Store].
func (s *Store) PutRecord(ctx context.Context, r catalog.Record) error {
	d := document{name: fmt.Sprintf("%s %s", r.Kind, r.ID), id: key(string(r.Kind), r.ID), revision: r.Revision}
	if data := bytes.TrimSpace(r.Data); r.Kind == "" || r.ID == "" || len(data) == 0 || data[0] != '{' || !json.Valid(data) {
		return fmt.Errorf("put %s: a record has a kind, an ID and one JSON object", d.name)
	}
	doc, err := encode(record{Kind: r.Kind, ID: r.ID, Revision: r.Revision + 1, Data: string(r.Data)})
	if err != nil {
		return fmt.Errorf("put %s: %w", d.name, err)
	}
	d.fields = bson.D{{Key: "doc", Value: doc}}
	errs := make([]error, 1)
	if err := put(ctx, s.records, []document{d}, errs); err != nil {
		return fmt.Errorf("put %s: %w", d.name, err)
	}
	return errs[0]
}

// Records implements [catalog.Store].
func (s *Store) Records(ctx context.Context, query catalog.RecordQuery) ([]catalog.Record, error) {
	if query.Kind == "" {
		return nil, errors.New("read records: no kind is named")
	}
	kind := string(query.Kind)
	keys := keyRange{prefix: key(kind, query.Prefix)}
	for _, id := range query.IDs {
		keys.in = append(keys.in, key(kind, id))
	}
	sort := ascending("_id")
	if query.Newest {
		sort = bson.D{{Key: "_id", Value: -1}}
	}
	switch {
	case query.After == "":
	case query.Newest:
		keys.below = key(kind, query.After)
	default:
		keys.above = key(kind, query.After)
	}
	found, err := page[record](ctx, s.records, keys.condition("_id"), sort, query.Limit)
	if err != nil {
		return nil, fmt.Errorf("read %s records: %w", kind, err)
	}
	records := make([]catalog.Record, len(found))
	for i, r := range found {
		records[i] = catalog.Record{Kind: r.Kind, ID: r.ID, Revision: r.Revision, Data: json.RawMessage(r.Data)}
	}
	return records, nil
}

// DeleteRecords implements [catalog.Store].
func (s *Store) DeleteRecords(ctx context.Context, kind catalog.RecordKind, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = key(string(kind), id)
	}
	err := again(ctx, func() error {
		_, err := s.records.DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}})
		return err
	})
	if err != nil {
		return fmt.Errorf("delete %s records: %w", kind, err)
	}
	return nil
}
