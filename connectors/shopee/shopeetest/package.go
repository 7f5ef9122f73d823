package shopeetest

import (
	"slices"
	"strconv"
	"time"
)

// setNote keeps what the seller writes to an order for itself.
func (s *Simulator) setNote(r *request) (any, error) {
	var in struct {
		SN   string  `json:"order_sn"`
		Note *string `json:"note"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	o, err := s.findOrder(in.SN)
	if err != nil {
		return nil, err
	}
	if in.Note == nil {
		return nil, badParam("Wrong parameters, detail: note is required.")
	}
	o.note, o.noted = *in.Note, s.now()
	return none{}, nil
}

// packageList lists the parcels that are still to be handed over.
func (s *Simulator) packageList(r *request) (any, error) {
	var in struct {
		Filter struct {
			Status int `json:"package_status"` // 0 all, 1 pending, 2 to process, 3 processed
		} `json:"filter"`
		Pages *struct {
			Size   int64  `json:"page_size"`
			Cursor string `json:"cursor"`
		} `json:"pagination"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if in.Pages == nil || in.Pages.Size < 1 || in.Pages.Size > 100 || in.Filter.Status < 0 || in.Filter.Status > 3 {
		return nil, badParam("Wrong parameters, detail: pagination or filter.")
	}
	offset := int64(0)
	if in.Pages.Cursor != "" {
		var err error
		if offset, err = strconv.ParseInt(in.Pages.Cursor, 10, 64); err != nil || offset < 0 {
			return nil, badParam("Wrong parameters, detail: cursor.")
		}
	}
	list := []object{}
	for _, sn := range s.orderSNs {
		o := s.orders[sn]
		kind := map[string]int{orderPending: 1, orderReady: 2, orderRetry: 2, orderProcessed: 3}[o.status]
		if kind == 0 || in.Filter.Status != 0 && in.Filter.Status != kind {
			continue
		}
		for _, p := range o.packages {
			list = append(list, object{
				"order_sn": sn, "package_number": p.number, "logistics_channel_id": logisticChannels[0].id, "product_location_id": "VNZ",
				"sorting_group": "", "is_shipment_arranged": p.arranged(),
			})
		}
	}
	first, last := page(offset, in.Pages.Size, len(list))
	next := ""
	if last < len(list) {
		next = strconv.Itoa(last)
	}
	return object{
		"packages_list": list[first:last], "pagination": object{"total_count": len(list), "next_cursor": next, "more": last < len(list)},
		"sort": object{"sort_type": 1, "is_asc": false},
	}, nil
}

// splitOrder parts an order into the given packages, at most five, which
// together must hold everything once.
func (s *Simulator) splitOrder(r *request) (any, error) {
	var in struct {
		SN       string `json:"order_sn"`
		Packages []struct {
			Items []struct {
				ItemID  int64 `json:"item_id"`
				ModelID int64 `json:"model_id"`
			} `json:"item_list"`
		} `json:"package_list"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	o, err := s.findOrder(in.SN)
	switch {
	case err != nil:
		return nil, err
	case o.status != orderReady || len(o.packages) != 1 || len(o.lines) < 2:
		return nil, refuse("order.order_cannot_split", "The order can not be split now.")
	case len(in.Packages) < 2 || len(in.Packages) > 5:
		return nil, badParam("The size of package list is over limit.")
	}
	var parts [][]int
	seen := map[int]bool{}
	for _, p := range in.Packages {
		var lines []int
		for _, row := range p.Items {
			at := slices.IndexFunc(o.lines, func(l orderLine) bool { return l.item == row.ItemID && l.model == row.ModelID })
			if at < 0 || seen[at] {
				return nil, badParam("Wrong parameters, detail: item_list.")
			}
			seen[at] = true
			lines = append(lines, at)
		}
		parts = append(parts, lines)
	}
	if len(seen) != len(o.lines) {
		return nil, badParam("Wrong parameters, detail: every item must be in a package.")
	}
	o.packages, o.updated = nil, s.now().Truncate(time.Second)
	shown := []object{}
	for _, lines := range parts {
		p := s.newParcel(lines...)
		o.packages = append(o.packages, p)
		shown = append(shown, object{"package_number": p.number, "item_list": o.parcelItems(p)})
	}
	return object{"order_sn": o.sn, "package_list": shown}, nil
}

// parcelItems are the lines of a parcel as the platform shows them.
func (o *order) parcelItems(p *parcel) []object {
	items := []object{}
	for _, i := range p.lines {
		l := o.lines[i]
		items = append(items, object{"item_id": l.item, "model_id": l.model, "model_quantity": l.quantity, "order_item_id": l.item})
	}
	return items
}
