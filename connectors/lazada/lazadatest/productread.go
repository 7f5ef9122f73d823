package lazadatest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dong writes an amount as product lists do: 65000.0.
func dong(amount int64) json.Number { return json.Number(strconv.FormatInt(amount, 10) + ".0") }

// filters are the states that lists of products can be cut to.
var filters = map[string]func(*item) bool{
	"all":      func(it *item) bool { return !it.deleted },
	"live":     func(it *item) bool { return it.status() == "Active" },
	"inactive": func(it *item) bool { return it.status() == "InActive" },
	"deleted":  func(it *item) bool { return it.deleted },
	"pending":  func(it *item) bool { return it.status() == "Pending" },
	"rejected": func(it *item) bool { return it.status() == "Rejected" },
	"sold-out": func(it *item) bool {
		return it.status() == "Active" && !slices.ContainsFunc(it.skus, func(k *sku) bool { return k.sellable() > 0 })
	},
}

func (s *Simulator) productsGet(in *request) (any, error) {
	keep := filters[in.p["filter"]]
	if keep == nil {
		return nil, refuse("36", "Invalid status filter")
	}
	limit, err := in.number("limit", 20, 1, 50, "19")
	if err != nil {
		return nil, err
	}
	offset, err := in.number("offset", 0, 0, 10000, "14")
	if err != nil {
		return nil, err
	}
	var wanted []string
	if text := in.p["sku_seller_list"]; text != "" {
		if json.Unmarshal([]byte(text), &wanted) != nil || len(wanted) > 100 {
			return nil, refuse("70", "You have corrupt data in your sku seller list")
		}
	}
	window, err := in.window("create_after", "create_before", "update_after", "update_before")
	if err != nil {
		return nil, err
	}
	products := []object{}
	total, rows := int64(0), 0
	for _, id := range s.itemIDs {
		it := s.items[id]
		has := func(k *sku) bool { return slices.Contains(wanted, k.seller) }
		if !keep(it) || wanted != nil && !slices.ContainsFunc(it.skus, has) ||
			!window[0].open(it.created, s.options.AfterIncludes) || !window[1].open(it.updated, s.options.AfterIncludes) {
			continue
		}
		if total >= offset && total < offset+limit {
			products = append(products, s.showItem(it))
			rows += len(it.skus)
		}
		total++
	}
	if s.options.MaxRows > 0 && rows > s.options.MaxRows {
		return nil, failure{code: "ServiceTimeout", kind: isp, message: "The service timed out"}
	}
	if total == 0 {
		return nil, nil // some answers come without data when there is nothing
	}
	return object{"total_products": total, "products": products}, nil
}

// span is a range of times; zero ends are open.
type span struct{ after, before time.Time }

// open tells that a time, seen in whole seconds, lies within.
func (w span) open(at time.Time, includes bool) bool {
	at = at.Truncate(time.Second)
	if !w.after.IsZero() && (at.Before(w.after) || at.Equal(w.after) && !includes) {
		return false
	}
	return w.before.IsZero() || !at.After(w.before)
}

// window reads parameters that are times in pairs: after, before.
func (in *request) window(names ...string) ([2]span, error) {
	var times [4]time.Time
	for i, name := range names {
		text := in.p[name]
		if text == "" {
			continue
		}
		at, err := time.Parse("2006-01-02T15:04:05Z07:00", text)
		if err != nil {
			at, err = time.Parse("2006-01-02T15:04:05-0700", text)
		}
		if err != nil {
			return [2]span{}, refuse("17", "Invalid Date Format")
		}
		times[i] = at
	}
	return [2]span{{times[0], times[1]}, {times[2], times[3]}}, nil
}

func (s *Simulator) itemGet(in *request) (any, error) {
	if in.p["item_id"] == "" {
		if it, _ := s.bySeller(in.p["seller_sku"]); it != nil {
			return s.showAlone(it), nil
		}
		return nil, missing("item_id")
	}
	it := s.item(in.p["item_id"])
	if it == nil {
		return nil, refuse("208", "The item does not exist")
	}
	return s.showAlone(it), nil
}

// showAlone is one product, in the form of [Options.ItemForm].
func (s *Simulator) showAlone(it *item) object {
	shown := s.showItem(it)
	switch s.options.ItemForm {
	case "camel":
		for from, to := range map[string]string{
			"item_id": "itemId", "primary_category": "primaryCategory", "created_time": "createdTime", "updated_time": "updatedTime", "images": "productImageList",
		} {
			shown[to] = shown[from]
			delete(shown, from)
		}
	case "item":
		return object{"item": shown}
	}
	return shown
}

func (s *Simulator) qcAlerts(*request) (any, error) {
	list := []object{}
	for _, id := range s.itemIDs {
		if it := s.items[id]; it.status() == "Rejected" {
			list = append(list, object{"item_id": it.id, "status": "Rejected", "reason": strings.TrimSpace(it.rejected)})
		}
	}
	return object{"total": len(list), "items": list}, nil
}
