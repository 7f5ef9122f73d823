package shopee

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/chophien/chophien/connectors"
)

// fields is a JSON object on its way out.
type fields = map[string]any

// do makes a call. Errors of reads are never lost writes.
func (s *shop) do(ctx context.Context, call connectors.Call) error {
	_, err := s.client.Do(ctx, call)
	if call.Method == "" || call.Method == http.MethodGet {
		return connectors.NotSent(err)
	}
	return err
}

// get reads an API and returns its response.
func get[T any](ctx context.Context, s *shop, name string, query url.Values) (T, error) {
	var answer struct {
		Response T `json:"response"`
	}
	err := s.do(ctx, connectors.Call{Op: name, Path: api + name, Query: query, Out: &answer})
	return answer.Response, err
}

// post writes to an API. The response is also read next to an error: some calls
// tell there what became of each row.
func post[T any](ctx context.Context, s *shop, call connectors.Call) (T, error) {
	var answer struct {
		Response T `json:"response"`
	}
	call.Method, call.Path, call.Out = http.MethodPost, api+call.Op, &answer
	response, err := s.client.Do(ctx, call)
	if err != nil {
		_ = json.Unmarshal(response.Body, &answer) // best effort: err tells what happened
	}
	return answer.Response, err
}

// dong is an amount as the platform writes it: 185000, 185000.0, sometimes a
// text. Fractions of a dong are rounded.
type dong int64

// UnmarshalJSON reads all forms; null is zero.
func (d *dong) UnmarshalJSON(text []byte) error {
	plain := strings.Trim(string(text), `"`)
	if plain == "null" || plain == "" {
		*d = 0
		return nil
	}
	n, err := decimal.NewFromString(plain)
	if err != nil || n.Abs().GreaterThan(decimal.New(1, 15)) {
		return errors.New("not an amount")
	}
	*d = dong(n.Round(0).IntPart())
	return nil
}

// The statuses of an item.
const (
	statusNormal    = "NORMAL"
	statusUnlist    = "UNLIST"
	statusBanned    = "BANNED"
	statusReviewing = "REVIEWING"
)

// aliveStatuses are all but the deleted ones.
var aliveStatuses = []string{statusNormal, statusUnlist, statusBanned, statusReviewing}

func alive(status string) bool {
	for _, known := range aliveStatuses {
		if status == known {
			return true
		}
	}
	return false
}

// listedItem is a row of product/get_item_list.
type listedItem struct {
	ID      int64 `json:"item_id"`
	Updated int64 `json:"update_time"`
}

type itemPage struct {
	Items []listedItem `json:"item"`
	More  bool         `json:"has_next_page"`
	Next  int64        `json:"next_offset"`
}

// item is a row of product/get_item_base_info, with its models.
type item struct {
	ID          int64       `json:"item_id"`
	Status      string      `json:"item_status"`
	Name        string      `json:"item_name"`
	Description string      `json:"description"`
	SKU         string      `json:"item_sku"`
	GTIN        string      `json:"gtin_code"`
	Category    int64       `json:"category_id"`
	Updated     int64       `json:"update_time"`
	Weight      string      `json:"weight"`
	Dimension   *dimension  `json:"dimension"`
	HasModel    bool        `json:"has_model"`
	Promoted    bool        `json:"has_promotion"`
	Deboosted   bool        `json:"deboost"`
	Prices      []priceInfo `json:"price_info"`
	Stock       stockInfo   `json:"stock_info_v2"`
	Brand       brand       `json:"brand"`
	Attributes  []attribute `json:"attribute_list"`
	Image       struct {
		IDs []string `json:"image_id_list"`
	} `json:"image"`

	Models     []model     `json:"-"`
	Tiers      []tier      `json:"-"`
	Violations []violation `json:"-"`
}

type priceInfo struct {
	Original dong `json:"original_price"`
	Current  dong `json:"current_price"`
}

type stockInfo struct {
	Seller []struct {
		Location string `json:"location_id"`
		Stock    int64  `json:"stock"`
	} `json:"seller_stock"`
}

type dimension struct {
	Height int64 `json:"package_height"`
	Length int64 `json:"package_length"`
	Width  int64 `json:"package_width"`
}

type brand struct {
	ID   int64  `json:"brand_id"`
	Name string `json:"original_brand_name"`
}

type attribute struct {
	ID     int64            `json:"attribute_id"`
	Values []attributeValue `json:"attribute_value_list"`
}

type attributeValue struct {
	ID   int64  `json:"value_id"`
	Name string `json:"original_value_name,omitempty"`
	Unit string `json:"value_unit,omitempty"`
}

// model is one variation.
type model struct {
	ID        int64       `json:"model_id"`
	SKU       string      `json:"model_sku"`
	Index     []int       `json:"tier_index"`
	Promoted  bool        `json:"has_promotion"`
	Prices    []priceInfo `json:"price_info"`
	Stock     stockInfo   `json:"stock_info_v2"`
	Weight    string      `json:"weight"`
	Dimension *dimension  `json:"dimension"`
}

// tier is what variations differ by, in the form that all answers have.
type tier struct {
	Name    string `json:"name"`
	Options []struct {
		Name  string `json:"option"`
		Image struct {
			ID string `json:"image_id"`
		} `json:"image"`
	} `json:"option_list"`
}

type modelList struct {
	Tiers  []tier  `json:"tier_variation"`
	Models []model `json:"model"`
}

// read returns items with their models by number; those that nobody has are
// missing.
func (s *shop) read(ctx context.Context, ids []int64) (map[int64]*item, error) {
	found := map[int64]*item{}
	var list []*item
	for len(ids) > 0 {
		some := ids[:min(len(ids), maxIDs)]
		ids = ids[len(some):]
		texts := make([]string, len(some))
		for i, id := range some {
			texts[i] = strconv.FormatInt(id, 10)
		}
		answer, err := get[struct {
			Items []*item `json:"item_list"`
		}](ctx, s, "product/get_item_base_info", url.Values{"item_id_list": {strings.Join(texts, ",")}})
		if connectors.KindOf(err) == connectors.NotFound {
			if len(some) == 1 {
				continue
			}
			// Whether unknown numbers are left out or fail the call is not
			// documented: find out which it is by asking one by one.
			for _, id := range some {
				one, err := s.read(ctx, []int64{id})
				if err != nil {
					return nil, err
				}
				if one[id] != nil {
					found[id] = one[id]
				}
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, it := range answer.Items {
			found[it.ID] = it
			list = append(list, it)
		}
	}
	errs := s.parallel(len(list), func(i int) error { return s.readModels(ctx, list[i]) })
	if err := firstError(errs); err != nil {
		return nil, err
	}
	return found, s.readViolations(ctx, list)
}

// readModels completes an item. One that was deleted meanwhile says so.
func (s *shop) readModels(ctx context.Context, it *item) error {
	if !it.HasModel || !alive(it.Status) {
		return nil
	}
	list, err := get[modelList](ctx, s, "product/get_model_list", url.Values{"item_id": {strconv.FormatInt(it.ID, 10)}})
	if connectors.KindOf(err) == connectors.NotFound {
		it.Status = "SELLER_DELETE"
		return nil
	}
	it.Models, it.Tiers = list.Models, list.Tiers
	return err
}

// items lists the items that are not deleted, those changed at or after since
// (0 = all), each once. It stops when visit returns an error.
func (s *shop) items(ctx context.Context, since int64, visit func([]listedItem) error) error {
	seen := map[int64]bool{} // an item may move into a later page
	return s.span(ctx, since, 0, func(rows []listedItem) error {
		return visit(slices.DeleteFunc(rows, func(row listedItem) bool {
			known := seen[row.ID]
			seen[row.ID] = true
			return known
		}))
	})
}

// span lists the items changed from one time to another (0 = open), page by
// page. A list is only given up to some offset, which is not documented: a
// longer one is cut by time. What changes meanwhile moves into the later part,
// which is read last.
func (s *shop) span(ctx context.Context, from, to int64, visit func([]listedItem) error) error {
	for offset := int64(0); ; {
		q := url.Values{
			"offset": {strconv.FormatInt(offset, 10)}, "page_size": {strconv.Itoa(s.options.PageSize)}, "item_status": aliveStatuses,
		}
		if from > 0 {
			q.Set("update_time_from", strconv.FormatInt(from, 10))
		}
		if to > 0 {
			q.Set("update_time_to", strconv.FormatInt(to, 10))
		}
		page, err := get[itemPage](ctx, s, "product/get_item_list", q)
		if isCodeOf(err, codeOffset) && offset > 0 {
			first, last := max(from, firstOrders.Unix()), to
			if last == 0 {
				last = time.Now().Unix() + 1
			}
			middle := first + (last-first)/2
			if middle <= first {
				return err
			}
			if err := s.span(ctx, from, middle, visit); err != nil {
				return err
			}
			return s.span(ctx, middle, to, visit)
		}
		if err != nil {
			return err
		}
		if err := visit(page.Items); err != nil {
			return err
		}
		if !page.More {
			return nil
		}
		if page.Next <= offset {
			return &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: "product/get_item_list",
				Err: errors.New("the list does not end: the next page is not behind this one")}
		}
		offset = page.Next
	}
}
