package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// application marks a file as ours ("CPhn" in SQLite's application_id). Beside
// it, user_version is the number of migrations that were carried out.
const application = 0x4350686e

// migrations lead from each schema version to the next, the first from an empty
// file. One that was released is never changed; a change of the schema is a new
// one at the end.
var migrations = []string{`
CREATE TABLE products (
	id       TEXT PRIMARY KEY,
	revision INTEGER NOT NULL,
	grp      TEXT NOT NULL,
	category TEXT NOT NULL,
	tokens   TEXT NOT NULL, -- of the search, each between blanks
	doc      BLOB NOT NULL
) STRICT;
CREATE INDEX products_group ON products (grp, id);
CREATE INDEX products_category ON products (category, id);

CREATE TABLE skus (sku TEXT PRIMARY KEY, product TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX skus_product ON skus (product);

CREATE TABLE tokens (token TEXT, product TEXT, PRIMARY KEY (token, product)) STRICT, WITHOUT ROWID;

-- Apart from the products, so that a mark does not write a whole document.
CREATE TABLE marks (product TEXT PRIMARY KEY, count INTEGER NOT NULL, due INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX marks_due ON marks (product) WHERE due = 1;

CREATE TABLE listings (
	channel     TEXT,
	product     TEXT,
	revision    INTEGER NOT NULL,
	due         INTEGER NOT NULL,
	status      TEXT NOT NULL,
	external_id TEXT NOT NULL,
	doc         BLOB NOT NULL,
	PRIMARY KEY (channel, product)
) STRICT;
CREATE INDEX listings_due ON listings (channel, product) WHERE due = 1;
CREATE INDEX listings_status ON listings (channel, status, product);
CREATE INDEX listings_external ON listings (channel, external_id);
CREATE INDEX listings_product ON listings (product, channel);

CREATE TABLE orders (
	channel     TEXT,
	external_id TEXT,
	revision    INTEGER NOT NULL,
	updated_at  INTEGER NOT NULL, -- Unix time in milliseconds, as all times in columns
	unsettled   INTEGER NOT NULL,
	doc         BLOB NOT NULL,
	PRIMARY KEY (channel, external_id)
) STRICT;
CREATE INDEX orders_unsettled ON orders (channel, external_id) WHERE unsettled = 1;
CREATE INDEX orders_updated ON orders (updated_at, channel, external_id);

CREATE TABLE movements (key TEXT PRIMARY KEY, sku TEXT NOT NULL, ref TEXT NOT NULL, doc BLOB NOT NULL) STRICT;
CREATE INDEX movements_sku ON movements (sku, key);
CREATE INDEX movements_ref ON movements (ref, key);

-- The sums of the movements, written together with them.
CREATE TABLE levels (
	sku      TEXT PRIMARY KEY,
	on_hand  INTEGER NOT NULL,
	reserved INTEGER NOT NULL,
	head     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE records (
	kind     TEXT,
	id       TEXT,
	revision INTEGER NOT NULL,
	data     BLOB NOT NULL,
	PRIMARY KEY (kind, id)
) STRICT;
`}

// prepare makes sure that the file is ours and has the newest schema. It writes
// nothing to a file that is not.
func (s *Store) prepare(ctx context.Context) error {
	version, err := s.version(ctx, s.write)
	if err != nil {
		return err
	}
	if s.path != memory {
		if err := s.useWAL(ctx); err != nil {
			return err
		}
	}
	for version < len(s.migrations) {
		if version, err = s.migrate(ctx); err != nil {
			return err
		}
	}
	return nil
}

// version is the schema version of a file that is ours; 0 = it is empty.
func (s *Store) version(ctx context.Context, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) (version int, err error) {
	var id, tables int
	// One statement sees one moment: another process may be making the schema.
	err = db.QueryRowContext(ctx, `SELECT count(*), (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version)
		FROM sqlite_schema`).Scan(&tables, &id, &version)
	if err != nil {
		return 0, advise(err)
	}
	switch {
	case id == 0 && version == 0 && tables == 0:
		return 0, nil
	case id != application:
		return 0, errors.New("this is a database of another program: name another path")
	case version > len(s.migrations):
		return 0, fmt.Errorf("it was written by a newer version of this program (schema %d, this one knows %d): update the program", version, len(s.migrations))
	}
	return version, nil
}

// useWAL lets readers go on while somebody writes. The mode stays with the file.
func (s *Store) useWAL(ctx context.Context) error {
	for {
		var mode string
		err := s.write.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode)
		if err == nil && mode != "wal" {
			return fmt.Errorf("the file system does not allow what several readers need (journal mode %q): name a path on a local disk", mode)
		}
		// Two processes that change the mode at once are told so without the
		// usual waiting.
		if failed, ok := errors.AsType[*sqlite.Error](err); !ok || failed.Code()&0xff != sqlite3.SQLITE_BUSY {
			return advise(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// migrate carries out the next migration, unless another process did, and
// returns the version after it.
func (s *Store) migrate(ctx context.Context) (version int, err error) {
	err = s.update(ctx, "migrate", func(tx *sql.Tx) error {
		if version, err = s.version(ctx, tx); err != nil || version >= len(s.migrations) {
			return err
		}
		version++
		_, err := tx.ExecContext(ctx, fmt.Sprintf("%s; PRAGMA application_id = %d; PRAGMA user_version = %d",
			strings.TrimRight(s.migrations[version-1], "; \n"), application, version))
		return err
	})
	return version, err
}
