package tiktokshop

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// productPage is a page of the search of products.
type productPage struct {
	Products []product `json:"products"`
	Next     string    `json:"next_page_token"`
	Total    int64     `json:"total_count"`
}

// search reads one page.
func (s *shop) search(ctx context.Context, op string, filter fields, size int, token string) (productPage, error) {
	query := url.Values{"page_size": {strconv.Itoa(size)}}
	if token != "" {
		query.Set("page_token", token)
	}
	page, err := call[productPage](ctx, s, connectors.Call{
		Op: op, Method: http.MethodPost, Path: pathSearch, Query: query, Body: filter, Repeatable: true,
	})
	if err == nil && page.Next != "" && (len(page.Products) == 0 || page.Next == token) {
		err = &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: op, Err: errors.New("the list does not end: an empty or repeated page has a next one")}
	}
	return page, err
}

// maxResults is how many rows of one search can be read.
const maxResults = 10000

// each visits all products of a search. One with more results than can be read
// is split by the time of creation, which never changes.
func (s *shop) each(ctx context.Context, op string, from, to int64, visit func([]product) bool) (more bool, err error) {
	filter := fields{"status": "ALL"}
	if to > 0 {
		filter["create_time_ge"], filter["create_time_le"] = from, to
	}
	for token := ""; ; {
		page, err := s.search(ctx, op, filter, s.options.PageSize, token)
		if (page.Total > maxResults || codeOf(err) == codeTooMany) && (to == 0 || to > from) {
			if to == 0 {
				// Before the platform opened in Vietnam there is nothing.
				from, to = time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Now().Add(24*time.Hour).Unix()
			}
			middle := from + (to-from)/2
			if more, err = s.each(ctx, op, from, middle, visit); !more || err != nil {
				return more, err
			}
			return s.each(ctx, op, middle+1, to, visit)
		}
		if err != nil {
			return false, err
		}
		if !visit(page.Products) {
			return false, nil
		}
		if token = page.Next; token == "" {
			return true, nil
		}
	}
}

// Listings reads all products that are not deleted.
func (s *shop) Listings(ctx context.Context) iter.Seq2[catalog.Remote, error] {
	return func(yield func(catalog.Remote, error) bool) {
		view, err := s.view(ctx)
		if err == nil {
			var failed error
			_, err = s.each(ctx, "products.list", 0, 0, func(rows []product) bool {
				remotes, err := s.remotes(ctx, rows, view)
				if err != nil {
					failed = err
					return false
				}
				for _, r := range remotes {
					if !yield(r, nil) {
						return false
					}
				}
				return true
			})
			if failed != nil {
				err = failed
			}
		}
		if err != nil {
			yield(catalog.Remote{}, err)
		}
	}
}

// FindSKUs looks products up by the SKUs they carry.
func (s *shop) FindSKUs(ctx context.Context, skus []catalog.SKU) ([]catalog.Remote, error) {
	found, err := s.lookUp(ctx, skus)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	view, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	return s.remotes(ctx, found, view)
}

// lookUp reads the products that carry one of the SKUs, each once.
func (s *shop) lookUp(ctx context.Context, skus []catalog.SKU) ([]product, error) {
	wanted := map[string]bool{}
	for _, name := range skus {
		wanted[string(name)] = true
	}
	delete(wanted, "")
	var names []string
	for name := range wanted {
		names = append(names, name)
	}
	slices.Sort(names)
	groups := slices.Collect(slices.Chunk(names, maxFind))
	answers := make([][]product, len(groups))
	errs := s.parallel(len(groups), func(i int) error {
		for token := ""; ; {
			page, err := s.search(ctx, "products.find", fields{"status": "ALL", "seller_skus": groups[i]}, maxPage, token)
			if err != nil {
				return err
			}
			answers[i] = append(answers[i], page.Products...)
			if token = page.Next; token == "" {
				return nil
			}
		}
	})
	if err := firstError(errs); err != nil {
		return nil, err
	}
	var found []product
	seen := map[string]bool{}
	for _, p := range slices.Concat(answers...) {
		carries := slices.ContainsFunc(p.SKUs, func(k sku) bool { return wanted[k.SellerSKU] })
		if carries && !seen[p.ID] && p.Status != statusDeleted {
			seen[p.ID] = true
			found = append(found, p)
		}
	}
	return found, nil
}

// view is what a product's row does not tell of what buyers see.
type view struct {
	sales  promotions
	hidden map[string]map[string]bool
}

func (s *shop) view(ctx context.Context) (view, error) {
	sales, err := s.promotions(ctx)
	if err != nil {
		return view{}, err
	}
	marks, err := s.hidden(ctx)
	hidden := map[string]map[string]bool{}
	for product, skus := range marks {
		hidden[product] = map[string]bool{}
		for _, id := range skus {
			hidden[product][id] = true
		}
	}
	return view{sales, hidden}, err
}

// remotes translates rows. Those that were refused are read whole, for the
// reasons.
func (s *shop) remotes(ctx context.Context, rows []product, v view) ([]catalog.Remote, error) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(p product) bool { return p.Status == statusDeleted })
	errs := s.parallel(len(rows), func(i int) error {
		if rows[i].Audit.Status != "FAILED" && rows[i].Status != statusFailed && rows[i].Status != statusTakenDown {
			return nil
		}
		p, err := s.read(ctx, rows[i].ID)
		if connectors.KindOf(err) == connectors.NotFound {
			return nil // went away this moment
		}
		rows[i].Reasons = p.Reasons
		return err
	})
	if err := firstError(errs); err != nil {
		return nil, err
	}
	remotes := make([]catalog.Remote, len(rows))
	for i := range rows {
		remotes[i] = remoteOf(&rows[i], v.sales, v.hidden[rows[i].ID])
	}
	return remotes, nil
}

// Stop takes products off sale.
func (s *shop) Stop(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	return s.setStates(ctx, "products.deactivate", listings, func(ids []string) []connectors.Outcome {
		return s.switchAll(ctx, "products.deactivate", ids, false)
	})
}

// Resume submits products again. One that is off because the shop does not
// take a stock of zero waits for its stock.
func (s *shop) Resume(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	const op = "products.activate"
	marks, err := s.hidden(ctx)
	if err != nil {
		return nil, err
	}
	return s.setStates(ctx, op, listings, func(ids []string) []connectors.Outcome {
		outcomes := make([]connectors.Outcome, len(ids))
		var rest []string
		var places []int
		for i, id := range ids {
			if len(marks[id]) > 0 {
				outcomes[i] = connectors.Outcome{Kind: connectors.Deferred, Until: time.Now().Add(statusFor), Issues: []catalog.Issue{issue("stock_zero_refused", "quantity", "",
					"Sản phẩm đang tạm ẩn vì có phân loại hết hàng mà cửa hàng không nhận số lượng 0: nhập thêm hàng.",
					"The product is off because a variant is sold out and the shop does not take a stock of 0: restock it.")}}
				continue
			}
			rest, places = append(rest, id), append(places, i)
		}
		for n, outcome := range s.switchAll(ctx, op, rest, true) {
			outcomes[places[n]] = outcome
		}
		return outcomes
	})
}

// Delete removes products.
func (s *shop) Delete(ctx context.Context, listings []connectors.ListingRef) ([]connectors.Outcome, error) {
	const op = "products.delete"
	return s.setStates(ctx, op, listings, func(ids []string) []connectors.Outcome {
		return s.batch(ctx, op, http.MethodDelete, pathProducts, ids)
	})
}

// setStates runs a change for listings whose IDs are the platform's.
func (s *shop) setStates(ctx context.Context, op string, listings []connectors.ListingRef, change func([]string) []connectors.Outcome) ([]connectors.Outcome, error) {
	outcomes := make([]connectors.Outcome, len(listings))
	var ids []string
	var places []int
	for i, l := range listings {
		if !isID(l.ExternalID) {
			outcomes[i] = s.gone(op, l.ExternalID)
			continue
		}
		ids, places = append(ids, string(l.ExternalID)), append(places, i)
	}
	for n, outcome := range change(ids) {
		outcomes[places[n]] = outcome
	}
	return connectors.Settle(outcomes)
}

// batch calls one of the calls that take product numbers, 20 at a time.
func (s *shop) batch(ctx context.Context, op, method, path string, ids []string) []connectors.Outcome {
	groups := slices.Collect(slices.Chunk(ids, maxIDs))
	answers := make([]partly, len(groups))
	errs := s.parallel(len(groups), func(g int) (err error) {
		answers[g], err = call[partly](ctx, s, connectors.Call{Op: op, Method: method, Path: path, Body: fields{"product_ids": groups[g]}, Repeatable: true, Urgent: true})
		return err
	})
	var outcomes []connectors.Outcome
	for g, group := range groups {
		for _, id := range group {
			err := errs[g]
			if err == nil {
				err = answers[g].err(s, op, id)
			}
			outcomes = append(outcomes, outcomeOf(err, ""))
		}
	}
	return outcomes
}

// switchAll puts products on or off sale. What its status does not allow is
// looked at: it may be so already.
func (s *shop) switchAll(ctx context.Context, op string, ids []string, on bool) []connectors.Outcome {
	path := pathProducts + "/deactivate"
	if on {
		path = pathProducts + "/activate"
	}
	outcomes := s.batch(ctx, op, http.MethodPost, path, ids)
	for i, outcome := range outcomes {
		if outcome.Kind != connectors.Deferred || len(outcome.Issues) == 0 || outcome.Issues[0].Code != codeStatus {
			continue
		}
		p, err := s.read(ctx, ids[i])
		if err != nil {
			outcomes[i] = outcomeOf(err, "")
			continue
		}
		outcomes[i] = s.switchOne(ctx, op, &p, on, outcome)
	}
	return outcomes
}

// switchOne decides by the status of a product that could not be switched.
func (s *shop) switchOne(ctx context.Context, op string, p *product, on bool, refused connectors.Outcome) connectors.Outcome {
	switch {
	case on && (p.Status == statusActivate || p.Status == statusPending):
		return connectors.Outcome{Kind: connectors.Unchanged}
	case on && p.Status == statusDraft:
		// A draft goes on sale by being submitted.
		_, err := call[written](ctx, s, connectors.Call{
			Op: op, Method: http.MethodPost, Path: fmt.Sprintf(pathPartial, p.ID), Body: fields{"save_mode": "LISTING", "title": p.Title}, Repeatable: true,
		})
		return outcomeOf(err, "")
	case on && p.Status == statusFailed:
		return s.refused(op, connectors.Validation, reviewIssue(p))
	case !on && p.Status != statusActivate && p.Status != statusPending:
		return connectors.Outcome{Kind: connectors.Unchanged} // nobody can buy it
	}
	return refused
}
