package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/chophien/chophien/catalog"
)

// AddMovements implements [catalog.Store].
func (s *Store) AddMovements(ctx context.Context, movements []catalog.Movement) ([]error, error) {
	errs := make([]error, len(movements))
	if len(movements) == 0 {
		return errs, nil
	}
	err := s.update(ctx, "add movements", func(tx *sql.Tx) error {
		add, err := tx.Prepare("INSERT INTO movements (key, sku, ref, doc) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
		if err != nil {
			return err
		}
		defer add.Close()
		moved := map[catalog.SKU]catalog.Level{}
		for i := range movements {
			if err := ctx.Err(); err != nil {
				return err
			}
			m := &movements[i]
			if errs[i] = errors.Join(checkKey("key of a movement", m.Key), checkKey("SKU of a movement", string(m.SKU))); errs[i] != nil {
				continue
			}
			doc, err := json.Marshal(m)
			if err != nil {
				errs[i] = err
				continue
			}
			result, err := add.Exec(m.Key, m.SKU, m.Ref, doc)
			if err != nil {
				return err
			}
			if added, err := result.RowsAffected(); err != nil {
				return err
			} else if added == 0 {
				errs[i] = fmt.Errorf("movement %s: %w", m.Key, catalog.ErrExists)
				continue
			}
			level := moved[m.SKU]
			level.OnHand += m.OnHand
			level.Reserved += m.Reserved
			if m.At.After(level.Head) {
				level.Head = m.At
			}
			moved[m.SKU] = level
		}
		return storeLevels(tx, moved)
	})
	return errs, err
}

// storeLevels adds to the levels and makes the products due.
func storeLevels(tx *sql.Tx, moved map[catalog.SKU]catalog.Level) error {
	if len(moved) == 0 {
		return nil
	}
	raise, err := tx.Prepare(`INSERT INTO levels (sku, on_hand, reserved, head) VALUES (?, ?, ?, ?)
		ON CONFLICT (sku) DO UPDATE SET on_hand = on_hand + excluded.on_hand, reserved = reserved + excluded.reserved, head = max(head, excluded.head)`)
	if err != nil {
		return err
	}
	defer raise.Close()
	skus := slices.Sorted(maps.Keys(moved))
	for _, sku := range skus {
		level := moved[sku]
		if _, err := raise.Exec(sku, level.OnHand, level.Reserved, level.Head.UnixMilli()); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`INSERT INTO marks (product, count, due)
		SELECT DISTINCT product, 1, 1 FROM skus WHERE sku IN (SELECT value FROM json_each(?))
		ON CONFLICT (product) DO UPDATE SET count = count + 1, due = 1`, jsonList(skus))
	return err
}

// Movements implements [catalog.Store].
func (s *Store) Movements(ctx context.Context, wanted catalog.MovementQuery) ([]catalog.Movement, error) {
	q := query{from: "doc FROM movements"}
	q.and("key > ?", wanted.AfterKey)
	if wanted.SKU != "" {
		q.and("sku = ?", wanted.SKU)
	}
	if len(wanted.Refs) > 0 {
		q.from += " INDEXED BY movements_ref" // SQLite would read the whole ledger
		q.and("ref IN (SELECT value FROM json_each(?))", jsonList(wanted.Refs))
	}
	return rows(ctx, s, "movements", q, "key", wanted.Limit, func(row *sql.Rows, m *catalog.Movement) error {
		var doc sql.RawBytes
		if err := row.Scan(&doc); err != nil {
			return err
		}
		return json.Unmarshal(doc, m)
	})
}

// Levels implements [catalog.Store].
func (s *Store) Levels(ctx context.Context, skus []catalog.SKU) ([]catalog.Level, error) {
	levels := make([]catalog.Level, len(skus))
	stored := make(map[catalog.SKU]catalog.Level, len(skus))
	err := func() error {
		found, err := s.read.QueryContext(ctx, "SELECT sku, on_hand, reserved, head FROM levels WHERE sku IN (SELECT value FROM json_each(?))", jsonList(skus))
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			var level catalog.Level
			var head int64
			if err := found.Scan(&level.SKU, &level.OnHand, &level.Reserved, &head); err != nil {
				return err
			}
			level.Head = time.UnixMilli(head).UTC()
			stored[level.SKU] = level
		}
		return found.Err()
	}()
	for i, sku := range skus {
		levels[i] = stored[sku]
		levels[i].SKU = sku
	}
	return levels, s.failure(ctx, "levels", err)
}
