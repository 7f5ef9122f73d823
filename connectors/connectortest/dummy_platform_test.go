package connectortest_test

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors/simulator"
)

// The dummy platform is the simplest that has every capability: plain JSON, a
// key in a header, whole dong. Like many real ones it lets two listings have
// the same SKU.

const (
	dummyKey      = "khoa-bi-mat-4711"
	dummyBuyer    = "Người mua thử"
	dummyPhone    = "0900000000"
	dummyPage     = 5
	dummyBatch    = 10
	dummyTitleMax = 120 // characters
	dummyShipping = 15000
)

type dummyListing struct {
	ID          string         `json:"id"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	State       string         `json:"state"` // on, off
	Images      []string       `json:"images"`
	Variants    []dummyVariant `json:"variants"`
}

type dummyVariant struct {
	ID       string `json:"id"`
	SKU      string `json:"sku"`
	Price    int64  `json:"price"`
	Sale     *int64 `json:"sale"`
	Quantity int64  `json:"quantity"`
}

type dummyOrder struct {
	ID      string            `json:"id"`
	Status  string            `json:"status"` // new, shipped, cancelled
	Placed  time.Time         `json:"placed"`
	Updated time.Time         `json:"updated"`
	Total   int64             `json:"total"`
	Lines   []dummyOrderLine  `json:"lines"`
	Buyer   map[string]string `json:"buyer"`
	Parcel  string            `json:"parcel"`
	Wish    string            `json:"wish"` // of the buyer to cancel: "", asked, granted, refused
}

type dummyOrderLine struct {
	ID       string `json:"id"`
	SKU      string `json:"sku"`
	Name     string `json:"name"`
	Quantity int64  `json:"quantity"`
	Total    int64  `json:"total"`
}

type dummyShop struct {
	mux *http.ServeMux

	mu       sync.Mutex
	next     int
	listings []*dummyListing
	orders   []*dummyOrder
	hooks    []string
}

func newDummyShop() *dummyShop {
	s := &dummyShop{mux: http.NewServeMux(), next: 100}
	for pattern, handler := range map[string]func(*http.Request) (any, int){
		"GET /account":           func(*http.Request) (any, int) { return map[string]string{"id": "shop-1", "name": "Tiệm thử"}, 200 },
		"GET /listings":          s.list,
		"POST /listings":         s.create,
		"PATCH /listings/{id}":   s.patch,
		"DELETE /listings/{id}":  s.remove,
		"POST /stock":            s.batch,
		"POST /prices":           s.batch,
		"GET /orders":            s.listOrders,
		"POST /orders/{id}/ship": s.ship,
		"GET /orders/{id}/label": s.label,
		"POST /orders/{id}/wish": s.answerWish,
		"GET /categories": func(*http.Request) (any, int) {
			return []map[string]any{{"id": "1", "name": "Thực phẩm"}, {"id": "2", "parent": "1", "name": "Mật ong", "leaf": true}}, 200
		},
		"GET /categories/{id}": func(*http.Request) (any, int) { return []map[string]any{{"id": "9", "name": "Xuất xứ"}}, 200 },
		"GET /hooks":           func(*http.Request) (any, int) { return slices.Clone(s.hooks), 200 },
		"POST /hooks":          s.hook,
		"POST /token":          s.token,
	} {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			var answer any = map[string]string{"code": "bad_key", "message": "key " + r.Header.Get("X-Key") + " is wrong"}
			status := http.StatusUnauthorized
			if r.Header.Get("X-Key") == dummyKey {
				s.mu.Lock()
				answer, status = handler(r)
				s.mu.Unlock()
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_ = json.NewEncoder(w).Encode(answer)
		})
	}
	return s
}

func (s *dummyShop) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func refusal(code string) map[string]string { return map[string]string{"code": code} }

func (s *dummyShop) id() string { s.next++; return fmt.Sprint(s.next) }

func (s *dummyShop) find(id string) *dummyListing {
	for _, l := range s.listings {
		if l.ID == id {
			return l
		}
	}
	return nil
}

func (s *dummyShop) list(r *http.Request) (any, int) {
	found := s.listings
	if skus := r.URL.Query()["sku"]; len(skus) > 0 {
		found = slices.DeleteFunc(slices.Clone(found), func(l *dummyListing) bool {
			return !slices.ContainsFunc(l.Variants, func(v dummyVariant) bool { return slices.Contains(skus, v.SKU) })
		})
	}
	return page(found, r.URL.Query())
}

func page[T any](all []T, query url.Values) (any, int) {
	var number int
	_, _ = fmt.Sscan(query.Get("page"), &number)
	start := min(number*dummyPage, len(all))
	end := min(start+dummyPage, len(all))
	// Encoded here, under the lock.
	items, _ := json.Marshal(append([]T{}, all[start:end]...))
	return map[string]any{"items": json.RawMessage(items), "more": end < len(all)}, 200
}

func (s *dummyShop) refuses(l dummyListing) string {
	switch {
	case strings.TrimSpace(l.Title) == "" || utf8.RuneCountInString(l.Title) > dummyTitleMax:
		return "bad_title"
	case strings.Contains(l.Title, "hàng cấm"):
		return "forbidden_goods"
	}
	return ""
}

func (s *dummyShop) create(r *http.Request) (any, int) {
	var l dummyListing
	if json.NewDecoder(r.Body).Decode(&l) != nil {
		return refusal("bad_json"), 400
	}
	if code := s.refuses(l); code != "" {
		return refusal(code), 422
	}
	l.ID = s.id()
	for i := range l.Variants {
		l.Variants[i].ID = s.id()
	}
	s.listings = append(s.listings, &l)
	return l, 201
}

func (s *dummyShop) patch(r *http.Request) (any, int) {
	l := s.find(r.PathValue("id"))
	if l == nil {
		return refusal("no_listing"), 404
	}
	changed := *l
	changed.Images, changed.Variants = nil, nil // else the decoder writes into the old ones
	if json.NewDecoder(r.Body).Decode(&changed) != nil {
		return refusal("bad_json"), 400
	}
	if code := s.refuses(changed); code != "" {
		return refusal(code), 422
	}
	if changed.Images == nil {
		changed.Images = l.Images
	}
	if changed.Variants == nil {
		changed.Variants = l.Variants
	}
	*l = changed
	return *l, 200
}

func (s *dummyShop) remove(r *http.Request) (any, int) {
	if s.find(r.PathValue("id")) == nil {
		return refusal("no_listing"), 404
	}
	s.listings = slices.DeleteFunc(s.listings, func(l *dummyListing) bool { return l.ID == r.PathValue("id") })
	return struct{}{}, 200
}

// batch sets whichever of price, sale and quantity each item has.
func (s *dummyShop) batch(r *http.Request) (any, int) {
	var items []struct {
		Variant  string          `json:"variant"`
		Price    *int64          `json:"price"`
		Sale     json.RawMessage `json:"sale"` // null ends it
		Quantity *int64          `json:"quantity"`
	}
	if json.NewDecoder(r.Body).Decode(&items) != nil || len(items) == 0 || len(items) > dummyBatch {
		return refusal("bad_batch"), 400
	}
	var answers []map[string]string
	for _, item := range items {
		answer := map[string]string{"variant": item.Variant, "error": "no_variant"}
		for _, l := range s.listings {
			for i := range l.Variants {
				v := &l.Variants[i]
				if v.ID != item.Variant {
					continue
				}
				answer["error"] = ""
				if item.Price != nil {
					v.Price = *item.Price
				}
				if item.Sale != nil {
					v.Sale = nil
					_ = json.Unmarshal(item.Sale, &v.Sale)
				}
				if item.Quantity != nil {
					v.Quantity = *item.Quantity
				}
			}
		}
		answers = append(answers, answer)
	}
	return map[string]any{"items": answers}, 200
}

func (s *dummyShop) listOrders(r *http.Request) (any, int) {
	query := r.URL.Query()
	since, err := time.Parse(time.RFC3339, query.Get("since"))
	if err != nil {
		return refusal("bad_since"), 400
	}
	found := slices.DeleteFunc(slices.Clone(s.orders), func(o *dummyOrder) bool { return o.Updated.Before(since) })
	slices.SortFunc(found, func(a, b *dummyOrder) int {
		return cmp.Or(a.Updated.Compare(b.Updated), cmp.Compare(a.ID, b.ID))
	})
	return page(found, query)
}

func (s *dummyShop) ship(r *http.Request) (any, int) {
	var body struct{ Parcel string }
	_ = json.NewDecoder(r.Body).Decode(&body)
	for _, o := range s.orders {
		if o.ID == r.PathValue("id") {
			changed := o.Parcel != body.Parcel
			o.Parcel, o.Status = body.Parcel, "shipped"
			return map[string]bool{"changed": changed}, 200
		}
	}
	return refusal("no_order"), 404
}

func (s *dummyShop) label(r *http.Request) (any, int) {
	for _, o := range s.orders {
		if o.ID == r.PathValue("id") {
			if o.Status != "shipped" {
				return refusal("not_shipped"), 409
			}
			return map[string]string{"pdf": "%PDF-1.4 " + o.Parcel + " " + o.Buyer["name"]}, 200
		}
	}
	return refusal("no_order"), 404
}

func (s *dummyShop) answerWish(r *http.Request) (any, int) {
	var answer string
	_ = json.NewDecoder(r.Body).Decode(&answer)
	for _, o := range s.orders {
		if o.ID != r.PathValue("id") {
			continue
		}
		changed := o.Wish == "asked"
		if !changed && o.Wish != answer {
			return refusal("no_wish"), 409
		}
		if o.Wish = answer; answer == "granted" {
			o.Status = "cancelled"
		}
		o.Updated = time.Now().UTC().Truncate(time.Second)
		return map[string]bool{"changed": changed}, 200
	}
	return refusal("no_order"), 404
}

// AskToCancel implements [simulator.CancelAsker].
func (s *dummyShop) AskToCancel(id catalog.ExternalID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.orders {
		if o.ID == string(id) {
			o.Wish, o.Updated = "asked", time.Now().UTC().Truncate(time.Second)
			return nil
		}
	}
	return fmt.Errorf("no order %s", id)
}

func (s *dummyShop) hook(r *http.Request) (any, int) {
	var address string
	_ = json.NewDecoder(r.Body).Decode(&address)
	s.hooks = append(s.hooks, address)
	return struct{}{}, 200
}

func (s *dummyShop) token(r *http.Request) (any, int) {
	if r.URL.Query().Get("code") != "dong-y" {
		return refusal("bad_code"), 400
	}
	return map[string]string{"token": "the-moi-0815", "shop": "shop-1"}, 200
}

func dummySignature(body []byte) string {
	mac := hmac.New(sha256.New, []byte(dummyKey))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// The back door.

func (s *dummyShop) Listings() []simulator.Listing {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []simulator.Listing
	for _, l := range s.listings {
		remote := remoteOf(*l, "")
		all = append(all, simulator.Listing{ExternalID: remote.ExternalID, State: remote.State, Title: l.Title, Variants: remote.Variants})
	}
	slices.SortFunc(all, func(a, b simulator.Listing) int { return cmp.Compare(a.ExternalID, b.ExternalID) })
	return all
}

func (s *dummyShop) edit(sku catalog.SKU, change func(*dummyListing, *dummyVariant)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.listings {
		for i := range l.Variants {
			if l.Variants[i].SKU == string(sku) {
				change(l, &l.Variants[i])
				return nil
			}
		}
	}
	return fmt.Errorf("no listing has %s", sku)
}

func (s *dummyShop) SetPrice(sku catalog.SKU, price catalog.Price) error {
	return s.edit(sku, func(_ *dummyListing, v *dummyVariant) {
		v.Price, v.Sale = price.List.Amount, nil
		if price.Sale != nil {
			v.Sale = &price.Sale.Amount
		}
	})
}

func (s *dummyShop) SetStock(sku catalog.SKU, quantity int64) error {
	return s.edit(sku, func(_ *dummyListing, v *dummyVariant) { v.Quantity = quantity })
}

func (s *dummyShop) SetTitle(sku catalog.SKU, title string) error {
	return s.edit(sku, func(l *dummyListing, _ *dummyVariant) { l.Title = title })
}

func (s *dummyShop) SetState(sku catalog.SKU, state catalog.State) error {
	return s.edit(sku, func(l *dummyListing, _ *dummyVariant) { l.State = dummyState(state) })
}

func (s *dummyShop) Delete(sku catalog.SKU) error {
	id := ""
	if err := s.edit(sku, func(l *dummyListing, _ *dummyVariant) { id = l.ID }); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listings = slices.DeleteFunc(s.listings, func(l *dummyListing) bool { return l.ID == id })
	return nil
}

func (s *dummyShop) Order(request simulator.OrderRequest) (catalog.ExternalID, error) {
	at := request.At.UTC().Truncate(time.Second)
	if request.At.IsZero() {
		at = time.Now().UTC().Truncate(time.Second)
	}
	o := &dummyOrder{Status: dummyOrderStatus(request.Status), Placed: at, Updated: at, Total: dummyShipping,
		Buyer: map[string]string{"name": dummyBuyer, "phone": dummyPhone}}
	for i, line := range request.Lines {
		err := s.edit(line.SKU, func(l *dummyListing, v *dummyVariant) {
			price := v.Price
			if v.Sale != nil {
				price = *v.Sale
			}
			v.Quantity -= line.Quantity
			total := price * line.Quantity
			o.Total += total
			o.Lines = append(o.Lines, dummyOrderLine{ID: fmt.Sprint(i + 1), SKU: v.SKU, Name: l.Title, Quantity: line.Quantity, Total: total})
		})
		if err != nil {
			return "", err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o.ID = s.id()
	s.orders = append(s.orders, o)
	return catalog.ExternalID(o.ID), nil
}

func (s *dummyShop) Orders() []simulator.Order {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []simulator.Order
	for _, o := range s.orders {
		order := simulator.Order{ExternalID: catalog.ExternalID(o.ID), Status: orderStatus(o.Status), Total: catalog.VND(o.Total)}
		for _, line := range o.Lines {
			order.Lines = append(order.Lines, simulator.OrderLine{SKU: catalog.SKU(line.SKU), Quantity: line.Quantity})
		}
		all = append(all, order)
	}
	return all
}

func (s *dummyShop) SetOrderStatus(id catalog.ExternalID, status catalog.OrderStatus) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.orders {
		if o.ID == string(id) {
			o.Status, o.Updated = dummyOrderStatus(status), time.Now().UTC().Truncate(time.Second)
			return nil
		}
	}
	return fmt.Errorf("no order %s", id)
}

// The platform's words, which the connector needs too.

func dummyState(state catalog.State) string {
	if state == catalog.StateLive {
		return "on"
	}
	return "off"
}

func dummyOrderStatus(status catalog.OrderStatus) string {
	switch status {
	case catalog.OrderShipped:
		return "shipped"
	case catalog.OrderCancelled:
		return "cancelled"
	}
	return "new"
}

func orderStatus(word string) catalog.OrderStatus {
	switch word {
	case "new":
		return catalog.OrderToShip
	case "shipped":
		return catalog.OrderShipped
	case "cancelled":
		return catalog.OrderCancelled
	}
	return catalog.OrderOther
}
