// Package sqlitestore is the embedded [catalog.Store]: one SQLite file, for one
// machine and any number of processes on it.
//
// Documents are kept as JSON beside the columns that queries and indexes need;
// where both hold a value the column counts. Every batch is one transaction, so
// nothing is ever half done and [Store.Heal] has nothing to do. A commit is on
// the disk before its call returns.
package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/chophien/chophien/catalog"
)

// Store is a catalog in one SQLite file. It is safe for concurrent use.
type Store struct {
	path       string
	migrations []string
	write      *sql.DB // one connection: SQLite has one writer at a time
	read       *sql.DB // several, which never wait for the writer; in memory the same as write
}

var _ catalog.Store = (*Store)(nil)

const memory = ":memory:"

// Open opens the store in the file at path and makes the file, readable by its
// owner only, when there is none. The path ":memory:" gives a store of its own
// that ends when it is closed. A file that is no store, or that was written by a
// newer version of this program, is left as it is and refused with an error that
// says what to do.
func Open(ctx context.Context, path string) (*Store, error) {
	return open(ctx, "sqlite", path, migrations)
}

func open(ctx context.Context, driver, path string, migrations []string) (*Store, error) {
	store := &Store{path: path, migrations: migrations}
	if err := store.connect(ctx, driver); err != nil {
		store.Close()
		return nil, fmt.Errorf("open catalog %s: %w", path, err)
	}
	return store, nil
}

func (s *Store) connect(ctx context.Context, driver string) error {
	// A lock that another process holds for longer than this is an error.
	const wait = "_pragma=busy_timeout(10000)"
	if s.path == memory {
		db, err := sql.Open(driver, memory+"?_txlock=immediate&"+wait)
		if err != nil {
			return err
		}
		db.SetMaxOpenConns(1) // a second connection would see another database
		s.write, s.read = db, db
		return s.prepare(ctx)
	}

	path, err := filepath.Abs(s.path)
	if err != nil || s.path == "" {
		return errors.New("this is not a path of a file")
	}
	if err := create(path); err != nil {
		return err
	}
	address := func(options string) string {
		return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: wait + options}).String()
	}
	// FULL, since a power cut must not take back an intent or a token whose
	// call was made.
	if s.write, err = sql.Open(driver, address("&_txlock=immediate&_pragma=synchronous(FULL)&_pragma=cache_size(-8000)&_pragma=journal_size_limit(67108864)")); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	if err := s.prepare(ctx); err != nil {
		return err
	}
	if s.read, err = sql.Open(driver, address("&_pragma=query_only(1)")); err != nil {
		return err
	}
	readers := max(4, runtime.GOMAXPROCS(0))
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	return nil
}

// create makes an empty file that only its owner may read. SQLite gives the
// files beside it the same rights. A file that exists is not touched: closing
// it here would end the locks that SQLite holds on it elsewhere in this process.
func create(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case err == nil:
		return file.Close()
	case errors.Is(err, fs.ErrExist):
		info, err := os.Stat(path)
		if err != nil {
			return reason(err)
		}
		if !info.Mode().IsRegular() {
			return errors.New("this is a folder or a device, not a file: name a file")
		}
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("the folder %s does not exist: create it first", filepath.Dir(path))
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("no right to write in %s: change its owner or its rights", filepath.Dir(path))
	default:
		return reason(err)
	}
}

// reason is err without its path, which the caller names.
func reason(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}

// Close releases the store; the last one to be closed tidies up the file.
func (s *Store) Close() error {
	var errs []error
	if s.read != nil && s.read != s.write {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	return errors.Join(errs...)
}

// Heal has nothing to do here: what belongs together is written together.
func (s *Store) Heal(ctx context.Context) error { return ctx.Err() }

// update runs f in a transaction that has the right to write from its start.
// Statements within are not given ctx, which costs more than most of them; f
// asks for its end between items.
func (s *Store) update(ctx context.Context, what string, f func(tx *sql.Tx) error) error {
	err := func() error {
		tx, err := s.write.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if err := f(tx); err != nil {
			return err
		}
		return tx.Commit()
	}()
	return s.failure(ctx, what, err)
}

// put writes n documents, each on its own, by insert or by update; those of
// which the statement changes no row exist already or have another revision.
func (s *Store) put(ctx context.Context, what, insert, update string, n int, item func(i int) (document, error)) ([]error, error) {
	errs := make([]error, n)
	if n == 0 {
		return errs, nil
	}
	err := s.update(ctx, what, func(tx *sql.Tx) error {
		creating, err := tx.Prepare(insert)
		if err != nil {
			return err
		}
		defer creating.Close()
		changing, err := tx.Prepare(update)
		if err != nil {
			return err
		}
		defer changing.Close()
		for i := range n {
			if err := ctx.Err(); err != nil {
				return err
			}
			doc, err := item(i)
			if err != nil {
				errs[i] = err
				continue
			}
			statement, refusal := creating, catalog.ErrExists
			if doc.revision != 0 {
				statement, refusal = changing, catalog.ErrConflict
			}
			result, err := statement.Exec(doc.args...)
			if err != nil {
				return err
			}
			if changed, err := result.RowsAffected(); err != nil {
				return err
			} else if changed == 0 {
				errs[i] = fmt.Errorf("%s, revision %d: %w", doc.name, doc.revision, refusal)
			}
		}
		return nil
	})
	return errs, err
}

// document is one for [Store.put]. Its args are numbered alike in both
// statements.
type document struct {
	name     string // for errors, such as "product CHE-01"
	revision int64
	args     []any
}

// query is a SELECT that grows by conditions.
type query struct {
	from  string
	where []string
	args  []any
}

func (q *query) and(condition string, args ...any) {
	q.where = append(q.where, condition)
	q.args = append(q.args, args...)
}

// in adds a condition that has one ? for a list; an empty list asks nothing.
func in[T ~string](q *query, condition string, list []T) {
	if len(list) > 0 {
		q.and(condition, jsonList(list))
	}
}

// rows runs "SELECT q.from WHERE ... ORDER BY order LIMIT limit".
func rows[T any](ctx context.Context, s *Store, what string, q query, order string, limit int, scan func(*sql.Rows, *T) error) ([]T, error) {
	if limit <= 0 {
		limit = 1000
	}
	text := "SELECT " + q.from + " WHERE " + strings.Join(q.where, " AND ") + " ORDER BY " + order + " LIMIT ?"
	list, err := func() ([]T, error) {
		found, err := s.read.QueryContext(ctx, text, append(q.args, limit)...)
		if err != nil {
			return nil, err
		}
		defer found.Close()
		var list []T
		for found.Next() {
			var value T
			if err := scan(found, &value); err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, found.Err()
	}()
	return list, s.failure(ctx, what, err)
}

// jsonList passes any number of keys as one argument, for json_each.
func jsonList[T ~string](list []T) string {
	text, _ := json.Marshal(list) // of strings: cannot fail
	return string(text)
}

// checkKey refuses what is no key: nothing at all, and text that SQLite or JSON
// would cut or replace.
func checkKey(name, key string) error {
	switch {
	case key == "":
		return fmt.Errorf("%s is empty", name)
	case !utf8.ValidString(key):
		return fmt.Errorf("%s %q is not UTF-8", name, key)
	case strings.Contains(key, "\x00"):
		return fmt.Errorf("%s %q contains a NUL character", name, key)
	}
	return nil
}
