package sqlitestore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chophien/chophien/catalog"
)

// PutRecord implements [catalog.Store].
func (s *Store) PutRecord(ctx context.Context, r catalog.Record) error {
	errs, err := s.put(ctx, "put record",
		`INSERT INTO records (kind, id, revision, data) VALUES (?1, ?2, ?3 + 1, ?4) ON CONFLICT DO NOTHING`,
		`UPDATE records SET revision = ?3 + 1, data = ?4 WHERE kind = ?1 AND id = ?2 AND revision = ?3`,
		1, func(int) (document, error) {
			name := fmt.Sprintf("record %s %s", r.Kind, r.ID)
			if err := errors.Join(checkKey("kind of a record", string(r.Kind)), checkKey("ID of a record", r.ID)); err != nil {
				return document{}, err
			}
			if !bytes.HasPrefix(bytes.TrimLeft(r.Data, " \t\r\n"), []byte("{")) || !json.Valid(r.Data) {
				return document{}, fmt.Errorf("%s: data is not a JSON object", name)
			}
			return document{name: name, revision: r.Revision, args: []any{r.Kind, r.ID, r.Revision, []byte(r.Data)}}, nil
		})
	if err != nil {
		return err
	}
	return errs[0]
}

// Records implements [catalog.Store].
func (s *Store) Records(ctx context.Context, wanted catalog.RecordQuery) ([]catalog.Record, error) {
	if wanted.Kind == "" {
		return nil, errors.New("records: no kind is named")
	}
	q := query{from: "id, revision, data FROM records"}
	q.and("kind = ?", wanted.Kind)
	order := "id"
	if wanted.Newest {
		order = "id DESC"
		if wanted.After != "" {
			q.and("id < ?", wanted.After)
		}
	} else if wanted.After >= wanted.Prefix {
		q.and("id > ?", wanted.After)
	}
	if wanted.Prefix != "" {
		q.and("id < ?", successor(wanted.Prefix))
		if wanted.Newest || wanted.After < wanted.Prefix {
			q.and("id >= ?", wanted.Prefix)
		}
	}
	in(&q, "id IN (SELECT value FROM json_each(?))", wanted.IDs)
	return rows(ctx, s, "records", q, order, wanted.Limit, func(row *sql.Rows, r *catalog.Record) error {
		r.Kind = wanted.Kind
		return row.Scan(&r.ID, &r.Revision, (*[]byte)(&r.Data))
	})
}

// DeleteRecords implements [catalog.Store].
func (s *Store) DeleteRecords(ctx context.Context, kind catalog.RecordKind, ids []string) error {
	if len(ids) == 0 {
		return ctx.Err()
	}
	return s.update(ctx, "delete records", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM records WHERE kind = ? AND id IN (SELECT value FROM json_each(?))", kind, jsonList(ids))
		return err
	})
}
