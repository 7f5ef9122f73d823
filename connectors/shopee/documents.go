package shopee

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// How long a waybill is waited for: Shopee makes them within seconds.
const (
	waybillPause = 200 * time.Millisecond // doubles with every look
	waybillLooks = 6
)

// waybill is a row of the calls about waybills.
type waybill struct {
	SN         string   `json:"order_sn"`
	Package    string   `json:"package_number"`
	Suggested  string   `json:"suggest_shipping_document_type"`
	Selectable []string `json:"selectable_shipping_document_type"`
	Status     string   `json:"status"` // PROCESSING, READY or FAILED
	Code       string   `json:"fail_error"`
	Message    string   `json:"fail_message"`
}

// Documents gives the waybills of an order's parcels, as PDF. They are made
// when they are asked for the first time.
// https://open.shopee.com/documents/v2/v2.logistics.create_shipping_document,
// as restated by the guides, read 2026-08.
func (s *shop) Documents(ctx context.Context, id catalog.ExternalID) ([]connectors.Document, error) {
	const op = "logistics/download_shipping_document"
	sn := string(id)
	fail := func(kind connectors.Kind, code, format string, arguments ...any) error {
		return &connectors.Error{Kind: kind, Channel: string(s.env.Channel), Op: op, Code: code, Err: fmt.Errorf(format, arguments...)}
	}
	answer, err := get[struct {
		Orders []orderKey `json:"order_list"`
	}](ctx, s, "order/get_order_detail", url.Values{"order_sn_list": {sn}, "response_optional_fields": {"package_list"}})
	if connectors.KindOf(err) == connectors.NotFound || err == nil && len(answer.Orders) == 0 {
		return nil, fail(connectors.NotFound, "", "order %s is not on Shopee", clip(sn, 40))
	}
	if err != nil {
		return nil, err
	}
	o := answer.Orders[0]
	switch o.Status {
	case "PROCESSED", "SHIPPED", "TO_CONFIRM_RECEIVE", "COMPLETED", "RETRY_SHIP", "READY_TO_SHIP":
	default:
		return nil, fail(connectors.Clash, "order_status", "order %s is %s and has no waybill", clip(sn, 40), clip(o.Status, 40))
	}
	parcels := slices.DeleteFunc(o.Packages, func(p parcel) bool { return !arranged(p.Status) })
	if len(parcels) == 0 {
		return nil, &connectors.Error{Kind: connectors.Clash, Channel: string(s.env.Channel), Op: op, Code: "not_shipped",
			Err: fmt.Errorf("the shipment of order %s was not arranged yet", clip(sn, 40)), Hint: "report the shipment first: chophien orders ship"}
	}
	split := len(o.Packages) > 1
	var papers []connectors.Document
	for _, p := range parcels {
		row := fields{"order_sn": sn}
		q := url.Values{"order_sn": {sn}}
		name := sn
		if split { // of an order that is not split it must be left out
			row["package_number"] = p.Number
			q.Set("package_number", p.Number)
			name += "-" + p.Number
		}
		tracking, err := get[struct {
			Number string `json:"tracking_number"`
		}](ctx, s, "logistics/get_tracking_number", q)
		switch {
		case err != nil:
			return nil, err
		case tracking.Number == "":
			return nil, fail(connectors.Transient, "no_tracking_number", "the carrier has given no tracking number to order %s yet", clip(sn, 40))
		}
		data, err := s.waybill(ctx, row, tracking.Number)
		if err != nil {
			return nil, err
		}
		paper := connectors.Document{Name: fileName(name) + ".pdf", MediaType: "application/pdf", Data: data}
		if bytes.HasPrefix(data, []byte("PK")) {
			paper.Name, paper.MediaType = fileName(name)+".zip", "application/zip"
		}
		papers = append(papers, paper)
	}
	return papers, nil
}

// waybill has one made and downloads it.
func (s *shop) waybill(ctx context.Context, row fields, tracking string) ([]byte, error) {
	allowed, err := s.waybills(ctx, "logistics/get_shipping_document_parameter", row)
	if err != nil {
		return nil, err
	}
	kind := allowed.Suggested
	for _, wanted := range []string{"THERMAL_AIR_WAYBILL", "NORMAL_AIR_WAYBILL"} {
		if kind == "" && (len(allowed.Selectable) == 0 || slices.Contains(allowed.Selectable, wanted)) {
			kind = wanted
		}
	}
	named := fields{"shipping_document_type": kind}
	for key, value := range row {
		named[key] = value
	}
	full := fields{"tracking_number": tracking}
	for key, value := range named {
		full[key] = value
	}
	if _, err := s.waybills(ctx, "logistics/create_shipping_document", full); err != nil {
		return nil, err
	}
	const op = "logistics/get_shipping_document_result"
	for look, pause := 1, waybillPause; ; look, pause = look+1, 2*pause {
		state, err := s.waybills(ctx, op, named)
		switch {
		case err != nil:
			return nil, err
		case state.Status == "READY":
			return s.download(ctx, row, kind)
		case state.Status == "FAILED":
			return nil, s.refusal(op, cmp.Or(normal(state.Code), "waybill_failed"), cmp.Or(plain(state.Message), "Shopee could not make the waybill"))
		case look == waybillLooks:
			return nil, &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: op, Code: "processing", Err: errors.New("the waybill is still being made; ask again in a minute")}
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, &connectors.Error{Kind: connectors.Canceled, Channel: string(s.env.Channel), Op: op, Err: ctx.Err()}
		}
	}
}

// waybills makes a call about one parcel. What was wrong with it is told in its
// row, also next to an error that only says that all rows failed.
func (s *shop) waybills(ctx context.Context, op string, row fields) (waybill, error) {
	answer, err := post[struct {
		Rows []waybill `json:"result_list"`
	}](ctx, s, connectors.Call{Op: op, Body: fields{"order_list": []fields{row}}, Repeatable: true})
	if len(answer.Rows) > 0 && answer.Rows[0].Code != "" {
		e := s.refusal(op, normal(answer.Rows[0].Code), cmp.Or(plain(answer.Rows[0].Message), "refused"))
		if e, ok := errors.AsType[*connectors.Error](e); ok && codes[e.Code].kind == "" {
			e.Kind = connectors.Clash // the parcel's state, not what was sent
		}
		return waybill{}, e
	}
	if err != nil {
		return waybill{}, connectors.NotSent(err) // making a waybill twice does no harm
	}
	if len(answer.Rows) == 0 {
		return waybill{}, &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: op, Code: "missing", Err: errors.New("the answer does not mention the order")}
	}
	return answer.Rows[0], nil
}

// download gets the bytes: the body is the file, or JSON that says why not.
func (s *shop) download(ctx context.Context, row fields, kind string) ([]byte, error) {
	const op = "logistics/download_shipping_document"
	response, err := s.client.Do(ctx, connectors.Call{
		Op: op, Method: http.MethodPost, Path: api + op, Body: fields{"shipping_document_type": kind, "order_list": []fields{row}}, Repeatable: true,
	})
	if err != nil {
		return nil, connectors.NotSent(err)
	}
	for _, begins := range []string{"%PDF-", "PK"} {
		if bytes.HasPrefix(response.Body, []byte(begins)) {
			return response.Body, nil
		}
	}
	kindOf := "bytes"
	if json.Valid(response.Body) {
		kindOf = "JSON"
	}
	return nil, &connectors.Error{Kind: connectors.Transient, Channel: string(s.env.Channel), Op: op, Code: "no_file", Status: response.Status,
		Err: fmt.Errorf("the answer is no file: %d %s", len(response.Body), kindOf)}
}

// fileName makes an ID safe as a file's name.
func fileName(id string) string {
	safe := []rune(clip(id, 80))
	for i, r := range safe {
		if !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-') {
			safe[i] = '-'
		}
	}
	return string(safe)
}

var _ connectors.Documenter = (*shop)(nil)
