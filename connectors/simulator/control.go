package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/chophien/chophien/catalog"
)

// Edit is one change that a seller makes in the platform's own pages. Fields
// that are nil stay as they are.
type Edit struct {
	SKU    catalog.SKU    `json:"sku,omitempty"`
	Price  *catalog.Price `json:"price,omitempty"`
	Stock  *int64         `json:"stock,omitempty"`
	Title  *string        `json:"title,omitempty"`
	State  *catalog.State `json:"state,omitempty"`
	Delete bool           `json:"delete,omitempty"` // remove the listing for good
	// Order and Status move an order instead; with AskToCancel its buyer wants
	// to cancel it.
	Order       catalog.ExternalID  `json:"order,omitempty"`
	Status      catalog.OrderStatus `json:"status,omitempty"`
	AskToCancel bool                `json:"ask_to_cancel,omitempty"`
}

// apply makes the edit, in the order of the fields, and ends at the first that
// the shop refuses.
func (e Edit) apply(shop Shop) error {
	var steps []func() error
	if e.Price != nil {
		steps = append(steps, func() error { return shop.SetPrice(e.SKU, *e.Price) })
	}
	if e.Stock != nil {
		steps = append(steps, func() error { return shop.SetStock(e.SKU, *e.Stock) })
	}
	if e.Title != nil {
		steps = append(steps, func() error { return shop.SetTitle(e.SKU, *e.Title) })
	}
	if e.State != nil {
		steps = append(steps, func() error { return shop.SetState(e.SKU, *e.State) })
	}
	if e.Delete {
		steps = append(steps, func() error { return shop.Delete(e.SKU) })
	}
	switch asker, ok := shop.(CancelAsker); {
	case e.Order != "" && e.AskToCancel && ok:
		steps = append(steps, func() error { return asker.AskToCancel(e.Order) })
	case e.AskToCancel:
		return fmt.Errorf("ask_to_cancel needs an order, and a platform where buyers ask the seller")
	case e.Order != "":
		steps = append(steps, func() error { return shop.SetOrderStatus(e.Order, e.Status) })
	}
	if len(steps) == 0 {
		return fmt.Errorf("nothing to edit: give sku with price, stock, title, state or delete, or order with status or ask_to_cancel")
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// controls are the addresses below /_sim/.
func (s *Server) controls() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_sim/faults", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.Faults()) })
	mux.HandleFunc("DELETE /_sim/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.ResetFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("POST /_sim/faults", s.injectHTTP)
	mux.HandleFunc("GET /_sim/requests", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.Requests()) })
	mux.HandleFunc("DELETE /_sim/requests", func(w http.ResponseWriter, _ *http.Request) {
		s.ResetRequests()
		w.WriteHeader(http.StatusNoContent)
	})
	shop := s.options.Shop
	if shop == nil {
		return mux
	}
	mux.HandleFunc("GET /_sim/state", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, struct {
			Listings []Listing `json:"listings"`
			Orders   []Order   `json:"orders"`
		}{shop.Listings(), shop.Orders()})
	})
	mux.HandleFunc("POST /_sim/orders", func(w http.ResponseWriter, r *http.Request) {
		var order OrderRequest
		if !readJSON(w, r, &order) {
			return
		}
		id, err := shop.Order(order)
		if err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		writeJSON(w, map[string]catalog.ExternalID{"external_id": id})
	})
	mux.HandleFunc("POST /_sim/edit", func(w http.ResponseWriter, r *http.Request) {
		var edit Edit
		if !readJSON(w, r, &edit) {
			return
		}
		if err := edit.apply(shop); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

// injectHTTP takes one JSON fault, or lines in the short form.
func (s *Server) injectHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := readBody(w, r)
	if !ok {
		return
	}
	var faults []Fault
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		var f Fault
		if !decodeJSON(w, body, &f) {
			return
		}
		faults = append(faults, f)
	} else {
		for line := range strings.FieldsSeq(string(body)) {
			f, err := ParseFault(line)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			faults = append(faults, f)
		}
	}
	for _, f := range faults {
		s.Inject(f)
	}
	w.WriteHeader(http.StatusNoContent)
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
	}
	return body, err == nil
}

func readJSON(w http.ResponseWriter, r *http.Request, out any) bool {
	body, ok := readBody(w, r)
	return ok && decodeJSON(w, body, out)
}

func decodeJSON(w http.ResponseWriter, body []byte, out any) bool {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(out); err != nil {
		http.Error(w, "not the JSON that is expected: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(value)
}
