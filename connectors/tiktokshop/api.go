package tiktokshop

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// The calls. Versions belong to a call, not to the app.
const (
	pathShops      = "/authorization/202309/shops"
	pathWarehouses = "/logistics/202309/warehouses"
	pathProviders  = "/logistics/202309/delivery_options/%s/shipping_providers"
	pathCategories = "/product/202309/categories"
	pathAttributes = "/product/202309/categories/%s/attributes"
	pathRules      = "/product/202309/categories/%s/rules"
	pathBrands     = "/product/202309/brands"
	pathUpload     = "/product/202309/images/upload"
	pathProducts   = "/product/202309/products"
	pathProduct    = "/product/202309/products/%s"
	pathSearch     = "/product/202502/products/search"
	pathEdit       = "/product/202509/products/%s"
	pathPartial    = "/product/202509/products/%s/partial_edit"
	pathPrices     = "/product/202309/products/%s/prices/update"
	pathInventory  = "/product/202309/products/%s/inventory/update"
	pathActivities = "/promotion/202309/activities"
	pathOrders     = "/order/202309/orders/search"
	pathOrder      = "/order/202507/orders"
	pathReturns    = "/return_refund/202309/returns/search"
	pathSlots      = "/fulfillment/202309/packages/%s/handover_time_slots"
	pathShip       = "/fulfillment/202309/packages/ship"
	pathHooks      = "/event/202309/webhooks"
)

// The platform's limits of one call.
const (
	maxPage     = 100 // rows of a list
	maxSKUs     = 100 // of a product, outside of a few markets
	maxFind     = 10  // seller SKUs that are searched for at once
	maxIDs      = 20  // products that are switched on, off or deleted at once
	maxPromoted = 300 // SKUs put into a promotion, or taken out, at once
)

// fields is a JSON object on its way out.
type fields = map[string]any

// call makes a call and returns what is in the answer's envelope. The error of
// a read is never that of a lost write; searches are reads although they are
// POSTs.
func call[T any](ctx context.Context, s *shop, c connectors.Call) (T, error) {
	var answer struct {
		Data T `json:"data"`
	}
	c.Out = &answer
	_, err := s.client.Do(ctx, c)
	if c.Method == "" || c.Method == http.MethodGet || strings.HasSuffix(c.Path, "/search") {
		err = connectors.NotSent(err)
	}
	return answer.Data, err
}

// partly is the answer to a call about several items: the code is 0, and those
// that were refused are told here.
type partly struct {
	Errors []struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Detail  struct {
			SKU     string `json:"sku_id"`
			Product string `json:"product_id"`
			Package string `json:"package_id"`
		} `json:"detail"`
	} `json:"errors"`
}

// err is the refusal of one item, nil when it was not refused.
func (p partly) err(s *shop, op, id string) error {
	for _, e := range p.Errors {
		if id == e.Detail.SKU || id == e.Detail.Product || id == e.Detail.Package {
			fault := s.fault(e.Code, e.Message)
			fault.Channel, fault.Op = string(s.env.Channel), op
			return fault
		}
	}
	return nil
}

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

// product is a product as search and get show it; search leaves most out.
type product struct {
	ID      string `json:"id"`
	Status  string `json:"status"`
	Title   string `json:"title"`
	Updated int64  `json:"update_time"`
	Audit   struct {
		Status string `json:"status"` // NONE, AUDITING, FAILED, PRE_APPROVED, APPROVED
	} `json:"audit"`
	SKUs []sku `json:"skus"`

	Description string `json:"description"`
	Chain       []struct {
		ID   string `json:"id"`
		Leaf bool   `json:"is_leaf"`
	} `json:"category_chains"`
	Brand struct {
		ID string `json:"id"`
	} `json:"brand"`
	Images     []picture   `json:"main_images"`
	Attributes []attribute `json:"product_attributes"`
	ExternalID string      `json:"external_product_id"`
	Delivery   []struct {
		ID string `json:"id"`
	} `json:"delivery_options"`
	COD     *bool `json:"is_cod_allowed"`
	Minimum int   `json:"minimum_order_quantity"`
	Video   struct {
		ID string `json:"id"`
	} `json:"video"`
	// What we pass on without looking into it.
	Weight         json.RawMessage `json:"package_weight"`
	Dimensions     json.RawMessage `json:"package_dimensions"`
	Certifications json.RawMessage `json:"certifications"`
	SizeChart      json.RawMessage `json:"size_chart"`
	Reasons        []struct {
		Reasons     []string `json:"reasons"`
		Suggestions []string `json:"suggestions"`
	} `json:"audit_failed_reasons"`
}

type picture struct {
	URI string `json:"uri"`
}

type attribute struct {
	ID     string           `json:"id"`
	Values []attributeValue `json:"values"`
}

type attributeValue struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// sku is one buyable version of a product.
type sku struct {
	ID         string `json:"id"`
	SellerSKU  string `json:"seller_sku"`
	ExternalID string `json:"external_sku_id"`
	Price      struct {
		Currency string `json:"currency"`
		// A product read whole tells the displayed price in the first, search
		// tells a local seller's in the second.
		Sale         string `json:"sale_price"`
		TaxExclusive string `json:"tax_exclusive_price"`
	} `json:"price"`
	Inventory []struct {
		Warehouse string `json:"warehouse_id"`
		Quantity  int64  `json:"quantity"`
	} `json:"inventory"`
	Attributes []salesAttribute `json:"sales_attributes"`
	Identifier json.RawMessage  `json:"identifier_code"`
}

// salesAttribute is one of the values that tell SKUs apart.
type salesAttribute struct {
	ID        string   `json:"id,omitempty"`
	Name      string   `json:"name,omitempty"`
	ValueID   string   `json:"value_id,omitempty"`
	ValueName string   `json:"value_name,omitempty"`
	Image     *picture `json:"sku_img,omitempty"`
}

// leaf is the product's category.
func (p *product) leaf() string {
	for _, node := range p.Chain {
		if node.Leaf {
			return node.ID
		}
	}
	return ""
}

// bySKU finds a SKU by our name for it.
func (p *product) bySKU(name catalog.SKU) (*sku, bool) {
	for i := range p.SKUs {
		if p.SKUs[i].SellerSKU == string(name) {
			return &p.SKUs[i], true
		}
	}
	return nil, false
}

// written is the answer to create and to the edits.
type written struct {
	ProductID string `json:"product_id"`
	SKUs      []sku  `json:"skus"`
	Warnings  []struct {
		Message string `json:"message"`
	} `json:"warnings"`
}

// read reads one product whole.
func (s *shop) read(ctx context.Context, id string) (product, error) {
	return call[product](ctx, s, connectors.Call{Op: "products.read", Path: fmt.Sprintf(pathProduct, id)})
}

// parallel runs task for 0 to n-1, as many at once as the channel allows.
func (s *shop) parallel(n int, task func(i int) error) []error {
	return connectors.Parallel(n, s.options.Concurrency, hopeless, task)
}

// hopeless tells that the next call would fail likewise.
func hopeless(err error) bool {
	switch connectors.KindOf(err) {
	case connectors.Auth, connectors.RateLimited, connectors.Canceled:
		return true
	}
	return false
}

func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// isID tells that an external ID is a number of the platform.
func isID(id catalog.ExternalID) bool {
	n, err := strconv.ParseInt(string(id), 10, 64)
	return err == nil && n > 0 && strconv.FormatInt(n, 10) == string(id)
}

// clip makes a text from outside short and printable.
func clip(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return text
}

// lowerFirst makes a sentence fit behind a semicolon; names stay.
func lowerFirst(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	word, _, _ := strings.Cut(text[size:], " ")
	if strings.ContainsFunc(word, unicode.IsUpper) {
		return text
	}
	return string(unicode.ToLower(first)) + text[size:]
}
