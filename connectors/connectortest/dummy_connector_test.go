package connectortest_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// dummy is the connector of the dummy platform. broken names the one thing that
// it does wrong, "" = nothing; the faults are those of [faults].
type dummy struct {
	client *connectors.Client
	logger *slog.Logger
	base   string
	broken string

	busy  sync.Mutex
	mu    sync.Mutex
	count int
	seen  time.Time
	known map[string]dummyListing // as published, by the IDs of listing and variants
}

func openDummy(env connectors.Env, base, key, broken string) *dummy {
	d := &dummy{logger: env.Logger, base: base, broken: broken}
	d.client = env.Client(connectors.Protocol{
		BaseURL:     base,
		Concurrency: 4,
		Attempts:    3,
		Sign: func(r *http.Request, _ []byte, _ connectors.Token) error {
			r.Header.Set("X-Key", key)
			if broken == "logs the key" {
				d.logger.Debug("signed", "header", r.Header)
			}
			return nil
		},
		Classify: func(r connectors.Response) error {
			if r.Status < 400 {
				return nil
			}
			var body struct{ Code, Message string }
			_ = json.Unmarshal(r.Body, &body)
			e := &connectors.Error{Code: body.Code, Err: errors.New("the shop says: " + body.Message)}
			switch {
			case r.Status == 429 && broken == "takes a limit for a ban":
				e.Kind = connectors.Fatal
			case r.Status == 400 && broken == "retries refusals":
				e.Kind = connectors.Transient
			case r.Status == 400, r.Status == 422:
				e.Kind = connectors.Validation
			case r.Status == 401:
				e.Kind = connectors.Auth
			default:
				return nil
			}
			return e
		},
	})
	return d
}

func (d *dummy) Check(ctx context.Context) (connectors.Account, error) {
	if d.broken == "serves one caller at a time" {
		if !d.busy.TryLock() {
			return connectors.Account{}, errors.New("busy")
		}
		defer d.busy.Unlock()
	}
	if d.broken == "check ignores its context" {
		ctx = context.WithoutCancel(ctx)
	}
	var account connectors.Account
	call := connectors.Call{Op: "account", Path: "/account", Out: &account}
	if d.broken == "reads web pages" {
		call.Out = nil
	}
	response, err := d.client.Do(ctx, call)
	switch {
	case d.broken == "check ignores a refused key" && connectors.KindOf(err) == connectors.Auth:
		return connectors.Account{ID: "?"}, nil
	case d.broken == "follows redirects" && response.Header.Get("Location") != "":
		if other, e := http.Get(response.Header.Get("Location")); e == nil {
			_ = other.Body.Close()
		}
	case d.broken == "forgets how long to wait" && connectors.KindOf(err) == connectors.RateLimited:
		return account, &connectors.Error{Kind: connectors.RateLimited, Op: "account"}
	case d.broken == "reads web pages" && err == nil:
		account.ID = "shop-1"
		_ = json.Unmarshal(response.Body, &account)
	case d.broken == "another account every time":
		d.mu.Lock()
		defer d.mu.Unlock()
		d.count++
		account.ID = fmt.Sprint(d.count)
	}
	return account, err
}

func (d *dummy) Publish(ctx context.Context, publications []connectors.Publication) ([]connectors.Outcome, error) {
	var outcomes []connectors.Outcome
	for i, p := range publications {
		if i == 6 && d.broken == "publishes six at most" {
			break
		}
		if i > 0 && outcomes[i-1].Kind == connectors.Rejected && d.broken == "gives up after a refusal" {
			outcomes = append(outcomes, outcomes[i-1])
			continue
		}
		outcomes = append(outcomes, d.publish(ctx, p))
	}
	return outcomes, nil
}

func (d *dummy) publish(ctx context.Context, p connectors.Publication) connectors.Outcome {
	id := p.Listing.ExternalID
	if id == "" && d.broken != "creates without looking" {
		found, err := d.FindSKUs(ctx, skusOf(p.Offer))
		if err != nil {
			outcome, _ := connectors.OutcomeOf(err)
			if d.broken == "says nothing of a refused key" && connectors.KindOf(err) == connectors.Auth {
				outcome.Err = nil
			}
			return outcome
		}
		if len(found) > 0 {
			id = found[0].ExternalID
		}
	}
	call := connectors.Call{Op: "listings.create", Method: http.MethodPost, Path: "/listings", Body: d.document(p.Offer)}
	if id != "" {
		facets := p.Facets
		if p.Listing.ExternalID == "" && d.broken == "adopts without writing" {
			facets = []catalog.Facet{catalog.FacetState}
		}
		call.Op, call.Method, call.Path, call.Repeatable = "listings.update", http.MethodPatch, "/listings/"+string(id), true
		call.Body = d.patch(p.Offer, facets)
	}
	var made dummyListing
	call.Out = &made
	if d.broken == "sends creates again" {
		call.Repeatable = true
	}
	_, err := d.client.Do(ctx, call)
	if connectors.KindOf(err) == connectors.NotFound && d.broken == "creates what is gone" {
		p.Listing.ExternalID = ""
		return d.publish(ctx, p)
	}
	if adopted := p.Listing.ExternalID == "" && id != ""; err == nil && adopted && d.broken != "adopts without writing" {
		err = d.setTerms(ctx, p.Offer, &made)
	}
	outcome, _ := connectors.OutcomeOf(err)
	if outcome.Kind == connectors.Unknown && d.broken == "takes lost for refused" {
		outcome.Kind = connectors.Rejected
	}
	if err == nil {
		remote := remoteOf(made, d.broken)
		outcome.Remote = &remote
		d.remember(made)
	}
	return outcome
}

func (d *dummy) remember(l dummyListing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known == nil {
		d.known = map[string]dummyListing{}
	}
	d.known[l.ID] = l
	for _, v := range l.Variants {
		d.known[v.ID] = l
	}
}

func (d *dummy) recall(id catalog.ExternalID) (dummyListing, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	l, ok := d.known[string(id)]
	return l, ok
}

// setTerms gives an adopted listing our prices and stock.
func (d *dummy) setTerms(ctx context.Context, o catalog.Offer, made *dummyListing) error {
	for i := range made.Variants {
		for _, v := range o.Variants {
			if string(v.SKU) == made.Variants[i].SKU {
				id := made.Variants[i].ID
				made.Variants[i] = d.variant(v)
				made.Variants[i].ID = id
			}
		}
	}
	_, err := d.client.Do(ctx, connectors.Call{Op: "listings.update", Method: http.MethodPatch, Path: "/listings/" + made.ID,
		Body: map[string]any{"variants": made.Variants}, Out: made, Repeatable: true})
	return err
}

func (d *dummy) document(o catalog.Offer) dummyListing {
	l := dummyListing{Title: d.title(o), Description: o.Description, State: dummyState(o.State)}
	if d.broken == "publishes all on sale" {
		l.State = "on"
	}
	for _, image := range o.Images {
		l.Images = append(l.Images, image.URL)
	}
	for _, v := range o.Variants {
		l.Variants = append(l.Variants, d.variant(v))
	}
	if len(o.Options) == 2 && d.broken == "knows one option only" {
		l.Variants = l.Variants[:1]
	}
	return l
}

func (d *dummy) title(o catalog.Offer) string {
	if d.broken == "cuts titles" && utf8.RuneCountInString(o.Title) > 60 {
		return string([]rune(o.Title)[:60])
	}
	return o.Title
}

func (d *dummy) variant(v catalog.OfferVariant) dummyVariant {
	made := dummyVariant{SKU: string(v.SKU), Price: v.Price.List.Amount, Quantity: v.Quantity}
	if d.broken == "rounds prices" {
		made.Price = (made.Price + 500) / 1000 * 1000
	}
	if v.Price.Sale != nil {
		made.Sale = &v.Price.Sale.Amount
	}
	return made
}

func (d *dummy) patch(o catalog.Offer, facets []catalog.Facet) map[string]any {
	whole := d.document(o)
	patch := map[string]any{}
	for _, facet := range facets {
		switch facet {
		case catalog.FacetContent:
			patch["title"], patch["description"] = whole.Title, whole.Description
			if d.broken == "content brings the state" {
				patch["state"] = whole.State
			}
		case catalog.FacetMedia:
			patch["images"] = whole.Images
			if d.broken == "pictures bring the title" {
				patch["title"] = whole.Title
			}
		case catalog.FacetState:
			patch["state"] = whole.State
		}
	}
	return patch
}

func skusOf(o catalog.Offer) []catalog.SKU {
	var skus []catalog.SKU
	for _, v := range o.Variants {
		skus = append(skus, v.SKU)
	}
	return skus
}

func (d *dummy) setState(ctx context.Context, refs []connectors.ListingRef, state catalog.State) ([]connectors.Outcome, error) {
	var outcomes []connectors.Outcome
	for _, ref := range refs {
		body := map[string]any{"state": dummyState(state)}
		if known, ok := d.recall(ref.ExternalID); ok && d.broken == "state brings the old title" {
			body["title"] = known.Title
		}
		if d.broken == "resumes nothing" && state == catalog.StateLive {
			body = nil
		}
		_, err := d.client.Do(ctx, connectors.Call{Op: "listings.state", Method: http.MethodPatch, Path: "/listings/" + string(ref.ExternalID),
			Body: body, Repeatable: true, Urgent: true})
		outcome, _ := connectors.OutcomeOf(err)
		if d.broken == "stops what is gone" && outcome.Kind == connectors.Gone {
			outcome = connectors.Outcome{Kind: connectors.Applied}
		}
		outcomes = append(outcomes, outcome)
	}
	return outcomes, nil
}

func (d *dummy) Stop(ctx context.Context, refs []connectors.ListingRef) ([]connectors.Outcome, error) {
	return d.setState(ctx, refs, catalog.StateStopped)
}

func (d *dummy) Resume(ctx context.Context, refs []connectors.ListingRef) ([]connectors.Outcome, error) {
	return d.setState(ctx, refs, catalog.StateLive)
}

func (d *dummy) Delete(ctx context.Context, refs []connectors.ListingRef) ([]connectors.Outcome, error) {
	if d.broken == "deletes by stopping" {
		return d.setState(ctx, refs, catalog.StateStopped)
	}
	var outcomes []connectors.Outcome
	for _, ref := range refs {
		_, err := d.client.Do(ctx, connectors.Call{Op: "listings.delete", Method: http.MethodDelete, Path: "/listings/" + string(ref.ExternalID)})
		outcome, _ := connectors.OutcomeOf(err)
		outcomes = append(outcomes, outcome)
	}
	return outcomes, nil
}

type dummyChange map[string]any

func (d *dummy) UpdatePrices(ctx context.Context, changes []connectors.PriceChange) ([]connectors.Outcome, error) {
	var items []dummyChange
	for _, c := range changes {
		item := dummyChange{"variant": c.Variant, "price": c.Price.List.Amount, "sale": nil}
		if d.broken == "rounds prices" {
			item["price"] = (c.Price.List.Amount + 500) / 1000 * 1000
		}
		if c.Price.Sale != nil {
			item["sale"] = c.Price.Sale.Amount
		} else if d.broken == "never ends a sale" {
			delete(item, "sale")
		}
		if known, ok := d.recall(c.Variant); ok && d.broken == "prices bring the old stock" {
			for _, v := range known.Variants {
				if v.ID == string(c.Variant) {
					item["quantity"] = v.Quantity
				}
			}
		}
		items = append(items, item)
	}
	return d.batch(ctx, "/prices", items)
}

func (d *dummy) UpdateStock(ctx context.Context, changes []connectors.StockChange) ([]connectors.Outcome, error) {
	if d.broken == "serves one caller at a time" {
		if !d.busy.TryLock() {
			return nil, errors.New("busy")
		}
		defer d.busy.Unlock()
	}
	var items []dummyChange
	for _, c := range changes {
		item := dummyChange{"variant": c.Variant, "quantity": c.Quantity}
		if known, ok := d.recall(c.Variant); ok && d.broken == "stock brings the old price" {
			for _, v := range known.Variants {
				if v.ID == string(c.Variant) {
					item["price"] = v.Price
				}
			}
		}
		items = append(items, item)
	}
	return d.batch(ctx, "/stock", items)
}

func (d *dummy) batch(ctx context.Context, path string, items []dummyChange) ([]connectors.Outcome, error) {
	var outcomes []connectors.Outcome
	size := dummyBatch
	if d.broken == "sends too many at once to "+path {
		size = 1000
	}
	if len(items) == 0 && d.broken == "sends empty batches" {
		_, err := d.client.Do(ctx, connectors.Call{Op: "batch", Method: http.MethodPost, Path: path, Body: []int{}})
		return nil, err
	}
	for part := range slices.Chunk(items, size) {
		var answer struct {
			Items []struct{ Variant, Error string }
		}
		_, err := d.client.Do(ctx, connectors.Call{Op: "batch" + path, Method: http.MethodPost, Path: path, Body: part, Out: &answer, Repeatable: true})
		if d.broken == "fails a canceled write" && connectors.KindOf(err) == connectors.Canceled {
			return nil, err
		}
		if err != nil {
			outcome, _ := connectors.OutcomeOf(err)
			if d.broken == "takes lost for done" && outcome.Kind == connectors.Unknown && connectors.KindOf(err) != connectors.Canceled {
				outcome.Kind = connectors.Applied
			}
			if d.broken == "takes a limit for a refusal" && outcome.Kind == connectors.Deferred {
				outcome.Kind = connectors.Rejected
			}
			outcomes = append(outcomes, slices.Repeat([]connectors.Outcome{outcome}, len(part))...)
			continue
		}
		outcomes = append(outcomes, d.match(path, part, answer.Items)...)
	}
	return outcomes, nil
}

// match finds each item's answer by its variant.
func (d *dummy) match(path string, part []dummyChange, answers []struct{ Variant, Error string }) []connectors.Outcome {
	var outcomes []connectors.Outcome
	bad := false
	for _, item := range part {
		outcome := connectors.Outcome{Kind: connectors.Unknown, Err: errors.New("not in the answer")}
		if d.broken == "takes silence for done" {
			outcome = connectors.Outcome{Kind: connectors.Applied}
		}
		for _, answer := range answers {
			switch {
			case catalog.ExternalID(answer.Variant) != item["variant"]:
			case answer.Error == "":
				outcome = connectors.Outcome{Kind: connectors.Applied}
			default:
				bad = true
				outcome = connectors.Outcome{Kind: connectors.Gone, Err: &connectors.Error{Kind: connectors.NotFound, Op: "batch", Code: answer.Error}}
			}
		}
		outcomes = append(outcomes, outcome)
	}
	if d.broken == "answers in the wrong order" && path == "/stock" {
		slices.Reverse(outcomes)
	}
	if d.broken == "one bad price spoils all" && path == "/prices" && bad {
		for i := range outcomes {
			outcomes[i].Kind = connectors.Gone
		}
	}
	return outcomes
}

// read reads all pages.
func read[T any](ctx context.Context, d *dummy, op, path string, query url.Values) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for number := 0; ; number++ {
			var answer struct {
				Items []T
				More  bool
			}
			query.Set("page", fmt.Sprint(number))
			_, err := d.client.Do(ctx, connectors.Call{Op: op, Path: path, Query: query, Out: &answer})
			if err != nil {
				if number > 0 && d.broken == "hides broken pages of "+op {
					return
				}
				var none T
				yield(none, err)
				return
			}
			for _, item := range answer.Items {
				if !yield(item, nil) {
					return
				}
			}
			if !answer.More || d.broken == "reads one page of "+op {
				return
			}
		}
	}
}

func (d *dummy) FindSKUs(ctx context.Context, skus []catalog.SKU) ([]catalog.Remote, error) {
	query := url.Values{}
	for _, sku := range skus {
		query.Add("sku", string(sku))
	}
	var found []catalog.Remote
	for l, err := range read[dummyListing](ctx, d, "listings.find", "/listings", query) {
		if err != nil {
			return nil, err
		}
		if d.broken == "finds only what is on sale" && l.State != "on" {
			continue
		}
		remote := remoteOf(l, d.broken)
		if d.broken == "finds the wrong quantity" && len(remote.Variants) > 1 {
			*remote.Variants[0].Quantity++
		}
		found = append(found, remote)
	}
	return found, nil
}

func (d *dummy) Listings(ctx context.Context) iter.Seq2[catalog.Remote, error] {
	return func(yield func(catalog.Remote, error) bool) {
		for l, err := range read[dummyListing](ctx, d, "listings", "/listings", url.Values{}) {
			if err != nil {
				yield(catalog.Remote{}, err)
				return
			}
			if !yield(remoteOf(l, d.broken), nil) {
				return
			}
		}
	}
}

func remoteOf(l dummyListing, broken string) catalog.Remote {
	r := catalog.Remote{ExternalID: catalog.ExternalID(l.ID), State: catalog.StateStopped, Title: l.Title,
		Content: digest(l.Title, l.Description), Media: digest(l.Images...)}
	if l.State == "on" {
		r.State = catalog.StateLive
	}
	for _, v := range l.Variants {
		price := catalog.Price{List: catalog.VND(v.Price)}
		if v.Sale != nil {
			sale := catalog.VND(*v.Sale)
			price.Sale = &sale
		}
		quantity := v.Quantity
		r.Variants = append(r.Variants, catalog.VariantSnapshot{SKU: catalog.SKU(v.SKU), ExternalID: catalog.ExternalID(v.ID), Price: &price, Quantity: &quantity})
	}
	slices.SortFunc(r.Variants, func(a, b catalog.VariantSnapshot) int { return strings.Compare(string(a.SKU), string(b.SKU)) })
	if broken == "fingerprints the stock" {
		r.Content = digest(l.Title, fmt.Sprint(*r.Variants[0].Quantity))
	}
	return r
}

func digest(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(sum[:])
}
