package tiktokshop

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// promotions are the fixed prices that the shop has set, now or soon.
type promotions struct {
	skus map[string]promoted
	open string // a promotion of ours that takes more, "" = none
}

type promoted struct {
	activity string
	ours     bool
	price    catalog.Money
}

// activity is a promotion. Search and get name its number differently.
type activity struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Level    string `json:"product_level"`
	Begin    int64  `json:"begin_time"`
	End      int64  `json:"end_time"`
	Products []struct {
		SKUs []struct {
			ID    string `json:"id"`
			Price struct {
				Amount   string `json:"amount"`
				Currency string `json:"currency"`
			} `json:"activity_price"`
		} `json:"skus"`
	} `json:"products"`
}

// promotions reads the fixed prices that hold now, and those of ours that are
// about to begin: a sale price counts as shown from the moment it is set.
func (s *shop) promotions(ctx context.Context) (promotions, error) {
	found := promotions{skus: map[string]promoted{}}
	for _, status := range []string{"ONGOING", "NOT_START"} {
		rows, err := s.activities(ctx, status)
		if err != nil {
			return found, err
		}
		for _, row := range rows {
			ours := strings.HasPrefix(row.Title, s.options.PromotionTitle+" ")
			if row.Level != "VARIATION" || !ours && status != "ONGOING" {
				continue
			}
			whole, err := call[activity](ctx, s, connectors.Call{Op: "promotions.read", Path: pathActivities + "/" + row.ID})
			if err != nil {
				return found, err
			}
			for _, p := range whole.Products {
				for _, k := range p.SKUs {
					price, err := catalog.ParseMoney(k.Price.Amount, firstOf(k.Price.Currency, currency))
					if err == nil {
						found.skus[k.ID] = promoted{row.ID, ours, price}
					}
				}
			}
			if ours && time.Until(time.Unix(row.End, 0)) > 24*time.Hour {
				found.open = row.ID
			}
		}
	}
	return found, nil
}

// activities lists the fixed price promotions with a status.
func (s *shop) activities(ctx context.Context, status string) ([]activity, error) {
	var all []activity
	for token := ""; ; {
		// This search takes its page in the body.
		page, err := call[struct {
			Activities []activity `json:"activities"`
			Next       string     `json:"next_page_token"`
		}](ctx, s, connectors.Call{Op: "promotions.list", Method: http.MethodPost, Path: pathActivities + "/search", Repeatable: true, Body: fields{
			"activity_type": "FIXED_PRICE", "status": status, "page_size": 100, "page_token": token,
		}})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Activities...)
		if page.Next == "" || len(page.Activities) == 0 {
			return all, nil
		}
		token = page.Next
	}
}

// sale is a SKU with the price it shall be sold at.
type sale struct {
	product, sku string
	price        catalog.Money
	place        int // of the caller's
}

// promote puts SKUs on sale. The errors are by place in sales.
func (s *shop) promote(ctx context.Context, open string, sales []sale) []error {
	errs := make([]error, len(sales))
	if len(sales) == 0 {
		return errs
	}
	if open == "" {
		var err error
		if open, err = s.newActivity(ctx); err != nil {
			for i := range errs {
				errs[i] = err
			}
			return errs
		}
	}
	at := 0
	for group := range slices.Chunk(sales, maxPromoted) {
		err := s.putSales(ctx, open, group)
		for i := range group {
			errs[at+i] = err
		}
		// One bad row fails all: find out which.
		if kind := connectors.KindOf(err); len(group) > 1 && (kind == connectors.Validation || kind == connectors.Clash || kind == connectors.NotFound) {
			for i := range group {
				errs[at+i] = s.putSales(ctx, open, group[i:i+1])
			}
		}
		at += len(group)
	}
	return errs
}

func (s *shop) putSales(ctx context.Context, activity string, sales []sale) error {
	var products []fields
	places := map[string]int{}
	for _, x := range sales {
		i, ok := places[x.product]
		if !ok {
			i = len(products)
			places[x.product] = i
			products = append(products, fields{"id": x.product, "quantity_limit": -1, "quantity_per_user": -1, "skus": []fields(nil)})
		}
		rows, _ := products[i]["skus"].([]fields)
		products[i]["skus"] = append(rows, fields{"id": x.sku, "activity_price_amount": x.price.Decimal(), "quantity_limit": -1, "quantity_per_user": -1})
	}
	_, err := call[struct{}](ctx, s, connectors.Call{
		Op: "promotions.add", Method: http.MethodPut, Path: pathActivities + "/" + activity + "/products", Repeatable: true,
		Body: fields{"activity_id": activity, "products": products},
	})
	return err
}

// newActivity makes the next promotion of ours. When its answer is lost, the
// next look finds it by its title.
func (s *shop) newActivity(ctx context.Context) (string, error) {
	begin := time.Now().Add(time.Duration(s.skew.Load()) + s.options.PromotionLead)
	answer, err := call[struct {
		ID string `json:"activity_id"`
	}](ctx, s, connectors.Call{Op: "promotions.create", Method: http.MethodPost, Path: pathActivities, Body: fields{
		"title":         s.options.PromotionTitle + " " + begin.UTC().Format("060102") + " " + rand.Text()[:8], // must be unique
		"activity_type": "FIXED_PRICE", "product_level": "VARIATION", "duration_type": "NORMAL",
		"begin_time": begin.Unix(), "end_time": begin.AddDate(0, 0, s.options.PromotionDays).Unix(),
		"participation_limit": []fields{{"type": "BUYER_NO_LIMIT"}},
	}})
	if err == nil && answer.ID == "" {
		err = &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: "promotions.create", Lost: true, Err: errors.New("the answer names no promotion")}
	}
	return answer.ID, err
}

// unpromote takes SKUs out of promotions of ours. The errors are by SKU.
func (s *shop) unpromote(ctx context.Context, skus map[string]promoted) map[string]error {
	byActivity := map[string][]string{}
	for id, p := range skus {
		byActivity[p.activity] = append(byActivity[p.activity], id)
	}
	errs := map[string]error{}
	for activity, ids := range byActivity {
		slices.Sort(ids)
		for group := range slices.Chunk(ids, maxPromoted) {
			_, err := call[struct{}](ctx, s, connectors.Call{
				Op: "promotions.remove", Method: http.MethodDelete, Path: fmt.Sprintf("%s/%s/products", pathActivities, activity), Repeatable: true,
				Body: fields{"sku_ids": group},
			})
			for _, id := range group {
				errs[id] = err
			}
		}
	}
	return errs
}
