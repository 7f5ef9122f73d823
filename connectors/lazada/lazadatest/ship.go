package lazadatest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/chophien/chophien/connectors/simulator"
)

const (
	carrier  = "LEX VN"
	mostPack = 20 // orders or parcels in one call
)

// itemError is how fulfillment tells what became of one row or parcel.
func itemError(code, message string, retry bool) object {
	return object{"item_err_code": code, "msg": message, "retry": retry}
}

func (s *Simulator) providers(in *request) (any, error) {
	var request struct {
		Orders []struct {
			OrderID json.Number `json:"order_id"`
		} `json:"orders"`
	}
	if err := in.decode("getShipmentProvidersReq", &request); err != nil {
		return nil, err
	}
	if len(request.Orders) == 0 || len(request.Orders) > mostPack {
		return nil, refuse("700022", "1 to %d orders are taken", mostPack)
	}
	for _, o := range request.Orders {
		if _, err := s.order(o.OrderID.String()); err != nil {
			return nil, err
		}
	}
	return wrapped{object{
		"platform_default": 1, "shipment_providers": []object{{"name": carrier, "provider_code": "FM41"}}, "shipping_allocate_type": "TFS",
	}}, nil
}

func (s *Simulator) pack(in *request) (any, error) {
	var request struct {
		List []struct {
			OrderID json.Number       `json:"order_id"`
			Items   []json.RawMessage `json:"order_item_list"`
		} `json:"pack_order_list"`
		Delivery string `json:"delivery_type"`
		Allocate string `json:"shipping_allocate_type"`
		Provider string `json:"shipment_provider_code"`
	}
	if err := in.decode("packReq", &request); err != nil {
		return nil, err
	}
	switch {
	case len(request.List) == 0 || len(request.List) > mostPack:
		return nil, refuse("700022", "1 to %d orders are taken", mostPack)
	case request.Delivery != "dropship" || request.Allocate != "TFS" || request.Provider != "":
		return nil, refuse("700004", "delivery_type or shipping_allocate_type is not valid")
	}
	packed := []object{}
	for _, wanted := range request.List {
		o, err := s.order(wanted.OrderID.String())
		if err != nil {
			return nil, refuse("700021", "The order does not exist")
		}
		rows := []object{}
		parcel, tracking := "", ""
		for _, id := range wanted.Items {
			u := o.unit(string(id))
			var row object
			switch {
			case u == nil:
				row = itemError("700025", "The order item does not exist", false)
			case u.status != "pending" && u.status != "topack" && u.status != "repacked":
				row = itemError("700000", "The status of the order item does not allow packing", false)
			default:
				if parcel == "" {
					s.lastParcel++
					parcel = fmt.Sprintf("FP%09d", s.lastParcel)
					tracking = fmt.Sprintf("LMP%010dVNA", s.lastParcel)
				}
				u.parcel, u.tracking = parcel, tracking
				s.move(o, "packed", u)
				row = itemError("0", "success", false)
				row["tracking_number"], row["shipment_provider"], row["package_id"] = tracking, carrier, parcel
			}
			row["order_item_id"] = id
			rows = append(rows, row)
		}
		packed = append(packed, object{"order_id": o.id, "order_item_list": rows})
	}
	return wrapped{object{"pack_order_list": packed}}, nil
}

// parcels reads a request that names parcels.
func (in *request) parcels(name string) (ids []string, kind string, err error) {
	var request struct {
		Kind     string `json:"doc_type"`
		Packages []struct {
			ID string `json:"package_id"`
		} `json:"packages"`
	}
	if err := in.decode(name, &request); err != nil {
		return nil, "", err
	}
	if len(request.Packages) == 0 || len(request.Packages) > mostPack {
		return nil, "", refuse("700022", "1 to %d packages are taken", mostPack)
	}
	for _, p := range request.Packages {
		ids = append(ids, p.ID)
	}
	return ids, request.Kind, nil
}

// inParcel finds the rows of a parcel.
func (s *Simulator) inParcel(id string) (*order, []*unit) {
	for _, orderID := range s.orderIDs {
		o := s.orders[orderID]
		var units []*unit
		for _, u := range o.units {
			if u.parcel == id && id != "" {
				units = append(units, u)
			}
		}
		if len(units) > 0 {
			return o, units
		}
	}
	return nil, nil
}

func (s *Simulator) document(in *request) (any, error) {
	ids, kind, err := in.parcels("getDocumentReq")
	if err != nil {
		return nil, err
	}
	if kind != "PDF" && kind != "HTML" {
		return nil, refuse("700004", "doc_type is not valid")
	}
	for _, id := range ids {
		if o, _ := s.inParcel(id); o == nil {
			return nil, refuse("600001", "The package does not exist")
		}
	}
	address := s.URL + labelPath + strings.Join(ids, "-") + ".pdf"
	page := `<iframe src="` + address + `"></iframe>`
	return wrapped{object{"doc_type": kind, "file": base64.StdEncoding.EncodeToString([]byte(page)), "pdf_url": address}}, nil
}

// parcelStatus is what pushes call the statuses of a parcel.
var parcelStatus = map[string]string{"ready_to_ship": "READY_TO_SHIP", "delivered": "DELIVERED", "failed_delivery": "DELIVER_FAILED"}

// labelPath is where labels lie: outside the API, open to who has the address.
const labelPath = "/awb/"

// label serves the file that document names.
func (s *Simulator) label(w http.ResponseWriter, name string) {
	name, isPDF := strings.CutSuffix(name, ".pdf")
	lines := []string{"Label (simulated)"}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id := range strings.SplitSeq(name, "-") {
		o, units := s.inParcel(id)
		if o == nil || !isPDF {
			http.Error(w, "no such file", http.StatusNotFound)
			return
		}
		lines = append(lines, fmt.Sprintf("%d", o.id), units[0].tracking)
	}
	w.Header().Set("Content-Type", "application/pdf")
	_, _ = w.Write(simulator.PDF(lines...))
}

// eachParcel moves parcels from one status to another.
func (s *Simulator) eachParcel(in *request, name, from, to string) (any, error) {
	ids, _, err := in.parcels(name)
	if err != nil {
		return nil, err
	}
	list := []object{}
	for _, id := range ids {
		o, units := s.inParcel(id)
		row := itemError("0", "success", false)
		switch {
		case o == nil:
			row = itemError("600001", "The package does not exist", false)
		case strings.HasPrefix(name, "dbs") && !s.options.OwnFleet:
			row = itemError("700009", "operation not support fot nonDBS order!", false)
		case units[0].status == "canceled":
			row = itemError("600002", "The package is canceled", false)
		case units[0].status != from:
			row = itemError("700000", "The status of the package does not allow this", false)
		default:
			s.move(o, to, units...)
			if status := parcelStatus[to]; status != "" {
				s.emitParcel(o, id, status)
			}
			if to == "repacked" {
				for _, u := range units {
					u.parcel, u.tracking = "", ""
				}
			}
		}
		row["package_id"] = id
		list = append(list, row)
	}
	return wrapped{object{"packages": list}}, nil
}

func (s *Simulator) readyToShip(in *request) (any, error) {
	return s.eachParcel(in, "readyToShipReq", "packed", "ready_to_ship")
}

func (s *Simulator) repack(in *request) (any, error) {
	return s.eachParcel(in, "rePackReq", "packed", "repacked")
}

// ownDelivered and ownFailed are for sellers with a fleet of their own.
func (s *Simulator) ownDelivered(in *request) (any, error) {
	return s.eachParcel(in, "dbsDeliveryReq", "shipped", "delivered")
}

func (s *Simulator) ownFailed(in *request) (any, error) {
	return s.eachParcel(in, "dbsFailedDeliveryReq", "shipped", "failed_delivery")
}

func (s *Simulator) trace(in *request) (any, error) {
	o, err := s.order(in.p["order_id"])
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	list := []object{}
	for _, u := range o.units {
		if u.parcel != "" && !seen[u.parcel] {
			seen[u.parcel] = true
			list = append(list, object{"ofc_package_id": u.parcel, "tracking_number": u.tracking, "logistic_detail_info_list": []object{
				{"title": u.status, "event_time": o.updated.UnixMilli()},
			}})
		}
	}
	return wrapped{object{"package_detail_info_list": list}}, nil
}
