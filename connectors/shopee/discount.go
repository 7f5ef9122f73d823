package shopee

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Sale prices are rows of a discount promotion of the shop (module discount of
// the API, read 2026-11). Ours is known by its name; those that the seller made
// by hand are left alone. A new one must start an hour ahead; once it runs,
// prices join and leave it at once. It runs for half a year, then the next
// write of a sale price makes another.

// sales are the state of our discounts.
type sales struct {
	current discount // where prices are put; ID 0 = none
	inside  map[target]onSale
}

type discount struct {
	ID     int64  `json:"discount_id"`
	Name   string `json:"discount_name"`
	Status string `json:"status"` // upcoming, ongoing, expired
	Start  int64  `json:"start_time"`
	End    int64  `json:"end_time"`
}

// onSale is what is in one of our discounts.
type onSale struct {
	discount   discount
	list, sale dong
}

// readSales reads what is in our discounts, running or to come.
func (s *shop) readSales(ctx context.Context) (*sales, error) {
	all := &sales{inside: map[target]onSale{}}
	for _, status := range []string{"ongoing", "upcoming"} {
		for page := 1; ; page++ {
			answer, err := get[struct {
				List []discount `json:"discount_list"`
				More bool       `json:"more"`
			}](ctx, s, "discount/get_discount_list", url.Values{
				"discount_status": {status}, "page_no": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(maxPage)},
			})
			if err != nil {
				return nil, err
			}
			for _, d := range answer.List {
				if d.Name != s.options.DiscountName {
					continue
				}
				d.Status = status
				if err := s.readSale(ctx, d, all); err != nil {
					return nil, err
				}
				if all.current.ID == 0 && time.Until(time.Unix(d.End, 0)) > time.Hour {
					all.current = d
				}
			}
			if !answer.More || len(answer.List) == 0 {
				break
			}
		}
	}
	return all, nil
}

func (s *shop) readSale(ctx context.Context, d discount, all *sales) error {
	for page := 1; ; page++ {
		answer, err := get[struct {
			Items []struct {
				ID     int64 `json:"item_id"`
				List   dong  `json:"item_original_price"`
				Sale   dong  `json:"item_promotion_price"`
				Models []struct {
					ID   int64 `json:"model_id"`
					List dong  `json:"model_original_price"`
					Sale dong  `json:"model_promotion_price"`
				} `json:"model_list"`
			} `json:"item_list"`
			More bool `json:"more"`
		}](ctx, s, "discount/get_discount", url.Values{
			"discount_id": {strconv.FormatInt(d.ID, 10)}, "page_no": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(maxPage)},
		})
		if err != nil {
			return err
		}
		for _, it := range answer.Items {
			if len(it.Models) == 0 {
				all.inside[target{it.ID, 0}] = onSale{d, it.List, it.Sale}
			}
			for _, m := range it.Models {
				all.inside[target{it.ID, m.ID}] = onSale{d, m.List, m.Sale}
			}
		}
		if !answer.More || len(answer.Items) == 0 {
			return nil
		}
	}
}

// leaveSales takes out of our discounts what shall not be in them, or cannot
// stay because its list price changes. It marks in listed where the list price
// needs no call.
func (s *shop) leaveSales(ctx context.Context, all *sales, changes []priceRow, targets []target, outcomes []connectors.Outcome, listed []bool) {
	var leaving []int
	for i, c := range changes {
		if outcomes[i].Kind != "" {
			continue
		}
		in, inside := all.inside[targets[i]]
		sameList := inside && int64(in.list) == c.Price.List.Amount
		listed[i] = c.listed || sameList
		if inside && (c.Price.Sale == nil || !sameList) {
			leaving = append(leaving, i)
		}
	}
	errs := s.parallel(len(leaving), func(k int) error {
		i := leaving[k]
		body := fields{"discount_id": all.inside[targets[i]].discount.ID, "item_id": targets[i].item}
		if targets[i].model != 0 {
			body["model_id"] = targets[i].model
		}
		_, err := post[struct{}](ctx, s, connectors.Call{Op: "discount/delete_discount_item", Repeatable: true, Body: body})
		if connectors.KindOf(err) == connectors.NotFound || isCodeOf(err, "discount_item_not_exist", "discount_is_end") {
			return nil
		}
		return err
	})
	for k, i := range leaving {
		if errs[k] != nil {
			outcomes[i], _ = outcomeOf(errs[k], changes[i].SKU)
			continue
		}
		delete(all.inside, targets[i])
		if listed[i] {
			outcomes[i] = connectors.Outcome{Kind: connectors.Applied}
		}
	}
}

// joinSales puts sale prices into our discount, 50 items a call, making one
// first if there is none. A price that holds only later is deferred.
func (s *shop) joinSales(ctx context.Context, all *sales, rows []int, changes []priceRow, targets []target, outcomes []connectors.Outcome) {
	var adding, changing []int
	for _, i := range rows {
		in, inside := all.inside[targets[i]]
		switch {
		case !inside:
			adding = append(adding, i)
		case int64(in.sale) != changes[i].Price.Sale.Amount:
			changing = append(changing, i)
		case in.discount.Status != "ongoing":
			outcomes[i] = later(in.discount, targets[i])
		}
	}
	byDiscount := map[discount][]int{}
	for _, i := range changing {
		d := all.inside[targets[i]].discount
		byDiscount[d] = append(byDiscount[d], i)
	}
	for d, list := range byDiscount {
		s.putSales(ctx, "discount/update_discount_item", d, list, changes, targets, outcomes)
	}
	if len(adding) == 0 {
		return
	}
	if all.current.ID == 0 {
		d, err := s.newSale(ctx)
		if err != nil {
			for _, i := range adding {
				outcomes[i], _ = outcomeOf(err, changes[i].SKU)
			}
			return
		}
		all.current = d
	}
	s.putSales(ctx, "discount/add_discount_item", all.current, adding, changes, targets, outcomes)
}

// newSale makes a discount. Should its answer be lost, it is found by its name
// the next time.
func (s *shop) newSale(ctx context.Context) (discount, error) {
	start := time.Now().Add(s.options.DiscountLead + 2*time.Minute)
	d := discount{Name: s.options.DiscountName, Status: "upcoming", Start: start.Unix(), End: start.Add(saleTime).Unix()}
	answer, err := post[discount](ctx, s, connectors.Call{Op: "discount/add_discount", Body: fields{
		"discount_name": d.Name, "start_time": d.Start, "end_time": d.End,
	}})
	if err == nil && answer.ID == 0 {
		err = &connectors.Error{Kind: connectors.Unclear, Channel: string(s.env.Channel), Op: "discount/add_discount", Lost: true, Err: errNoSale}
	}
	d.ID = answer.ID
	return d, err
}

// putSales adds or changes rows of a discount.
func (s *shop) putSales(ctx context.Context, op string, d discount, rows []int, changes []priceRow, targets []target, outcomes []connectors.Outcome) {
	type batch struct {
		items []fields
		at    []int
	}
	var batches []batch
	place := map[int64][2]int{} // of an item: batch and row
	for _, i := range rows {
		t, price := targets[i], changes[i].Price.Sale.Amount
		at, ok := place[t.item]
		if !ok {
			if len(batches) == 0 || len(batches[len(batches)-1].items) == maxIDs {
				batches = append(batches, batch{})
			}
			last := &batches[len(batches)-1]
			at = [2]int{len(batches) - 1, len(last.items)}
			place[t.item] = at
			last.items = append(last.items, fields{"item_id": t.item, "purchase_limit": 0})
		}
		b := &batches[at[0]]
		b.at = append(b.at, i)
		if t.model == 0 {
			b.items[at[1]]["item_promotion_price"] = price
			continue
		}
		models, _ := b.items[at[1]]["model_list"].([]fields)
		b.items[at[1]]["model_list"] = append(models, fields{"model_id": t.model, "model_promotion_price": price})
	}
	type failure struct {
		ItemID  int64  `json:"item_id"`
		ModelID int64  `json:"model_id"`
		Code    string `json:"fail_error"`
		Message string `json:"fail_message"`
	}
	answers := make([]struct {
		Failed []failure `json:"error_list"`
	}, len(batches))
	errs := s.parallel(len(batches), func(k int) (err error) {
		answers[k], err = post[struct {
			Failed []failure `json:"error_list"`
		}](ctx, s, connectors.Call{Op: op, Repeatable: op == "discount/update_discount_item", Body: fields{"discount_id": d.ID, "item_list": batches[k].items}})
		return err
	})
	for k, b := range batches {
		failed := map[target]failure{}
		for _, f := range answers[k].Failed {
			failed[target{f.ItemID, f.ModelID}] = f
		}
		for _, i := range b.at {
			f, refused := failed[targets[i]]
			if !refused { // one failure may speak for the whole item
				f, refused = failed[target{targets[i].item, 0}]
			}
			switch {
			case refused:
				outcomes[i], _ = outcomeOf(s.refusal(op, normal(f.Code), plain(f.Message)), changes[i].SKU)
			case errs[k] != nil:
				outcome, retry := outcomeOf(errs[k], changes[i].SKU)
				if retry && outcomes[i].Kind == connectors.Applied {
					outcome.Kind = connectors.Unknown // the list price was written
				}
				outcomes[i] = outcome
			case d.Status != "ongoing":
				outcomes[i] = later(d, targets[i])
			default:
				outcomes[i] = connectors.Outcome{Kind: connectors.Applied}
			}
		}
	}
}

// later is the outcome of a sale price that holds once its discount begins.
func later(d discount, t target) connectors.Outcome {
	begin := time.Unix(d.Start, 0).UTC()
	clock := begin.In(time.FixedZone("UTC+7", 7*3600)).Format("15:04 02/01/2006")
	return connectors.Outcome{
		Kind: connectors.Deferred, Until: begin, Remote: &catalog.Remote{ExternalID: listingID(t.item)},
		Issues: []catalog.Issue{{Code: "sale_later", Severity: catalog.SeverityWarning, Field: "price", Message: catalog.Text{
			VI: "Shopee chỉ cho chương trình giảm giá mới bắt đầu sau một giờ: giá khuyến mãi có hiệu lực từ " + clock + ".",
			EN: "Shopee lets a new discount begin only an hour ahead: the sale price holds from " + clock + " (Vietnam time).",
		}}},
	}
}

// isCodeOf tells that an error has one of some codes.
func isCodeOf(err error, list ...string) bool {
	e, ok := errors.AsType[*connectors.Error](err)
	return ok && slices.Contains(list, e.Code)
}
