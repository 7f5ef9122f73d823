package shopeetest

import (
	"fmt"
	"slices"
)

// documentKinds are the papers of a parcel.
var documentKinds = []string{"NORMAL_AIR_WAYBILL", "THERMAL_AIR_WAYBILL", "NORMAL_JOB_AIR_WAYBILL", "THERMAL_JOB_AIR_WAYBILL"}

// suggestedDocument is what the platform proposes.
const suggestedDocument = "THERMAL_AIR_WAYBILL"

// documentRow is a parcel of a batch call about papers.
type documentRow struct {
	SN       string  `json:"order_sn"`
	Package  string  `json:"package_number"`
	Tracking *string `json:"tracking_number"`
	Kind     string  `json:"shipping_document_type"`
}

// documents reads a batch of 1 to 50 parcels and makes an answer for each. The
// call as a whole fails only when all rows do, and then hides why.
func (s *Simulator) documents(r *request, serve func(*parcel, documentRow) (object, error)) (any, error) {
	var in struct {
		Rows []documentRow `json:"order_list"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if len(in.Rows) < 1 || len(in.Rows) > 50 {
		return nil, badParam("Wrong parameters, detail: order_list needs 1 to 50 rows.")
	}
	list, warnings, failed := []object{}, []object{}, 0
	for _, row := range in.Rows {
		out, err := s.document(row, serve)
		if out == nil {
			out = object{}
		}
		out["order_sn"], out["package_number"] = row.SN, row.Package
		if err != nil {
			failed++
			f := err.(failure)
			out["fail_error"], out["fail_message"] = f.code, f.message
			warnings = append(warnings, object{"order_sn": row.SN, "package_number": row.Package})
		}
		list = append(list, out)
	}
	response := object{"result_list": list}
	if failed == len(list) {
		return nil, failure{code: "common.batch_api_all_failed", message: "Failed, please check result_list for more details.", response: response, warning: warnings}
	}
	return warned{response, warnings}, nil
}

func (s *Simulator) document(row documentRow, serve func(*parcel, documentRow) (object, error)) (object, error) {
	if s.orders[row.SN] == nil {
		return nil, refuse("logistics.order_not_exist", "The order_sn %s you provided does not exist.", row.SN)
	}
	_, p, err := s.parcelOf(row.SN, row.Package)
	if err != nil {
		return nil, err
	}
	if row.Kind != "" && !slices.Contains(documentKinds, row.Kind) {
		return nil, refuse("logistics.shipping_document_type_not_match", "The shipping document type does not match.")
	}
	return serve(p, row)
}

func (s *Simulator) documentParameter(r *request) (any, error) {
	return s.documents(r, func(p *parcel, _ documentRow) (object, error) {
		if !p.arranged() {
			return nil, refuse("logistics.package_can_not_print", "The package can not print now.")
		}
		return object{"suggest_shipping_document_type": suggestedDocument, "selectable_shipping_document_type": documentKinds[:2]}, nil
	})
}

// arranged tells that a carrier knows of the parcel.
func (p *parcel) arranged() bool {
	return p.status != "LOGISTICS_READY" && p.status != "LOGISTICS_NOT_START" && p.status != "LOGISTICS_INVALID"
}

func (s *Simulator) createDocument(r *request) (any, error) {
	return s.documents(r, func(p *parcel, row documentRow) (object, error) {
		switch {
		case !p.arranged():
			return nil, refuse("logistics.package_can_not_print", "The package can not print now.")
		case row.Tracking == nil || *row.Tracking == "" || *row.Tracking != p.tracking:
			return nil, refuse("logistics.tracking_number_invalid", "The tracking_number is invalid.")
		}
		if row.Kind == "" {
			row.Kind = suggestedDocument
		}
		p.document, p.printed = row.Kind, s.options.DocumentPolls
		return nil, nil
	})
}

// made gives how far a paper is.
func (p *parcel) made(kind string) (string, error) {
	if kind == "" {
		kind = suggestedDocument
	}
	switch {
	case p.document != kind:
		return "", refuse("logistics.shipping_document_should_print_first", "The package should create the shipping document first.")
	case p.printed > 0:
		return "PROCESSING", nil
	}
	return "READY", nil
}

func (s *Simulator) documentResult(r *request) (any, error) {
	return s.documents(r, func(p *parcel, row documentRow) (object, error) {
		status, err := p.made(row.Kind)
		if err != nil {
			return nil, err
		}
		if p.printed > 0 {
			p.printed--
		}
		return object{"status": status}, nil
	})
}

// downloadDocument sends the papers themselves, or an error as JSON.
func (s *Simulator) downloadDocument(r *request) (any, error) {
	var in struct {
		Kind string        `json:"shipping_document_type"`
		Rows []documentRow `json:"order_list"`
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if len(in.Rows) < 1 || len(in.Rows) > 50 {
		return nil, badParam("Wrong parameters, detail: order_list needs 1 to 50 rows.")
	}
	text := ""
	for _, row := range in.Rows {
		row.Kind = in.Kind
		_, err := s.document(row, func(p *parcel, row documentRow) (object, error) {
			status, err := p.made(row.Kind)
			if err == nil && status != "READY" {
				err = refuse("logistics.download_later", "Processing, please download later.")
			}
			text += fmt.Sprintf("%% %s %s\n", row.SN, p.tracking)
			return nil, err
		})
		if err != nil {
			return nil, err
		}
	}
	return file{"application/pdf", []byte("%PDF-1.4\n" + text + "%%EOF\n")}, nil
}
