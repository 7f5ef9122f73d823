package tiktokshoptest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// The statuses of a product.
const (
	statusDraft     = "DRAFT"
	statusPending   = "PENDING"
	statusFailed    = "FAILED"
	statusActivate  = "ACTIVATE"
	statusStopped   = "SELLER_DEACTIVATED"
	statusTakenDown = "PLATFORM_DEACTIVATED"
	statusFrozen    = "FREEZE"
	statusDeleted   = "DELETED"
)

// product is a listing. What buyers see is content; an edit of what is on sale
// is another content until the platform has looked at it.
type product struct {
	id, status       string
	created, updated time.Time
	content
	edit    *content // under audit, while the old one stays on sale
	decided time.Time
	// auditStatus and reasons are of the newest audit.
	auditStatus string
	reasons     []string
	doomed      []string // reasons for which the next audit fails
}

type content struct {
	title, description, category, brand, externalID string
	images                                          []string
	weight, weightUnit                              string
	size                                            *dimensionsIn
	attributes                                      []attributeIn
	certifications                                  json.RawMessage
	cod                                             *bool
	minimum                                         int
	deliveryOptions                                 []string
	skus                                            []sku
}

// sku is one buyable version. Its terms are not part of audits.
type sku struct {
	*terms
	sellerSKU, externalID string
	identifier            *identifierIn
	attributes            []salesAttribute
}

type terms struct {
	id        string
	price     int64 // dong
	available int64
	committed int64 // to open orders
	locked    bool  // by a promotion of the platform
}

type salesAttribute struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	ValueID   string    `json:"value_id"`
	ValueName string    `json:"value_name"`
	Image     *imageRef `json:"sku_img,omitempty"`
}

type imageRef struct {
	URI string `json:"uri"`
}

type identifierIn struct {
	Code string `json:"code"`
	Type string `json:"type"`
}

type attributeIn struct {
	ID     string             `json:"id"`
	Values []attributeValueIn `json:"values"`
}

type attributeValueIn struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type dimensionsIn struct {
	Length string `json:"length"`
	Width  string `json:"width"`
	Height string `json:"height"`
	Unit   string `json:"unit"`
}

type moneyIn struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
}

type stockIn struct {
	WarehouseID string `json:"warehouse_id"`
	Quantity    *int64 `json:"quantity"`
}

type skuIn struct {
	ID         string           `json:"id"`
	SellerSKU  string           `json:"seller_sku"`
	ExternalID string           `json:"external_sku_id"`
	Price      *moneyIn         `json:"price"`
	Inventory  []stockIn        `json:"inventory"`
	Attributes []salesAttribute `json:"sales_attributes"`
	Identifier *identifierIn    `json:"identifier_code"`
}

// productIn is the body of create and of both edits; what is nil was not sent.
type productIn struct {
	SaveMode        string          `json:"save_mode"`
	Title           *string         `json:"title"`
	Description     *string         `json:"description"`
	CategoryID      *string         `json:"category_id"`
	CategoryVersion string          `json:"category_version"`
	BrandID         *string         `json:"brand_id"`
	MainImages      *[]imageRef     `json:"main_images"`
	SKUs            *[]skuIn        `json:"skus"`
	Weight          *weightIn       `json:"package_weight"`
	Dimensions      *dimensionsIn   `json:"package_dimensions"`
	Attributes      *[]attributeIn  `json:"product_attributes"`
	Certifications  json.RawMessage `json:"certifications"`
	COD             *bool           `json:"is_cod_allowed"`
	DeliveryOptions []string        `json:"delivery_option_ids"`
	ExternalID      *string         `json:"external_product_id"`
	Minimum         *int            `json:"minimum_order_quantity"`
	Key             string          `json:"idempotency_key"`
}

type weightIn struct {
	Value string `json:"value"`
	Unit  string `json:"unit"`
}

// readProduct decodes the body of create and edit.
func (r *request) readProduct() (productIn, error) {
	var in productIn
	if err := r.decode(&in); err != nil {
		return in, err
	}
	if in.SaveMode != "" && in.SaveMode != "LISTING" && in.SaveMode != "AS_DRAFT" {
		return in, badParam("save_mode", "it is unknown", "LISTING or AS_DRAFT")
	}
	return in, nil
}

func (s *Simulator) createProduct(r *request) (any, error) {
	in, err := r.readProduct()
	if err != nil {
		return nil, err
	}
	if len(in.Key) > 128 {
		return nil, badParam("idempotency_key", "it is too long", "128 characters at most")
	}
	if id := s.keys[in.Key]; in.Key != "" && id != "" {
		return s.created(s.products[id], nil), nil
	}
	p := &product{id: s.newID(1729400000000000000), created: s.now(), updated: s.now()}
	warnings, err := s.fill(&p.content, in, true)
	if err != nil {
		return nil, err
	}
	switch {
	case s.externalIDTaken(p.externalID, nil):
		return nil, refuse(12052996, "external_id duplicated")
	case s.options.MaxProducts > 0 && s.there() >= s.options.MaxProducts:
		return nil, refuse(12052093, "The number of products listed has reached the limit.")
	}
	s.products[p.id] = p
	s.productIDs = append(s.productIDs, p.id)
	if in.Key != "" {
		s.keys[in.Key] = p.id
	}
	p.status, p.auditStatus = statusDraft, "NONE"
	s.emit(16, object{"product_id": json.Number(p.id)})
	if in.SaveMode != "AS_DRAFT" {
		s.submit(p)
	}
	return s.created(p, warnings), nil
}

// there is how many products are not deleted.
func (s *Simulator) there() (n int) {
	for _, p := range s.products {
		if p.status != statusDeleted {
			n++
		}
	}
	return n
}

func (s *Simulator) externalIDTaken(id string, but *product) bool {
	for _, other := range s.products {
		if id != "" && other != but && other.status != statusDeleted && other.externalID == id {
			return true
		}
	}
	return false
}

func (s *Simulator) created(p *product, warnings []object) object {
	rows := []object{}
	for _, k := range p.skus {
		attributes := []object{}
		for _, a := range k.attributes {
			attributes = append(attributes, object{"id": a.ID, "value_id": a.ValueID})
		}
		rows = append(rows, object{"id": k.id, "seller_sku": k.sellerSKU, "external_sku_id": k.externalID, "sales_attributes": attributes})
	}
	return object{"product_id": p.id, "skus": rows, "warnings": append([]object{}, warnings...)}
}

// listingCheck tells what create would refuse, without creating.
func (s *Simulator) listingCheck(r *request) (any, error) {
	in, err := r.readProduct()
	if err != nil {
		return nil, err
	}
	serial := s.serial
	_, err = s.fill(&content{}, in, true)
	s.serial = serial
	if f, ok := err.(failure); ok {
		return object{"check_result": "FAILED", "fail_reasons": []object{{"code": f.code, "message": f.message}}}, nil
	}
	return object{"check_result": "PASS", "fail_reasons": []object{}}, nil
}

// find gives a product that can be read and edited.
func (s *Simulator) find(id string) (*product, error) {
	p := s.products[id]
	if p == nil || p.status == statusDeleted || p.status == statusFrozen {
		return nil, refuse(12052032, "The product does not exist")
	}
	return p, nil
}

// editProduct replaces everything.
func (s *Simulator) editProduct(r *request) (any, error) { return s.changeProduct(r, true) }

// partialEdit replaces the properties that are sent, each as a whole.
func (s *Simulator) partialEdit(r *request) (any, error) { return s.changeProduct(r, false) }

func (s *Simulator) changeProduct(r *request, full bool) (any, error) {
	p, err := s.find(r.vars["product"])
	if err != nil {
		return nil, err
	}
	in, err := r.readProduct()
	if err != nil {
		return nil, err
	}
	if !full {
		in.CategoryID, in.CategoryVersion, in.DeliveryOptions = nil, "", nil
	}
	if in.SaveMode == "AS_DRAFT" && p.status != statusDraft {
		return nil, refuse(12052488, "This region doesn't support save draft after product submitted")
	}
	next := p.content
	if p.edit != nil {
		next = *p.edit
	}
	next.skus = slices.Clone(next.skus)
	before := next
	warnings, err := s.fill(&next, in, full)
	if err != nil {
		return nil, err
	}
	if s.externalIDTaken(next.externalID, p) {
		return nil, refuse(12052996, "external_id duplicated")
	}
	p.updated = s.now()
	switch {
	case p.status == statusActivate && sameContent(before, next):
		p.content = next // prices and inventory only
	case p.status == statusActivate && s.options.AuditTime > 0:
		p.edit, p.auditStatus, p.decided = &next, "AUDITING", s.now().Add(s.options.AuditTime)
	case p.status == statusActivate:
		p.edit, p.decided = &next, s.now()
		s.decide(p)
	case p.status == statusStopped || p.status == statusTakenDown:
		p.content = next
	case in.SaveMode == "AS_DRAFT":
		p.content = next
	default:
		p.content = next
		s.submit(p)
	}
	out := s.created(p, warnings)
	out["audit"] = object{"status": p.auditStatus}
	s.emit(15, object{"product_id": json.Number(p.id), "change_source": "SELLER", "update_time": p.updated.Unix()})
	return out, nil
}

// sameContent tells that only terms differ.
func sameContent(a, b content) bool {
	shape := func(c content) string {
		type row struct {
			ID, SellerSKU, ExternalID string
			Attributes                []salesAttribute
		}
		var rows []row
		for _, k := range c.skus {
			rows = append(rows, row{k.id, k.sellerSKU, k.externalID, k.attributes})
		}
		c.skus = nil
		text, _ := json.Marshal([]any{
			c.title, c.description, c.category, c.brand, c.externalID, c.images, c.weight, c.size, c.attributes, c.certifications, c.cod, c.minimum, rows,
		})
		return string(text)
	}
	return shape(a) == shape(b)
}

// submit hands a product to the audit.
func (s *Simulator) submit(p *product) {
	p.status, p.auditStatus, p.reasons = statusPending, "AUDITING", nil
	p.decided = s.now().Add(s.options.AuditTime)
	s.decide(p)
}

// audit decides whatever is due.
func (s *Simulator) audit() {
	for _, id := range s.productIDs {
		s.decide(s.products[id])
	}
}

// bannedWords are what the audit refuses in a title.
var bannedWords = []string{"hàng giả", "chữa bách bệnh"}

func (s *Simulator) decide(p *product) {
	if p.status != statusPending && p.edit == nil || s.now().Before(p.decided) {
		return
	}
	looked := &p.content
	if p.edit != nil {
		looked = p.edit
	}
	reasons := p.doomed
	p.doomed = nil
	for _, word := range bannedWords {
		if strings.Contains(strings.ToLower(looked.title), word) {
			reasons = append(reasons, "Tên sản phẩm có từ bị cấm: "+word)
		}
	}
	p.updated, p.reasons = s.now(), reasons
	event := "PRODUCT_FIRST_PASS_REVIEW"
	switch {
	case len(reasons) > 0:
		p.auditStatus, event = "FAILED", "PRODUCT_AUDIT_FAILURE"
		if p.edit == nil {
			p.status = statusFailed
		}
	case p.edit != nil:
		p.content, p.auditStatus, event = *p.edit, "APPROVED", "PRODUCT_STATUS_CHANGED"
	default:
		p.status, p.auditStatus = statusActivate, "APPROVED"
	}
	p.edit = nil
	s.emit(5, object{
		"product_id": json.Number(p.id), "status": event, "suspended_reason": strings.Join(reasons, "; "), "update_time": p.updated.Unix(),
	})
	s.emit(37, object{
		"product_id": p.id, "audit": object{"status": p.auditStatus, "pre_approved_reason": ""}, "update_time": p.updated.Unix(),
	})
}
