package sheet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/chophien/chophien/catalog"
)

// attempts is how often a product is written again after somebody else changed
// it in between.
const attempts = 5

// work is what one batch writes.
type work struct {
	products []catalog.Product
	items    [][]*item // of each product, mostly one
	fresh    []*item   // of new products
	settled  []*item   // of products that are stored as the file says
}

// written is what became of a work.
type written struct {
	products, booked int
	again            []*block // changed by somebody else in between
	err              error
}

// writeMeanwhile has items written while the next ones are evaluated. It waits
// for the batch before, so that never more than two are held.
func (im *importer) writeMeanwhile(ctx context.Context, items []*item) error {
	if err := im.awaitWritten(ctx); err != nil {
		return err
	}
	w, err := im.prepare(ctx, items, false)
	if err != nil {
		return err
	}
	done := make(chan written, 1)
	im.underway = done
	go func() { done <- im.write(ctx, w) }()
	return nil
}

// awaitWritten waits until the batch before is written. What somebody else
// changed in between is evaluated and written again.
func (im *importer) awaitWritten(ctx context.Context) error {
	if im.underway == nil {
		return nil
	}
	done := <-im.underway
	im.underway = nil
	for attempt := 1; ; attempt++ {
		im.report.Written += done.products
		im.report.Booked += done.booked
		switch {
		case done.err != nil:
			return done.err
		case len(done.again) == 0:
			return nil
		case attempt == attempts:
			return fmt.Errorf("import %s: product %s is changed by somebody else all the time: %w; import the file again", im.file, done.again[0].id(im.builder.header), catalog.ErrConflict)
		}
		items, err := im.evaluate(ctx, done.again)
		if err != nil {
			return err
		}
		w, err := im.prepare(ctx, items, true)
		if err != nil {
			return err
		}
		done = im.write(ctx, w)
	}
}

// prepare stores the groups and pictures of items, and makes the rest ready to
// be written.
func (im *importer) prepare(ctx context.Context, items []*item, again bool) (work, error) {
	var w work
	place := make(map[string]int) // in w.products, by ID
	now := time.Now().UTC().Truncate(time.Millisecond)
	for _, it := range items {
		if len(it.refusals) > 0 {
			// The first pass told the others; this one became so since.
			if !im.options.AcceptValid || again {
				im.refuse(it)
			}
			continue
		}
		if err := im.writeGroup(ctx, it); err != nil {
			return work{}, err
		}
		if it.stored != nil && len(it.fields) == 0 {
			w.settled = append(w.settled, it)
			continue
		}
		if err := im.pictures.keep(it.product.Images); err != nil {
			return work{}, err
		}
		it.product.UpdatedAt = now
		if it.stored == nil {
			it.product.CreatedAt = now
			w.fresh = append(w.fresh, it)
		}
		if i, found := place[it.product.ID]; found {
			w.products[i], w.items[i] = it.product, append(w.items[i], it)
			continue
		}
		place[it.product.ID] = len(w.products)
		w.products, w.items = append(w.products, it.product), append(w.items, []*item{it})
	}
	return w, nil
}

// write stores a batch: first the counts of new products, so that no shop is
// ever shown one without its stock and the plan looks at it once; then the
// products, then the other counts. Repeating it after a crash completes it.
// What it uses of the importer is not changed while it runs.
func (im *importer) write(ctx context.Context, w work) (done written) {
	if done.booked, done.err = im.book(ctx, w.fresh); done.err != nil {
		return done
	}
	settled := w.settled
	for products := range chunks(w.products) {
		results, err := im.store.PutProducts(ctx, products)
		if err != nil {
			done.err = fmt.Errorf("import %s: %w", im.file, err)
			return done
		}
		for i, err := range results {
			switch items := w.items[i]; {
			case err == nil:
				done.products++
				if items[0].stored != nil {
					settled = append(settled, items...)
				}
			case errors.Is(err, catalog.ErrConflict), errors.Is(err, catalog.ErrExists):
				for _, it := range items {
					done.again = append(done.again, it.block)
				}
			default:
				done.err = fmt.Errorf("import %s, row %d: %w", im.file, items[0].block.rows[0].number, err)
				return done
			}
		}
		w.items = w.items[len(results):]
	}
	booked, err := im.book(ctx, settled)
	done.booked, done.err = done.booked+booked, err
	return done
}
