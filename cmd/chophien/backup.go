package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"github.com/chophien/chophien/catalog"
)

// A backup is gzip of JSON lines: a header, every document, and a footer with
// the number of documents of each kind and a digest of all of them. Revisions
// are left out: a restored store counts its own.

const backupFormat = "chophien-backup-1"

// backupLine is one line: exactly one field is set.
type backupLine struct {
	Format   string            `json:"format,omitempty"`
	Product  *catalog.Product  `json:"product,omitempty"`
	Listing  *catalog.Listing  `json:"listing,omitempty"`
	Order    *catalog.Order    `json:"order,omitempty"`
	Movement *catalog.Movement `json:"movement,omitempty"`
	Record   *catalog.Record   `json:"record,omitempty"`
	Footer   *backupFooter     `json:"footer,omitempty"`
}

type backupFooter struct {
	Counts map[string]int64 `json:"counts"`
	SHA256 string           `json:"sha256"`
}

// tally counts and digests documents in the order of a dump.
type tally struct {
	counts map[string]int64
	digest hash.Hash
}

func newTally() *tally { return &tally{map[string]int64{}, sha256.New()} }

func (t *tally) add(line backupLine) ([]byte, error) {
	data, err := json.Marshal(line)
	if err != nil {
		return nil, err
	}
	t.digest.Write(data)
	t.counts[line.kind()]++
	return data, nil
}

func (t *tally) footer() backupFooter {
	return backupFooter{t.counts, hex.EncodeToString(t.digest.Sum(nil))}
}

func (l backupLine) kind() string {
	switch {
	case l.Product != nil:
		return "products"
	case l.Listing != nil:
		return "listings"
	case l.Order != nil:
		return "orders"
	case l.Movement != nil:
		return "movements"
	case l.Record != nil:
		return string(l.Record.Kind)
	}
	return "other"
}

// dump hands every document of a store to emit, in a fixed order, revisions
// set to 0.
func dump(ctx context.Context, store catalog.Store, emit func(backupLine) error) error {
	err := pages(func(after string) (string, error) {
		products, err := store.Products(ctx, catalog.ProductQuery{After: after})
		for i := range products {
			after = products[i].ID
			products[i].Revision = 0
			if err == nil {
				err = emit(backupLine{Product: &products[i]})
			}
		}
		return last(after, len(products)), err
	})
	if err != nil {
		return err
	}
	channels, err := channelsIn(ctx, store)
	if err != nil {
		return err
	}
	for _, channel := range channels {
		if err := pages(func(after string) (string, error) {
			listings, err := store.Listings(ctx, catalog.ListingQuery{Channel: channel, After: after})
			for i := range listings {
				after = listings[i].ProductID
				listings[i].Revision = 0
				if err == nil {
					err = emit(backupLine{Listing: &listings[i]})
				}
			}
			return last(after, len(listings)), err
		}); err != nil {
			return err
		}
	}
	if err := pages(func(after string) (string, error) {
		orders, err := store.Orders(ctx, catalog.OrderQuery{AfterKey: after})
		for i := range orders {
			after = orders[i].Key()
			orders[i].Revision = 0
			if err == nil {
				err = emit(backupLine{Order: &orders[i]})
			}
		}
		return last(after, len(orders)), err
	}); err != nil {
		return err
	}
	if err := pages(func(after string) (string, error) {
		movements, err := store.Movements(ctx, catalog.MovementQuery{AfterKey: after})
		for i := range movements {
			after = movements[i].Key
			if err == nil {
				err = emit(backupLine{Movement: &movements[i]})
			}
		}
		return last(after, len(movements)), err
	}); err != nil {
		return err
	}
	for _, kind := range catalog.RecordKinds {
		if err := pages(func(after string) (string, error) {
			records, err := store.Records(ctx, catalog.RecordQuery{Kind: kind, After: after})
			for i := range records {
				after = records[i].ID
				records[i].Revision = 0
				if err == nil {
					records[i].Data, err = canonical(records[i].Data)
				}
				if err == nil {
					err = emit(backupLine{Record: &records[i]})
				}
			}
			return last(after, len(records)), err
		}); err != nil {
			return err
		}
	}
	return nil
}

// canonical writes a JSON object with sorted keys: stores may keep another
// order.
func canonical(data json.RawMessage) (json.RawMessage, error) {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	return json.Marshal(value)
}

// pages calls next until it returns "".
func pages(next func(after string) (string, error)) error {
	for after := ""; ; {
		following, err := next(after)
		if err != nil || following == "" {
			return err
		}
		after = following
	}
}

func last(after string, n int) string {
	if n == 0 {
		return ""
	}
	return after
}

// channelsIn lists the channels that the store knows of, also those that are
// not in connectors.yaml any more.
func channelsIn(ctx context.Context, store catalog.Store) ([]catalog.ChannelID, error) {
	var ids []catalog.ChannelID
	err := pages(func(after string) (string, error) {
		records, err := store.Records(ctx, catalog.RecordQuery{Kind: catalog.KindChannel, After: after})
		for _, r := range records {
			after = r.ID
			ids = append(ids, catalog.ChannelID(r.ID))
		}
		return last(after, len(records)), err
	})
	return ids, err
}

type backupCmd struct {
	File string `arg:"" help:"Tệp sao lưu. / The backup file." type:"path"`
}

// Run writes a backup, reads it again and compares, and only then puts it in
// place. The key file is not part of it.
func (c *backupCmd) Run(ctx context.Context, a *app) error {
	store, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	var written backupFooter
	if err := replaceFile(c.File, 0o600, func(file *os.File) error {
		if written, err = writeBackup(ctx, store, file); err != nil {
			return err
		}
		if _, err := readBackup(ctx, file.Name(), func(backupLine) error { return nil }); err != nil {
			return fmt.Errorf("verify the backup: %w", err)
		}
		return nil
	}); err != nil {
		return err
	}
	a.say("Đã sao lưu và kiểm tra lại: %s", "Backed up and verified: %s", c.File)
	a.printCounts(written.Counts)
	a.say("Hãy giữ riêng một bản của tệp khóa (key.json): thiếu nó thì không đọc được dữ liệu người mua.", "Keep a copy of the key file (key.json) apart: without it buyers' data cannot be read.")
	return nil
}

func writeBackup(ctx context.Context, store catalog.Store, w io.Writer) (backupFooter, error) {
	zipped := gzip.NewWriter(w)
	t := newTally()
	put := func(data []byte) error {
		_, err := zipped.Write(append(data, '\n'))
		return err
	}
	header, err := json.Marshal(backupLine{Format: backupFormat})
	if err != nil {
		return backupFooter{}, err
	}
	if err := put(header); err != nil {
		return backupFooter{}, err
	}
	if err := dump(ctx, store, func(line backupLine) error {
		data, err := t.add(line)
		if err != nil {
			return err
		}
		return put(data)
	}); err != nil {
		return backupFooter{}, err
	}
	footer := t.footer()
	data, err := json.Marshal(backupLine{Footer: &footer})
	if err != nil {
		return footer, err
	}
	return footer, errors.Join(put(data), zipped.Close())
}

// readBackup hands every document to take and verifies count and digest.
func readBackup(ctx context.Context, path string, take func(backupLine) error) (backupFooter, error) {
	file, err := os.Open(path)
	if err != nil {
		return backupFooter{}, err
	}
	defer file.Close()
	damaged := func(why error) error {
		return fmt.Errorf("%s is not a whole backup: %w; use another copy", path, why)
	}
	zipped, err := gzip.NewReader(file)
	if err != nil {
		return backupFooter{}, damaged(err)
	}
	decoder := json.NewDecoder(zipped)
	var header backupLine
	if err := decoder.Decode(&header); err != nil || header.Format != backupFormat {
		return backupFooter{}, damaged(errors.New("no header of this version"))
	}
	t := newTally()
	for ctx.Err() == nil {
		var line backupLine
		if err := decoder.Decode(&line); err != nil {
			return backupFooter{}, damaged(err)
		}
		if line.Footer != nil {
			if found := t.footer(); found.SHA256 != line.Footer.SHA256 {
				return found, damaged(errors.New("its contents do not match its digest"))
			}
			return *line.Footer, nil
		}
		if _, err := t.add(line); err != nil {
			return backupFooter{}, damaged(err)
		}
		if err := take(line); err != nil {
			return backupFooter{}, err
		}
	}
	return backupFooter{}, ctx.Err()
}

func (a *app) printCounts(counts map[string]int64) {
	var rows [][]string
	for _, kind := range append([]string{"products", "listings", "orders", "movements"}, recordKindNames()...) {
		if counts[kind] > 0 {
			rows = append(rows, []string{kind, fmt.Sprint(counts[kind])})
		}
	}
	a.table([]string{a.t("Loại", "Kind"), a.t("Số lượng", "Number")}, rows)
}

func recordKindNames() []string {
	names := make([]string, len(catalog.RecordKinds))
	for i, k := range catalog.RecordKinds {
		names[i] = string(k)
	}
	return names
}

type restoreCmd struct {
	File string `arg:"" help:"Tệp sao lưu. / The backup file." type:"existingfile"`
}

// Run restores a backup into an empty store, of either kind, and compares what
// the store then holds with the backup. A restore that was interrupted is
// begun again with a fresh store.
func (c *restoreCmd) Run(ctx context.Context, a *app) error {
	// The whole file is read once before anything is written.
	if _, err := readBackup(ctx, c.File, func(backupLine) error { return nil }); err != nil {
		return err
	}
	store, err := a.openStore(ctx)
	if err != nil {
		return err
	}
	empty := true
	if err := dump(ctx, store, func(backupLine) error { empty = false; return errStop }); err != nil && !errors.Is(err, errStop) {
		return err
	}
	if !empty {
		return withCode(exitUsage, errors.New("the store is not empty: restore into a new one (another --data folder or another MongoDB database)"))
	}
	r := restorer{ctx: ctx, store: store}
	footer, err := readBackup(ctx, c.File, r.take)
	if err == nil {
		err = r.flush()
	}
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	found := newTally()
	if err := dump(ctx, store, func(line backupLine) error { _, err := found.add(line); return err }); err != nil {
		return fmt.Errorf("verify what was restored: %w", err)
	}
	if found.footer().SHA256 != footer.SHA256 {
		return errors.New("what was restored is not what the backup holds; restore again into a new store")
	}
	a.say("Đã khôi phục và kiểm tra lại.", "Restored and verified.")
	a.printCounts(footer.Counts)
	return nil
}

var errStop = errors.New("stop")

// restorer writes documents in batches, each kind after the one before it.
type restorer struct {
	ctx   context.Context
	store catalog.Store
	lines []backupLine
}

const restoreBatch = 500

func (r *restorer) take(line backupLine) error {
	if len(r.lines) > 0 && (len(r.lines) == restoreBatch || r.lines[0].kind() != line.kind()) {
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.lines = append(r.lines, line)
	return nil
}

func (r *restorer) flush() error {
	if len(r.lines) == 0 {
		return nil
	}
	var errs []error
	var err error
	switch first := r.lines[0]; {
	case first.Product != nil:
		errs, err = r.store.PutProducts(r.ctx, collect(r.lines, func(l backupLine) catalog.Product { return *l.Product }))
	case first.Listing != nil:
		errs, err = r.store.PutListings(r.ctx, collect(r.lines, func(l backupLine) catalog.Listing { return *l.Listing }))
	case first.Order != nil:
		errs, err = r.store.PutOrders(r.ctx, collect(r.lines, func(l backupLine) catalog.Order { return *l.Order }))
	case first.Movement != nil:
		errs, err = r.store.AddMovements(r.ctx, collect(r.lines, func(l backupLine) catalog.Movement { return *l.Movement }))
	default:
		for _, l := range r.lines {
			errs = append(errs, r.store.PutRecord(r.ctx, *l.Record))
		}
	}
	r.lines = r.lines[:0]
	return errors.Join(append(errs, err)...)
}

func collect[T any](lines []backupLine, pick func(backupLine) T) []T {
	out := make([]T, len(lines))
	for i, l := range lines {
		out[i] = pick(l)
	}
	return out
}
