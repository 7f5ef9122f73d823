package sqlitestore

import (
	"context"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// failure wraps an error of the database with what was being done and, where
// the reader can do something about it, what. The end of ctx goes before all
// that it made of the database.
func (s *Store) failure(ctx context.Context, what string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", what, ctx.Err())
	}
	return fmt.Errorf("%s in %s: %w", what, s.path, advise(err))
}

func advise(err error) error {
	failed, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	advice := ""
	switch failed.Code() & 0xff {
	case sqlite3.SQLITE_NOTADB:
		advice = "the file is not a database: name another path, or restore a backup to it"
	case sqlite3.SQLITE_CORRUPT:
		advice = "the file is damaged: keep a copy of it and restore a backup"
	case sqlite3.SQLITE_FULL:
		advice = "the disk is full: free some space and do it again, nothing stored is lost"
	case sqlite3.SQLITE_IOERR:
		advice = "the disk cannot be read or written: check its space and its health"
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		advice = "another process keeps the file locked: end it, or do this again later"
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		advice = "the file cannot be opened: check the rights of it and of its folder"
	case sqlite3.SQLITE_READONLY:
		advice = "the file may not be written: check the rights of it and of its folder"
	default:
		return err
	}
	return fmt.Errorf("%s (%w)", advice, err)
}
