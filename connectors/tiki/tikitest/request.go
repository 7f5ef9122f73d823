package tikitest

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

const (
	maxName  = 255 // characters; not published
	trackAge = 30 * 24 * time.Hour
)

const (
	kindCreate = "create_product"
	kindUpdate = "update_product"

	stateQueuing  = "queuing"
	stateApproved = "approved"
	stateRejected = "rejected"
	stateDeleted  = "deleted"
)

// steps are the states on the way to approval.
var steps = map[string][]string{
	kindCreate: {stateQueuing, "processing", "md_awaiting_approve", "bot_awaiting_approve", "awaiting_approve", stateApproved},
	kindUpdate: {stateQueuing, "processing", "update_product_awaiting_approve", "update_product_approved"},
}

// request is a product request: a new product or a change of one, in review.
type request struct {
	track, number     string // number is "" while it is queuing
	kind, state       string
	reason            string
	created, approved time.Time
	updated           time.Time
	in                creation  // of a new product
	info              infoInput // of a change
	products          []*product
}

func (r *request) done() bool {
	last := steps[r.kind]
	return r.state == last[len(last)-1] || r.state == stateRejected || r.state == stateDeleted
}

// creation is the body of POST requests.
type creation struct {
	Category    *int64                     `json:"category_id"`
	Name        *string                    `json:"name"`
	Description *string                    `json:"description"`
	MarketPrice *int64                     `json:"market_price"`
	Attributes  map[string]json.RawMessage `json:"attributes"`
	Image       *string                    `json:"image"`
	Images      []string                   `json:"images"`
	Options     []string                   `json:"option_attributes"`
	Variants    []variant                  `json:"variants"`
	Files       []struct {
		URL  string `json:"url"`
		Type string `json:"type"`
	} `json:"certificate_files"`
	Meta struct {
		AutoTurnOn bool `json:"is_auto_turn_on"`
	} `json:"meta_data"`
}

type variant struct {
	SKU           *string                    `json:"sku"`
	MinCode       json.RawMessage            `json:"min_code"`
	Option1       *string                    `json:"option1"`
	Option2       *string                    `json:"option2"`
	Price         *int64                     `json:"price"`
	MarketPrice   *int64                     `json:"market_price"`
	InventoryType *string                    `json:"inventory_type"`
	Warehouse     string                     `json:"seller_warehouse"`
	Stocks        []createStock              `json:"warehouse_stocks"`
	Quantities    json.RawMessage            `json:"warehouse_quantities"`
	Image         *string                    `json:"image"`
	Images        []string                   `json:"images"`
	Name          *string                    `json:"name"`
	Description   *string                    `json:"description"`
	Attributes    map[string]json.RawMessage `json:"attributes"`
}

// createStock is written in camel case here and in snake case in updates.
type createStock struct {
	Warehouse *int64 `json:"warehouseId"`
	Quantity  *int64 `json:"qtyAvailable"`
}

func (s *Simulator) postRequest(c *call) answer {
	var in creation
	if bad, fine := c.read(&in); !fine {
		return bad
	}
	if faults := s.check(in); len(faults) > 0 {
		return refuse(http.StatusUnprocessableEntity, faults...)
	}
	return s.enqueue(&request{kind: kindCreate, in: in})
}

func (s *Simulator) enqueue(r *request) answer {
	r.track, r.state = s.secretText("")[1:33], stateQueuing
	r.created, r.updated = s.now(), s.now()
	s.requests, s.open = append(s.requests, r), append(s.open, r)
	s.byTrack[r.track] = r
	return ok(map[string]any{"track_id": r.track, "state": r.state})
}

// settle decides the requests whose time has come.
func (s *Simulator) settle() {
	if s.options.Manual {
		return
	}
	s.review(func(r *request) {
		for !r.done() && !s.now().Before(r.created.Add(s.options.ReviewDelay)) {
			s.step(r)
		}
	})
}

// review moves the requests that are in review, the oldest first.
func (s *Simulator) review(move func(*request)) {
	for _, r := range s.open {
		move(r)
	}
	s.open = slices.DeleteFunc(s.open, (*request).done)
}

// Advance moves every request that is in review by so many states.
func (s *Simulator) Advance(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.review(func(r *request) {
		for range n {
			if !r.done() {
				s.step(r)
			}
		}
	})
}

// Approve ends all reviews.
func (s *Simulator) Approve() { s.Advance(len(steps[kindCreate])) }

// RejectNext lets the next review end with a refusal, for a reason in plain
// text or as Tiki's JSON text.
func (s *Simulator) RejectNext(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusals = append(s.refusals, reason)
}

// step takes a request to its next state.
func (s *Simulator) step(r *request) {
	way := steps[r.kind]
	at := slices.Index(way, r.state)
	r.state, r.updated = way[at+1], s.now()
	switch {
	case r.state == "processing":
		if code, text := s.inspect(r); text != "" {
			s.reject(r, code, text)
			return
		}
		r.number = number(s.next("request"))
		s.byNumber[r.number] = r
	case r.done():
		if len(s.refusals) > 0 {
			reason := s.refusals[0]
			s.refusals = s.refusals[1:]
			r.state, r.reason = stateRejected, reason
			return
		}
		r.approved = s.now()
		if r.kind == kindCreate {
			s.create(r)
		} else {
			s.change(r)
		}
	}
}

func (s *Simulator) reject(r *request, code int, text string) {
	reason, err := json.Marshal(struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}{code, text})
	if err != nil {
		reason = []byte(text)
	}
	r.state, r.reason = stateRejected, string(reason)
}

// create makes Tiki products of an approved request.
func (s *Simulator) create(r *request) {
	in := r.in
	at := s.now()
	base := product{
		description: *in.Description, categories: s.branch(*in.Category), created: at, updated: at, version: 1, active: in.Meta.AutoTurnOn,
	}
	var super *product
	if len(in.Options) > 0 {
		super = s.fresh(base)
		super.configurable, super.name, super.market = true, *in.Name, *in.MarketPrice
		super.attributes, super.images = texts(in.Attributes), gallery(in.Image, in.Images)
		s.insert(super)
	}
	for _, v := range in.Variants {
		p := s.fresh(base)
		p.original, p.price, p.market = *v.SKU, *v.Price, *or(v.MarketPrice, in.MarketPrice)
		p.name = *or(v.Name, in.Name)
		for _, option := range []*string{v.Option1, v.Option2} {
			if option != nil && *option != "" {
				p.options = append(p.options, *option)
				p.name += " - " + *option
			}
		}
		p.description = *or(v.Description, in.Description)
		p.attributes = texts(in.Attributes)
		for code, raw := range v.Attributes {
			p.attributes[code], _ = scalar(raw)
		}
		image, images := in.Image, in.Images
		if v.Image != nil && *v.Image != "" {
			image = v.Image
		}
		if len(v.Images) > 0 {
			images = v.Images
		}
		p.images = gallery(image, images)
		p.model = s.options.Models[0]
		if v.InventoryType != nil {
			p.model = *v.InventoryType
		}
		for _, stock := range v.Stocks {
			p.stock[*stock.Warehouse] = *stock.Quantity
		}
		if super != nil {
			p.superID, p.superSKU = super.id, super.sku
		}
		s.insert(p)
		r.products = append(r.products, p)
	}
}

// fresh is a product with numbers of its own.
func (s *Simulator) fresh(base product) *product {
	p := base
	p.id, p.sku = s.next("product"), number(s.next("sku"))
	p.masterID, p.masterSKU = s.next("product"), number(s.next("sku"))
	p.attributes, p.stock = map[string]string{}, map[int64]int64{}
	return &p
}

// branch is a category with those above it.
func (s *Simulator) branch(id int64) []int64 {
	ids := []int64{id}
	for c := s.category(id); c != nil && s.category(c.parent) != nil; c = s.category(c.parent) {
		ids = append(ids, c.parent)
	}
	return ids
}

func texts(in map[string]json.RawMessage) map[string]string {
	out := make(map[string]string, len(in))
	for code, raw := range in {
		out[code], _ = scalar(raw)
	}
	return out
}

func gallery(first *string, rest []string) []string {
	var list []string
	if first != nil && *first != "" {
		list = append(list, *first)
	}
	return append(list, rest...)
}

func (s *Simulator) showTracking(r *request) any {
	row := map[string]any{"track_id": r.track, "state": r.state, "reason": nil, "request_id": nil}
	if r.reason != "" {
		row["reason"] = r.reason
	}
	if r.number != "" {
		row["request_id"] = r.number
	}
	return row
}

// tracked is a request whose track ID still lives.
func (s *Simulator) tracked(id string) *request {
	if r := s.byTrack[id]; r != nil && s.now().Sub(r.created) < trackAge {
		return r
	}
	return nil
}

func (s *Simulator) getTracking(c *call) answer {
	r := s.tracked(c.params[0])
	if r == nil {
		return notFound("Tracking", c.params[0])
	}
	return ok(s.showTracking(r))
}

// getTrackings lists the newest; there are no pages.
func (s *Simulator) getTrackings(c *call) answer {
	_, limit, bad, fine := c.page()
	if !fine {
		return bad
	}
	within, bad, fine := s.spans(c, "created_at", "updated_at")
	if !fine {
		return bad
	}
	rows := []any{}
	for _, r := range slices.Backward(s.requests) {
		if len(rows) < limit && s.tracked(r.track) != nil && within(r.created, r.updated) {
			rows = append(rows, s.showTracking(r))
		}
	}
	return ok(rows)
}

// spans reads pairs of filters that end in _min and _max.
func (s *Simulator) spans(c *call, names ...string) (within func(...time.Time) bool, bad answer, fine bool) {
	bounds := make([][2]time.Time, len(names))
	for i, name := range names {
		for k, suffix := range []string{"_min", "_max"} {
			if text := c.query.Get(name + suffix); text != "" {
				at, err := time.ParseInLocation(layout, text, zone)
				if err != nil {
					return nil, refuse(http.StatusBadRequest, name+suffix+" must be yyyy-MM-dd HH:mm:ss"), false
				}
				bounds[i][k] = at
			}
		}
	}
	return func(times ...time.Time) bool {
		for i, at := range times {
			if at.Before(bounds[i][0]) || !bounds[i][1].IsZero() && at.After(bounds[i][1]) {
				return false
			}
		}
		return true
	}, answer{}, true
}

func (s *Simulator) replayTracking(c *call) answer {
	r := s.tracked(c.params[0])
	if r == nil {
		return notFound("Tracking", c.params[0])
	}
	if r.state != stateRejected {
		return refuse(http.StatusBadRequest, "Only failed requests can be replayed")
	}
	r.state, r.reason, r.number, r.created = stateQueuing, "", "", s.now()
	s.open = append(s.open, r)
	return ok(map[string]any{"track_id": r.track, "state": r.state})
}

func (s *Simulator) getRequests(c *call) answer {
	state := c.set("state")
	var rows []*request
	for _, r := range slices.Backward(s.requests) {
		if r.number != "" && r.state != stateDeleted && state(r.state) {
			rows = append(rows, r)
		}
	}
	return pages(c, rows, func(r *request) any { return s.showRequest(r, c.has("include", "products")) })
}

func (s *Simulator) showRequest(r *request, withProducts bool) any {
	row := map[string]any{
		"request_id": r.number, "state": r.state, "created_at": stamp(r.created), "created_by": "api@example.vn", "kind": r.kind,
		"approved_at": optionalStamp(r.approved), "approved_by": nil, "reasons": nil, "products": []any{},
	}
	if !r.approved.IsZero() {
		row["approved_by"] = "content@tiki.vn"
	}
	if r.reason != "" {
		row["reasons"] = []string{r.reason}
	}
	if !withProducts {
		return row
	}
	products := []any{}
	for _, p := range r.products {
		products = append(products, map[string]any{
			"product_id": p.id, "sku": p.sku, "name": p.name, "active": digit(p.active), "original_sku": p.original,
			"price": p.price, "market_price": p.market,
		})
	}
	if r.kind == kindCreate && len(r.products) == 0 {
		for _, v := range r.in.Variants { // not products yet
			products = append(products, map[string]any{
				"product_id": nil, "sku": nil, "name": *r.in.Name, "active": 0, "original_sku": *v.SKU,
				"price": *v.Price, "market_price": *or(v.MarketPrice, r.in.MarketPrice),
			})
		}
	}
	row["products"] = products
	return row
}

func (s *Simulator) getRequest(c *call) answer {
	r := s.byNumber[c.params[0]]
	if r == nil {
		return notFound("Request", c.params[0])
	}
	return ok(s.showRequest(r, true))
}

func (s *Simulator) findRequest(c *call) answer {
	r := s.tracked(c.query.Get("track_id"))
	if r == nil || r.number == "" {
		return notFound("Request", c.query.Get("track_id"))
	}
	return ok(s.showRequest(r, true))
}

func (s *Simulator) deleteRequest(c *call) answer {
	return s.remove(s.byNumber[c.params[0]], c.params[0])
}

func (s *Simulator) deleteByTrack(c *call) answer {
	id := c.query.Get("track_id")
	return s.remove(s.tracked(id), id)
}

func (s *Simulator) remove(r *request, id string) answer {
	if r == nil {
		return notFound("Request", id)
	}
	if r.state == stateApproved {
		return refuse(http.StatusBadRequest, "An approved request cannot be deleted")
	}
	r.state = stateDeleted
	return ok(map[string]any{"request_id": r.number, "state": r.state})
}
