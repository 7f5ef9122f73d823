package tiki

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

const (
	stateApproved = "approved"
	stateUpdated  = "update_product_approved"
	stateRejected = "rejected"
	stateDeleted  = "deleted"
)

// trackAge is how long Tiki knows a track ID.
const trackAge = 30 * 24 * time.Hour

// reviewPause is when to look again at something in review: people need hours.
const reviewPause = 10 * time.Minute

// tracking is how far a request is. Unknown states are on the way.
type tracking struct {
	Track   string          `json:"track_id"`
	State   string          `json:"state"`
	Reason  json.RawMessage `json:"reason"`
	Request text            `json:"request_id"`
}

func (t tracking) approved() bool { return t.State == stateApproved || t.State == stateUpdated }
func (t tracking) refused() bool  { return t.State == stateRejected || t.State == stateDeleted }

// track asks how far a request is; there is false for a track that has expired.
// https://open.tiki.vn/docs/docs/current/api-references/product-api/
func (s *shop) track(ctx context.Context, id string) (t tracking, there bool, err error) {
	s.mu.Lock()
	t, known := s.decided[id]
	s.mu.Unlock()
	if known {
		return t, true, nil
	}
	_, err = s.client.Do(ctx, connectors.Call{Op: "tracking.read", Path: "v2/tracking/" + url.PathEscape(id), Out: &t})
	switch {
	case connectors.KindOf(err) == connectors.NotFound:
		return tracking{}, false, nil
	case err != nil:
		return tracking{}, false, err
	}
	if t.approved() || t.refused() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.decided[id] = t
	}
	return t, true, nil
}

// pending is a request of ours that we remember: a new product by its SKUs, or
// a change of one by its number. Tiki's own lists do not name the SKUs of a
// request before it has been looked at.
type pending struct {
	Track     string        `json:"track"`
	SKUs      []catalog.SKU `json:"skus,omitempty"`
	Title     string        `json:"title,omitempty"`
	Product   int64         `json:"product,omitempty"`
	ListPrice int64         `json:"list_price,omitempty"` // that the change sets; 0 = none
	At        time.Time     `json:"at"`
}

func (p pending) creates() bool { return p.Product == 0 }

const pendingKey = "requests"

// pendings are the requests that we remember, the newest last. Without memory
// there are none, which costs calls.
func (s *shop) pendings(ctx context.Context) []pending {
	var all []pending
	if s.env.Memory == nil {
		return nil
	}
	text, err := s.env.Memory.Recall(ctx, pendingKey)
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &all)
	}
	if err != nil {
		s.env.Logger.WarnContext(ctx, "the requests in review could not be recalled", "error", err)
	}
	return slices.DeleteFunc(all, func(p pending) bool { return time.Since(p.At) >= trackAge })
}

// remember adds a request. It takes the place of earlier ones for the same
// SKUs, and of those whose decision needs no more telling.
func (s *shop) remember(ctx context.Context, p pending) {
	if s.env.Memory == nil {
		return
	}
	s.reviews.Lock()
	defer s.reviews.Unlock()
	all := slices.DeleteFunc(s.pendings(ctx), func(old pending) bool {
		s.mu.Lock()
		approved := s.decided[old.Track].approved()
		s.mu.Unlock()
		again := p.creates() && slices.ContainsFunc(old.SKUs, func(sku catalog.SKU) bool { return slices.Contains(p.SKUs, sku) })
		return approved || again || !p.creates() && old.Product == p.Product && (old.ListPrice != 0) == (p.ListPrice != 0)
	})
	encoded, err := json.Marshal(append(all, p))
	if err == nil {
		err = s.env.Memory.Remember(ctx, pendingKey, string(encoded))
	}
	if err != nil {
		s.env.Logger.WarnContext(ctx, "a request in review could not be remembered", "track", p.Track, "error", err)
	}
}

// recallSKUs and rememberSKUs keep a list of SKUs.
func (s *shop) recallSKUs(ctx context.Context, key string) (skus []catalog.SKU) {
	if s.env.Memory == nil {
		return nil
	}
	text, err := s.env.Memory.Recall(ctx, key)
	if err != nil || text == "" || json.Unmarshal([]byte(text), &skus) != nil {
		return nil
	}
	return skus
}

func (s *shop) rememberSKUs(ctx context.Context, key string, skus []catalog.SKU) {
	if s.env.Memory == nil || len(skus) == 0 {
		return
	}
	encoded, err := json.Marshal(skus)
	if err == nil {
		err = s.env.Memory.Remember(ctx, key, string(encoded))
	}
	if err != nil {
		s.env.Logger.WarnContext(ctx, "the variants of a product could not be remembered", "error", err)
	}
}

// wireRequest is a row of the requests.
type wireRequest struct {
	ID       text            `json:"request_id"`
	State    string          `json:"state"`
	Kind     string          `json:"kind"`
	Created  string          `json:"created_at"`
	Reasons  json.RawMessage `json:"reasons"`
	Products []struct {
		ID   *int64      `json:"product_id"`
		SKU  catalog.SKU `json:"original_sku"`
		Name string      `json:"name"`
	} `json:"products"`
}

func (r wireRequest) tracking() tracking {
	return tracking{State: r.State, Reason: r.Reasons, Request: r.ID}
}

func (s *shop) request(ctx context.Context, id string) (r wireRequest, there bool, err error) {
	_, err = s.client.Do(ctx, connectors.Call{Op: "requests.read", Path: "v2/requests/" + url.PathEscape(id), Out: &r})
	if connectors.KindOf(err) == connectors.NotFound {
		return wireRequest{}, false, nil
	}
	return r, err == nil, err
}

// review is a new product that is not decided, or was refused.
type review struct {
	id    catalog.ExternalID
	skus  []catalog.SKU
	title string
	state tracking
}

// remote shows a review as a listing. Its variants have no product yet; they
// are named by their SKUs.
func (r review) remote() catalog.Remote {
	remote := catalog.Remote{ExternalID: r.id, State: catalog.StateReview, Title: r.title}
	if r.state.refused() {
		remote.State = catalog.StateRejected
		remote.Issues = []catalog.Issue{issueOf(rejection(r.state.Reason), "")}
	}
	for _, sku := range slices.Sorted(slices.Values(r.skus)) {
		remote.Variants = append(remote.Variants, catalog.VariantSnapshot{SKU: sku, ExternalID: catalog.ExternalID(skuPrefix + string(sku))})
	}
	return remote
}

// reviewsOf finds the request to create each of the SKUs, see [shop.reviews].
// Where all are known to wait, Tiki's list is not asked for.
func (s *shop) reviewsOf(ctx context.Context, skus []catalog.SKU) (map[catalog.SKU]*review, error) {
	found := map[catalog.SKU]*review{}
	if len(skus) == 0 {
		return found, nil
	}
	remembered, err := s.remembered(ctx, func(p pending) bool {
		return slices.ContainsFunc(p.SKUs, func(sku catalog.SKU) bool { return slices.Contains(skus, sku) })
	})
	if err != nil {
		return nil, err
	}
	waiting := map[catalog.SKU]bool{}
	for _, r := range remembered {
		for _, sku := range r.skus {
			waiting[sku] = waiting[sku] || !r.state.refused()
		}
	}
	all := remembered
	if slices.ContainsFunc(skus, func(sku catalog.SKU) bool { return !waiting[sku] }) {
		open, err := s.openRequests(ctx)
		if err != nil {
			return nil, err
		}
		all = ranked(remembered, open)
	}
	for _, r := range all {
		for _, sku := range r.skus {
			if found[sku] == nil {
				found[sku] = r
			}
		}
	}
	return found, nil
}

// ranked puts the requests in the order in which they count for their SKUs:
// those of ours that wait, others that Tiki has open, and last those of ours
// that were refused. A request whose answer was lost and that was sent again is
// open there, while the second one is refused as its duplicate.
func ranked(remembered, open []*review) []*review {
	refused := func(r *review) bool { return r.state.refused() }
	waiting := slices.DeleteFunc(slices.Clone(remembered), refused)
	return slices.Concat(waiting, open, slices.DeleteFunc(slices.Clone(remembered), func(r *review) bool { return !refused(r) }))
}

// remembered asks how far the requests for new products are that we remember,
// as far as keep wants them.
func (s *shop) remembered(ctx context.Context, keep func(pending) bool) ([]*review, error) {
	entries := slices.DeleteFunc(s.pendings(ctx), func(p pending) bool { return !p.creates() || !keep(p) })
	reviews := make([]*review, len(entries))
	errs := s.each(len(entries), func(i int) error {
		t, there, err := s.track(ctx, entries[i].Track)
		if err == nil && there && t.approved() {
			there, err = s.exists(ctx, t)
		}
		if there && t.State != stateDeleted {
			reviews[i] = &review{catalog.ExternalID(trackPrefix + entries[i].Track), entries[i].SKUs, entries[i].Title, t}
		}
		return err
	})
	return slices.DeleteFunc(reviews, func(r *review) bool { return r == nil }), firstError(errs)
}

// exists tells that an approved request has a product. One that cannot be found
// by its SKU may be too new for that, or may be gone.
func (s *shop) exists(ctx context.Context, t tracking) (bool, error) {
	r, there, err := s.request(ctx, string(t.Request))
	if err != nil || !there || len(r.Products) == 0 || r.Products[0].ID == nil {
		return false, err
	}
	_, there, err = s.read(ctx, *r.Products[0].ID)
	return there, err
}

// openRequests lists Tiki's requests for new products that are not decided.
// They come the newest first; what is older than any review is not looked at.
func (s *shop) openRequests(ctx context.Context) ([]*review, error) {
	var open []*review
	cutoff := time.Now().Add(-trackAge)
	for page, err := range pages[wireRequest](ctx, s, "requests.list", "v2/requests", url.Values{"include": {"products"}}) {
		if err != nil {
			return nil, err
		}
		old := 0
		for _, r := range page.Data {
			if at, err := parseTime(r.Created); err == nil && at.Before(cutoff) {
				old++
			}
			if t := r.tracking(); r.Kind != "create_product" || t.approved() || t.refused() {
				continue
			}
			row := &review{id: catalog.ExternalID(requestPrefix + string(r.ID)), state: r.tracking()}
			for _, p := range r.Products {
				row.skus, row.title = append(row.skus, p.SKU), p.Name
			}
			open = append(open, row)
		}
		if old > 0 && old == len(page.Data) {
			break
		}
	}
	return open, nil
}

// info is a change of one product's information. It is reviewed.
type info struct {
	product    int64
	sku        catalog.SKU
	attributes map[string]any
	name       string
	html       string   // description
	images     []string // all of them, the first is the main one; nil = as they are
	listPrice  int64    // 0 = as it is
}

// body writes a change. Where name and description go is not documented.
func (i info) body(texts string) map[string]any {
	attributes := map[string]any{}
	maps.Copy(attributes, i.attributes)
	body := map[string]any{"product_id": i.product, "attributes": attributes}
	into := map[string]map[string]any{"attributes": attributes, "body": body}[texts]
	if i.name != "" && into != nil {
		into["name"], into["description"] = i.name, i.html
	}
	if len(i.images) > 0 {
		body["image"], body["images"] = i.images[0], i.images[1:]
	}
	if i.listPrice != 0 {
		body["market_price"] = i.listPrice
	}
	return body
}

// sendInfos sends changes to review, and looks at once how far they are, since
// small ones are approved without people. A list price that is in review
// already is not sent again.
func (s *shop) sendInfos(ctx context.Context, infos []info) []connectors.Outcome {
	outcomes := make([]connectors.Outcome, len(infos))
	if len(infos) == 0 {
		return outcomes
	}
	known := s.pendings(ctx)
	errs := s.each(len(infos), func(n int) error {
		i := infos[n]
		if i.listPrice != 0 && i.attributes == nil {
			at := slices.IndexFunc(known, func(p pending) bool { return p.Product == i.product && p.ListPrice == i.listPrice })
			if at >= 0 {
				if t, there, err := s.track(ctx, known[at].Track); err != nil {
					return err
				} else if there && !t.approved() {
					outcomes[n] = decided(t, i.sku)
					return nil
				}
			}
		}
		var t tracking
		_, err := s.client.Do(ctx, connectors.Call{
			Op: "products.info", Method: http.MethodPost, Path: "v2/requests/updateProductInfo", Body: i.body(s.options.Texts), Out: &t,
			Repeatable: true, // the same change twice is the same
		})
		if err != nil {
			return err
		}
		s.remember(ctx, pending{Track: t.Track, Product: i.product, ListPrice: i.listPrice, At: time.Now().UTC()})
		if now, there, err := s.track(ctx, t.Track); err == nil && there {
			t = now
		}
		outcomes[n] = decided(t, i.sku)
		return nil
	})
	for n, err := range errs {
		if err != nil {
			outcomes[n] = outcomeOf(err, infos[n].sku)
		}
	}
	return outcomes
}

// decided is the outcome of a change by how far its review is.
func decided(t tracking, sku catalog.SKU) connectors.Outcome {
	switch {
	case t.approved():
		return connectors.Outcome{Kind: connectors.Applied}
	case t.refused():
		return outcomeOf(rejection(t.Reason), sku)
	}
	return waits("in_review", "Thay đổi đang chờ Tiki duyệt.", "The change waits for Tiki's review.")
}

// waits is the outcome of something that is not possible before a review ends.
func waits(code, vi, en string) connectors.Outcome {
	return connectors.Outcome{Kind: connectors.Deferred, Until: time.Now().Add(reviewPause), Issues: []catalog.Issue{{
		Code: code, Severity: catalog.SeverityWarning, Message: catalog.Text{VI: vi, EN: en},
	}}}
}

func gone(op string, id catalog.ExternalID) connectors.Outcome {
	return connectors.Outcome{Kind: connectors.Gone, Err: &connectors.Error{
		Kind: connectors.NotFound, Op: op, Err: fmt.Errorf("product %s is not on Tiki any more", clip(string(id))),
	}}
}

// refusal is the outcome of something that we know Tiki would not take.
func refusal(op string, issues ...catalog.Issue) connectors.Outcome {
	return connectors.Outcome{Kind: connectors.Rejected, Issues: issues, Err: &connectors.Error{
		Kind: connectors.Validation, Op: op, Code: issues[0].Code, Err: fmt.Errorf("%s", issues[0].Message.EN),
	}}
}
