package tiktokshoptest

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/chophien/chophien/connectors/simulator"
)

// maxPackages is how many one call takes. The real number is not documented.
const maxPackages = 50

// parcelOf gives the package of a call.
func (s *Simulator) parcelOf(id string) (*parcel, error) {
	p := s.packages[id]
	if p == nil || p.order.status == orderUnpaid || p.order.status == orderOnHold {
		return nil, refuse(21008111, "The order or package does not belong to the current seller.")
	}
	return p, nil
}

func (s *Simulator) packageRow(p *parcel, idKey, statusKey string) object {
	lines := []string{}
	for _, u := range p.order.units {
		if u.parcel == p {
			lines = append(lines, u.id)
		}
	}
	return object{
		idKey: p.id, statusKey: p.status, "orders": []object{{"id": p.order.id, "skus": []object{}}}, "order_line_item_ids": lines,
		"tracking_number": p.tracking, "shipping_provider_id": p.provider.id, "shipping_provider_name": p.provider.name,
		"create_time": p.created.Unix(), "update_time": p.updated.Unix(),
	}
}

func (s *Simulator) getPackage(r *request) (any, error) {
	p, err := s.parcelOf(r.vars["package"])
	if err != nil {
		return nil, err
	}
	out := s.packageRow(p, "package_id", "package_status")
	out["shipping_type"], out["delivery_option_id"], out["delivery_option_name"] = s.shippingType(), deliveryOptionID, "Tiêu chuẩn"
	out["handover_method"] = p.handover
	return out, nil
}

func (s *Simulator) searchPackages(r *request) (any, error) {
	var in struct {
		Status   string `json:"package_status"`
		CreateGE int64  `json:"create_time_ge"`
		CreateLT int64  `json:"create_time_lt"`
		UpdateGE int64  `json:"update_time_ge"`
		UpdateLT int64  `json:"update_time_lt"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	within := func(at time.Time, from, before int64) bool {
		return at.Unix() >= from && (before == 0 || at.Unix() < before)
	}
	var found []object
	for _, id := range s.orderIDs {
		for _, p := range s.orders[id].parcels {
			if _, err := s.parcelOf(p.id); err == nil && (in.Status == "" || in.Status == p.status) &&
				within(p.created, in.CreateGE, in.CreateLT) && within(p.updated, in.UpdateGE, in.UpdateLT) {
				found = append(found, s.packageRow(p, "id", "status"))
			}
		}
	}
	first, last, next, err := r.page(len(found), 0, 50)
	if err != nil {
		return nil, err
	}
	return object{"packages": append([]object{}, found[first:last]...), "next_page_token": next, "total_count": len(found)}, nil
}

// slot is the pickup time of tomorrow.
func (s *Simulator) slot() (start, end int64) {
	day := s.now().Truncate(24 * time.Hour).Add(26 * time.Hour)
	return day.Unix(), day.Add(2 * time.Hour).Unix()
}

func (s *Simulator) timeSlots(r *request) (any, error) {
	if _, err := s.parcelOf(r.vars["package"]); err != nil {
		return nil, err
	}
	start, end := s.slot()
	// "avaliable" is how the platform spells it.
	return object{
		"can_pickup": !s.options.SellerShipping, "can_drop_off": !s.options.SellerShipping, "can_van_collection": false, "drop_off_point_url": "",
		"pickup_slots": []object{
			{"start_time": start - 86400, "end_time": end - 86400, "avaliable": false}, {"start_time": start, "end_time": end, "avaliable": true},
		},
	}, nil
}

type shipIn struct {
	ID       string `json:"id"`
	Handover string `json:"handover_method"`
	Slot     *struct {
		Start int64 `json:"start_time"`
		End   int64 `json:"end_time"`
	} `json:"pickup_slot"`
	Self *struct {
		Tracking string `json:"tracking_number"`
		Provider string `json:"shipping_provider_id"`
	} `json:"self_shipment"`
}

func (s *Simulator) shipPackage(r *request) (any, error) {
	var in shipIn
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	in.ID = r.vars["package"]
	if err := s.ship(in); err != nil {
		return nil, err
	}
	return object{}, nil
}

func (s *Simulator) shipPackages(r *request) (any, error) {
	var in struct {
		Packages []shipIn `json:"packages"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if len(in.Packages) == 0 || len(in.Packages) > maxPackages {
		return nil, badParam("packages", "their number is out of range", "1 to 50")
	}
	var rows []object
	for _, row := range in.Packages {
		if err := s.ship(row); err != nil {
			rows = append(rows, errorRow(err, "package_id", row.ID))
		}
	}
	return partly(rows), nil
}

func (s *Simulator) ship(in shipIn) error {
	p, err := s.parcelOf(in.ID)
	if err != nil {
		return err
	}
	if p.status != "TO_FULFILL" {
		return refuse(21011001, "The package status does not allow to ship it.")
	}
	status := orderCollect
	if s.options.SellerShipping {
		if in.Self == nil || in.Self.Tracking == "" {
			return badParam("self_shipment", "the package is shipped by the seller", "tracking_number and shipping_provider_id")
		}
		i := slices.IndexFunc(shippingProviders, func(x shippingProvider) bool { return x.id == in.Self.Provider })
		if i < 0 {
			return badParam("shipping_provider_id", "it is unknown", "a provider of the delivery option")
		}
		p.tracking, p.provider, status = in.Self.Tracking, shippingProviders[i], orderTransit
	} else {
		start, end := s.slot()
		switch {
		case in.Self != nil:
			return badParam("self_shipment", "the package is shipped by TikTok", "handover_method")
		case in.Handover != "PICKUP" && in.Handover != "DROP_OFF":
			return badParam("handover_method", "it is unknown", "PICKUP or DROP_OFF")
		case in.Handover == "PICKUP" && in.Slot != nil && (in.Slot.Start != start || in.Slot.End != end):
			return badParam("pickup_slot", "it is not available", "an available slot")
		}
		p.tracking, p.provider, p.handover = "VN"+p.id[len(p.id)-12:], shippingProvider{"7000000000000000001", "J&T Express"}, in.Handover
	}
	p.status, p.updated = "PROCESSING", s.now()
	o := p.order
	if slices.ContainsFunc(o.parcels, func(other *parcel) bool { return other.status == "TO_FULFILL" }) {
		status = orderPartly
	}
	s.setStatus(o, status, s.now().Truncate(time.Second))
	s.emit(4, object{
		"sc_type": "CREATE", "role_type": "ROLE_SELLER", "update_time": o.updated.Unix(),
		"package_list": []object{{"package_id": p.id, "order_id_list": []string{o.id}}},
	})
	return nil
}

func (s *Simulator) shippingDocuments(r *request) (any, error) {
	p, err := s.parcelOf(r.vars["package"])
	kinds := []string{"SHIPPING_LABEL", "PACKING_SLIP", "SHIPPING_LABEL_AND_PACKING_SLIP", "SHIPPING_LABEL_PICTURE", "HAZMAT_LABEL", "INVOICE_LABEL"}
	switch {
	case err != nil:
		return nil, err
	case !slices.Contains(kinds, r.query.Get("document_type")):
		return nil, badParam("document_type", "it is unknown", strings.Join(kinds, ", "))
	case s.options.SellerShipping || p.status == "TO_FULFILL":
		return nil, refuse(21011003, "The package has no shipping document.")
	}
	return object{"doc_url": s.URL + labelPath + p.id + ".pdf", "tracking_number": p.tracking}, nil
}

// labelPath is where labels lie: outside the API, open to who has the address.
const labelPath = "/label/"

// label serves the file that shippingDocuments names; the lock is held.
func (s *Simulator) label(w http.ResponseWriter, name string) {
	id, isPDF := strings.CutSuffix(name, ".pdf")
	p := s.packages[id]
	if p == nil || !isPDF || p.tracking == "" {
		http.Error(w, "no such file", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	_, _ = w.Write(simulator.PDF("Label (simulated)", p.order.id, p.tracking))
}

func (s *Simulator) updateShipping(r *request) (any, error) {
	var in struct {
		Tracking string `json:"tracking_number"`
		Provider string `json:"shipping_provider_id"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	id := r.vars["package"]
	if o := s.orders[r.vars["order"]]; o != nil && len(o.parcels) == 1 {
		id = o.parcels[0].id
	}
	p, err := s.parcelOf(id)
	i := slices.IndexFunc(shippingProviders, func(x shippingProvider) bool { return x.id == in.Provider })
	switch {
	case err != nil:
		return nil, err
	case !s.options.SellerShipping || p.tracking == "":
		return nil, refuse(21011001, "The package status does not allow to change its shipment.")
	case i < 0 || in.Tracking == "":
		return nil, badParam("shipping_provider_id", "it is unknown", "a provider of the delivery option")
	}
	p.tracking, p.provider = in.Tracking, shippingProviders[i]
	return object{}, nil
}
