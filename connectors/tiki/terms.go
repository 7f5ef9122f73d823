package tiki

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// change sets terms of one product; nil leaves as it is. Doing it twice does
// no harm: every value is absolute.
type change struct {
	place
	price    *int64
	active   *bool
	quantity *int64
}

// wireChange is a change as updateSku takes it (Active, 1 or 0) and as
// updateSkus takes it (Status, 1 or 2).
type wireChange struct {
	ID         int64       `json:"product_id,omitempty"`
	SKU        catalog.SKU `json:"original_sku,omitempty"`
	Price      *int64      `json:"price,omitempty"`
	Active     *int        `json:"active,omitempty"`
	Status     *int        `json:"status,omitempty"`
	Warehouse  string      `json:"seller_warehouse,omitempty"` // numbers joined by ", "
	Quantities []wireStock `json:"warehouse_quantities,omitempty"`
}

// wireStock is in snake case here, and in camel case where products are made.
type wireStock struct {
	Warehouse int64 `json:"warehouse_id"`
	Quantity  int64 `json:"qty_available"`
}

// wire writes a change. Naming the one warehouse with the quantity makes that
// quantity all there is.
func (c change) wire(warehouse int64, batch bool) wireChange {
	w := wireChange{ID: c.id, Price: c.price}
	if c.id == 0 {
		w.SKU = c.sku
	}
	if c.active != nil {
		one, zero, two := 1, 0, 2
		switch {
		case batch && *c.active:
			w.Status = &one
		case batch:
			w.Status = &two
		case *c.active:
			w.Active = &one
		default:
			w.Active = &zero
		}
	}
	if c.quantity != nil {
		w.Warehouse = strconv.FormatInt(warehouse, 10)
		w.Quantities = []wireStock{{warehouse, *c.quantity}}
	}
	return w
}

// shows tells that a product is as the change wants it.
func (c change) shows(p product) bool {
	pieces := p.Inventory.pieces()
	return (c.price == nil || p.Price.value != nil && *p.Price.value == *c.price) &&
		(c.active == nil || bool(p.Active) == *c.active) &&
		(c.quantity == nil || pieces != nil && *pieces == *c.quantity)
}

// set carries changes out, in batches. errs has one entry per change; nil is
// carried out.
func (s *shop) set(ctx context.Context, op string, changes []change) []error {
	errs := make([]error, len(changes))
	warehouse := int64(0)
	if slices.ContainsFunc(changes, func(c change) bool { return c.quantity != nil }) {
		var err error
		if warehouse, err = s.stockroom(ctx); err != nil {
			for i := range errs {
				errs[i] = err
			}
			return errs
		}
	}
	size := s.options.BatchSize
	batches := (len(changes) + size - 1) / size
	refused := make([]bool, len(changes)) // to be asked one by one
	for b, err := range s.each(batches, func(b int) error {
		from := b * size
		to := min(from+size, len(changes))
		if to-from == 1 {
			errs[from] = s.setOne(ctx, op, changes[from], warehouse)
			return errs[from]
		}
		return s.setBatch(ctx, op, changes[from:to], warehouse, errs[from:to], refused[from:to])
	}) {
		for i := b * size; err != nil && i < min((b+1)*size, len(changes)); i++ {
			if errs[i] == nil {
				errs[i] = err
			}
		}
	}
	var again []int
	for i := range refused {
		if refused[i] && errs[i] == nil {
			again = append(again, i)
		}
	}
	for n, err := range s.each(len(again), func(n int) error { return s.setOne(ctx, op, changes[again[n]], warehouse) }) {
		errs[again[n]] = err
	}
	return errs
}

// setOne is the call whose status tells what became of one product.
// https://open.tiki.vn/docs/docs/current/guides/products/update-product-information/
func (s *shop) setOne(ctx context.Context, op string, c change, warehouse int64) error {
	_, err := s.client.Do(ctx, connectors.Call{
		Op: op, Method: http.MethodPut, Path: "v2.1/products/updateSku", Body: c.wire(warehouse, false), Repeatable: true, Urgent: true,
	})
	return err
}

// setBatch sends one updateSkus. What it answers is not documented: an entry
// per item is believed where it says yes; what it refuses, and every item of a
// batch that was refused whole, is asked for alone, since only a status tells
// why; an answer without entries is checked by reading the products.
func (s *shop) setBatch(ctx context.Context, op string, changes []change, warehouse int64, errs []error, refused []bool) error {
	body := struct {
		Data []wireChange `json:"data"`
	}{}
	for _, c := range changes {
		body.Data = append(body.Data, c.wire(warehouse, true))
	}
	var answer batchAnswer
	_, err := s.client.Do(ctx, connectors.Call{
		Op: op, Method: http.MethodPut, Path: "v2.1/products/updateSkus", Body: body, Out: &answer, Repeatable: true, Urgent: true,
	})
	switch connectors.KindOf(err) {
	case connectors.Validation, connectors.NotFound, connectors.Clash:
		for i := range refused {
			refused[i] = true
		}
		return nil
	case "":
	default:
		return err
	}
	if len(answer) == 0 {
		s.readBack(ctx, op, changes, errs, refused)
		return nil
	}
	for i, c := range changes {
		entry, mentioned := answer.about(c)
		switch {
		case !mentioned:
			errs[i] = &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: op, Code: "missing", Lost: true,
				Err: errors.New("the answer does not mention the product")}
		case !entry.fine():
			refused[i] = true
		}
	}
	return nil
}

// readBack finds out what an answer without entries did.
func (s *shop) readBack(ctx context.Context, op string, changes []change, errs []error, refused []bool) {
	places := make([]place, len(changes))
	for i, c := range changes {
		places[i] = c.place
	}
	rows, err := s.rows(ctx, places)
	for i, c := range changes {
		row, there := rows[c.place]
		switch {
		case err != nil:
			errs[i] = &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: op, Code: "not_read_back", Lost: true, Err: err}
		case !there || !c.shows(row):
			refused[i] = true
		}
	}
}

// batchAnswer is the entries of an answer to updateSkus: a bare list, a list
// under any name, or nothing.
type batchAnswer []batchEntry

type batchEntry struct {
	ID     int64             `json:"product_id"`
	SKU    catalog.SKU       `json:"original_sku"`
	State  string            `json:"state"`
	Errors []json.RawMessage `json:"errors"`
	Error  json.RawMessage   `json:"error"`
}

func (e batchEntry) fine() bool {
	return len(e.Errors) == 0 && (len(e.Error) == 0 || string(e.Error) == "null") && (e.State == "" || e.State == stateApproved || e.State == "success")
}

// UnmarshalJSON never fails: an answer that cannot be read says nothing.
func (a *batchAnswer) UnmarshalJSON(raw []byte) error {
	var entries []batchEntry
	if json.Unmarshal(raw, &entries) == nil {
		*a = entries
		return nil
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return nil
	}
	for _, inner := range object {
		if json.Unmarshal(inner, &entries) == nil && len(entries) > 0 {
			*a = entries
		}
	}
	return nil
}

func (a batchAnswer) about(c change) (batchEntry, bool) {
	for _, e := range a {
		if e.ID != 0 && e.ID == c.id || c.id == 0 && e.SKU != "" && e.SKU == c.sku {
			return e, true
		}
	}
	return batchEntry{}, false
}

// absent is the outcome of a change to a product that is not there: one that
// is in review will be.
func absent(outcome connectors.Outcome, listing catalog.ExternalID) connectors.Outcome {
	if id, ok := identify(listing); ok && id.inReview() && outcome.Kind == connectors.Gone {
		return waits("in_review", "Sản phẩm đang chờ Tiki duyệt.", "The product waits for Tiki's review.")
	}
	return outcome
}

// UpdateStock sets what Tiki may sell. All of it is kept in one warehouse.
func (s *shop) UpdateStock(ctx context.Context, changes []connectors.StockChange) ([]connectors.Outcome, error) {
	sets := make([]change, len(changes))
	for i, c := range changes {
		sets[i] = change{place: placeOf(c.Variant, c.SKU), quantity: &c.Quantity}
	}
	outcomes := make([]connectors.Outcome, len(changes))
	for i, err := range s.set(ctx, "stock.update", sets) {
		outcomes[i] = absent(outcomeOf(err, changes[i].SKU), changes[i].Listing)
	}
	return whole(outcomes)
}

// Stop takes products off sale.
func (s *shop) Stop(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	return s.setActive(ctx, "products.stop", listings, false)
}

// Resume puts products on sale.
func (s *shop) Resume(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	return s.setActive(ctx, "products.resume", listings, true)
}

func (s *shop) setActive(ctx context.Context, op string, listings []connectors.ListingRef, active bool) ([]connectors.Outcome, error) {
	var sets []change
	var owners []int
	outcomes := make([]connectors.Outcome, len(listings))
	for i, l := range listings {
		places, err := s.members(ctx, l)
		if err != nil {
			return nil, err // nothing was written
		}
		if len(places) == 0 {
			outcomes[i] = absent(gone(op, l.ExternalID), l.ExternalID)
		}
		for _, p := range places {
			sets, owners = append(sets, change{place: p, active: &active}), append(owners, i)
		}
	}
	parts := make([][]connectors.Outcome, len(listings))
	for n, err := range s.set(ctx, op, sets) {
		parts[owners[n]] = append(parts[owners[n]], outcomeOf(err, sets[n].sku))
	}
	for i := range listings {
		if len(parts[i]) > 0 {
			outcomes[i] = absent(together(parts[i]), listings[i].ExternalID)
		}
	}
	return whole(outcomes)
}

// together is the outcome of a listing whose variants had these: the worst,
// but variants that are gone do not make the listing so unless all are.
func together(parts []connectors.Outcome) connectors.Outcome {
	rank := []connectors.OutcomeKind{connectors.Gone, connectors.Unchanged, connectors.Applied, connectors.Deferred, connectors.Conflict, connectors.Rejected, connectors.Unknown}
	worst := parts[0]
	var issues []catalog.Issue
	for _, p := range parts {
		issues = append(issues, p.Issues...)
		if slices.Index(rank, p.Kind) > slices.Index(rank, worst.Kind) {
			worst = p
		}
	}
	worst.Issues = issues
	return worst
}
