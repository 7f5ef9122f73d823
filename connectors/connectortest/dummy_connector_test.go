package connectortest_test

import (
	"bytes"
	"context"
	"crypto/hmac"
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

	mu    sync.Mutex
	count int
	seen  time.Time
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
	for _, p := range publications {
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
	}
	return outcome
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
	return l
}

func (d *dummy) title(o catalog.Offer) string {
	if d.broken == "cuts titles" && utf8.RuneCountInString(o.Title) > 30 {
		return string([]rune(o.Title)[:30])
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
		if d.broken == "stopping empties the title" && state == catalog.StateStopped {
			body["title"] = "Ngừng bán"
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
	if d.broken == "resumes nothing" {
		return slices.Repeat([]connectors.Outcome{{Kind: connectors.Unchanged}}, len(refs)), nil
	}
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
		items = append(items, item)
	}
	return d.batch(ctx, "/prices", items)
}

func (d *dummy) UpdateStock(ctx context.Context, changes []connectors.StockChange) ([]connectors.Outcome, error) {
	var items []dummyChange
	for _, c := range changes {
		item := dummyChange{"variant": c.Variant, "quantity": c.Quantity}
		if d.broken == "stock brings a price" {
			item["price"] = 1000
		}
		items = append(items, item)
	}
	return d.batch(ctx, "/stock", items)
}

func (d *dummy) batch(ctx context.Context, path string, items []dummyChange) ([]connectors.Outcome, error) {
	var outcomes []connectors.Outcome
	size := dummyBatch
	if d.broken == "sends too many at once" && path == "/stock" {
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
		if d.broken == "finds the wrong quantity" {
			*remote.Variants[0].Quantity++
		}
		found = append(found, remote)
	}
	return found, nil
}

func (d *dummy) Listings(ctx context.Context) iter.Seq2[catalog.Remote, error] {
	return func(yield func(catalog.Remote, error) bool) {
		for l, err := range read[dummyListing](ctx, d, "listings", "/listings", url.Values{}) {
			if !yield(remoteOf(l, d.broken), err) {
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

func (d *dummy) Orders(ctx context.Context, since time.Time) iter.Seq2[connectors.RawOrder, error] {
	if d.broken == "orders ignore their context" {
		ctx = context.WithoutCancel(ctx)
	}
	text := since.UTC().Format(time.RFC3339)
	switch d.broken {
	case "since is exclusive":
		text = since.UTC().Add(time.Second).Format(time.RFC3339)
	case "since loses its zone":
		text = since.Format("2006-01-02T15:04:05Z")
	}
	return func(yield func(connectors.RawOrder, error) bool) {
		for raw, err := range read[json.RawMessage](ctx, d, "orders", "/orders", url.Values{"since": {text}}) {
			if err != nil {
				yield(connectors.RawOrder{}, err)
				return
			}
			var order dummyOrder
			if err := json.Unmarshal(raw, &order); err != nil {
				yield(connectors.RawOrder{}, &connectors.Error{Kind: connectors.Unclear, Op: "orders", Err: errors.New("an order cannot be read")})
				return
			}
			if d.passesOver(order, since) {
				continue
			}
			if !yield(connectors.RawOrder{ExternalID: catalog.ExternalID(order.ID), UpdatedAt: order.Updated, Raw: raw}, nil) {
				return
			}
		}
	}
}

// passesOver is how broken connectors lose orders.
func (d *dummy) passesOver(order dummyOrder, since time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.seen
	if order.Updated.After(d.seen) {
		d.seen = order.Updated
	}
	switch d.broken {
	case "goes by when orders were placed":
		return order.Placed.Before(since)
	case "keeps a watermark of its own":
		return order.Updated.Before(before)
	case "takes a time for an ID":
		return order.Updated.Equal(before) && since.Equal(before)
	}
	return false
}

func (d *dummy) Interpret(raw []byte) (catalog.Order, catalog.Buyer, error) {
	var order dummyOrder
	if err := json.Unmarshal(raw, &order); err != nil || order.ID == "" {
		if d.broken == "quotes what it cannot read" {
			return catalog.Order{}, catalog.Buyer{}, fmt.Errorf("cannot read the order %s", raw)
		}
		if d.broken == "reads anything as an order" {
			return catalog.Order{}, catalog.Buyer{}, nil
		}
		return catalog.Order{}, catalog.Buyer{}, errors.New("the order cannot be read")
	}
	made := catalog.Order{ExternalID: catalog.ExternalID(order.ID), Number: order.ID, Status: orderStatus(order.Status), PlatformStatus: order.Status,
		PlacedAt: order.Placed, UpdatedAt: order.Updated, Total: catalog.VND(order.Total)}
	if made.Status == catalog.OrderOther && d.broken == "fails on unknown statuses" {
		return made, catalog.Buyer{}, errors.New("unknown status")
	}
	adjustment := order.Total
	for _, line := range order.Lines {
		adjustment -= line.Total
		made.Lines = append(made.Lines, catalog.OrderLine{ID: line.ID, SKU: catalog.SKU(line.SKU), Name: line.Name, Quantity: line.Quantity, Total: catalog.VND(line.Total)})
	}
	made.Adjustment = catalog.VND(adjustment)
	if d.broken == "forgets the shipping fee" {
		made.Adjustment = catalog.VND(0)
	}
	return made, catalog.Buyer{Name: order.Buyer["name"], Phone: order.Buyer["phone"]}, nil
}

func (d *dummy) Ship(ctx context.Context, shipment connectors.Shipment) (connectors.Outcome, error) {
	var answer struct{ Changed bool }
	_, err := d.client.Do(ctx, connectors.Call{Op: "orders.ship", Method: http.MethodPost, Path: "/orders/" + string(shipment.Order) + "/ship",
		Body: map[string]string{"parcel": shipment.Fulfillment.TrackingNumber}, Out: &answer, Repeatable: true})
	outcome, _ := connectors.OutcomeOf(err)
	if err == nil && !answer.Changed && d.broken != "ships twice" {
		outcome.Kind = connectors.Unchanged
	}
	return outcome, nil
}

func (d *dummy) Categories(ctx context.Context) iter.Seq2[connectors.PlatformCategory, error] {
	return func(yield func(connectors.PlatformCategory, error) bool) {
		var all []connectors.PlatformCategory
		if _, err := d.client.Do(ctx, connectors.Call{Op: "categories", Path: "/categories", Out: &all}); err != nil {
			yield(connectors.PlatformCategory{}, err)
			return
		}
		for _, category := range all {
			if d.broken == "leaves out the top categories" && category.Parent == "" {
				continue
			}
			if !yield(category, nil) {
				return
			}
		}
	}
}

func (d *dummy) Attributes(ctx context.Context, category string) (all []connectors.PlatformAttribute, err error) {
	_, err = d.client.Do(ctx, connectors.Call{Op: "attributes", Path: "/categories/" + category, Out: &all})
	return all, err
}

func (d *dummy) Audit(o catalog.Offer) []catalog.Issue {
	var issues []catalog.Issue
	add := func(code, field, vi, en string) {
		issues = append(issues, catalog.Issue{Code: code, Severity: catalog.SeverityError, Field: field, Message: catalog.Text{VI: vi, EN: en}})
	}
	if n := utf8.RuneCountInString(o.Title); n == 0 || n > dummyTitleMax && d.broken != "audits no lengths" {
		add("title", "title", "Tên dài từ 1 đến 120 ký tự.", "The title has 1 to 120 characters.")
	}
	if len(o.Variants) == 0 {
		add("variants", "variants", "Cần ít nhất một phân loại.", "At least one variant is needed.")
	}
	for _, v := range o.Variants {
		if v.Price.List.Amount <= 0 {
			add("price", "variants["+string(v.SKU)+"].price", "Giá phải lớn hơn 0.", "The price must be above 0.")
		}
	}
	return issues
}

func (d *dummy) ParseHook(hook connectors.Hook) (connectors.Hint, error) {
	if bytes.Equal(hook.Body, []byte("ping")) {
		return connectors.Hint{}, nil
	}
	if !hmac.Equal([]byte(hook.Header.Get("X-Signature")), []byte(dummySignature(hook.Body))) && d.broken != "trusts every hook" {
		return connectors.Hint{}, connectors.ErrBadSignature
	}
	return connectors.Hint{Orders: true}, nil
}

func (d *dummy) EnsureHooks(ctx context.Context, address string) error {
	var there []string
	if _, err := d.client.Do(ctx, connectors.Call{Op: "hooks", Path: "/hooks", Out: &there}); err != nil {
		return err
	}
	if slices.Contains(there, address) && d.broken != "registers hooks again" {
		return nil
	}
	_, err := d.client.Do(ctx, connectors.Call{Op: "hooks.register", Method: http.MethodPost, Path: "/hooks", Body: &address})
	return err
}

func (d *dummy) AuthorizeURL(redirect, state string) string {
	return d.base + "/authorize?" + url.Values{"redirect": {redirect}, "state": {state}}.Encode()
}

func (d *dummy) Exchange(ctx context.Context, callback map[string]string, _ string) (connectors.Token, connectors.Account, error) {
	var answer struct{ Token, Shop string }
	_, err := d.client.Do(ctx, connectors.Call{Op: "token", Method: http.MethodPost, Path: "/token", Query: url.Values{"code": {callback["code"]}}, Out: &answer})
	if err != nil {
		return connectors.Token{}, connectors.Account{}, err
	}
	token := connectors.Token{AccessToken: answer.Token, Account: answer.Shop}
	if d.broken == "forgets whose token it is" {
		token.Account = ""
	}
	return token, connectors.Account{ID: answer.Shop}, nil
}
