package lazada

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// mostPapers is how many parcels one document is asked for.
const mostPapers = 20

// Documents gives the labels of an order's packed parcels, one file for up to
// 20 of them.
// https://open.lazada.com/apps/doc/api?path=%2Forder%2Fpackage%2Fdocument%2Fget, read 2026-04.
func (s *shop) Documents(ctx context.Context, id catalog.ExternalID) ([]connectors.Document, error) {
	const op = "orders.documents"
	missing := func() error {
		return s.fail(op, connectors.NotFound, "16", "order %s is not in the shop", clip(string(id)))
	}
	if !isID(id) {
		return nil, missing()
	}
	units, err := rowsOfOrder[unit](ctx, s, id)
	if connectors.KindOf(err) == connectors.NotFound {
		return nil, missing()
	}
	if err != nil {
		return nil, err
	}
	var parcels []string
	canceled := true
	for _, u := range units {
		if u.canceled() {
			continue
		}
		canceled = false
		if id := string(u.Parcel); id != "" && placeOf(u.Status) >= placeOf("packed") && !slices.Contains(parcels, id) {
			parcels = append(parcels, id)
		}
	}
	switch {
	case canceled:
		return nil, s.fail(op, connectors.Clash, "order_canceled", "order %s is canceled and has no label", id)
	case len(parcels) == 0:
		e := s.fail(op, connectors.Clash, "not_shipped", "order %s was not packed yet", id)
		e.Hint = "report the shipment first: chophien orders ship"
		return nil, e
	}
	slices.Sort(parcels)
	var papers []connectors.Document
	for group := range slices.Chunk(parcels, mostPapers) {
		paper, err := s.label(ctx, op, group)
		if err != nil {
			return nil, err
		}
		name := string(id)
		if len(papers) > 0 {
			name = fmt.Sprintf("%s-%d", name, len(papers)+1)
		}
		paper.Name = name + map[string]string{"application/pdf": ".pdf", "text/html": ".html"}[paper.MediaType]
		papers = append(papers, paper)
	}
	return papers, nil
}

// label asks for one document. The answer names a file that lives for ten
// minutes; its other field holds a page that shows that file.
func (s *shop) label(ctx context.Context, op string, parcels []string) (paper connectors.Document, err error) {
	list := make([]fields, len(parcels))
	for i, id := range parcels {
		list[i] = fields{"package_id": id}
	}
	var out resulting[struct {
		File text `json:"file"`
		URL  text `json:"pdf_url"`
	}]
	err = s.write(ctx, write{
		op: op, path: "/order/package/document/get", parameter: "getDocumentReq", repeatable: true, out: &out,
		value: fields{"doc_type": "PDF", "packages": list, "print_item_list": false},
	})
	if err != nil {
		return paper, connectors.NotSent(err) // nothing was changed
	}
	told := out.Result.Data.value
	if told.URL != "" {
		file, err := s.client.Fetch(ctx, op, string(told.URL))
		switch {
		case err != nil:
			return paper, err
		case bytes.HasPrefix(file.Body, []byte("%PDF-")):
			return connectors.Document{MediaType: "application/pdf", Data: file.Body}, nil
		case http.DetectContentType(file.Body) != "text/html; charset=utf-8":
			return paper, s.fail(op, connectors.Transient, "no_file", "the label is no PDF but %d other bytes", len(file.Body))
		}
	}
	page, err := base64.StdEncoding.DecodeString(string(told.File))
	switch {
	case err != nil || len(page) == 0:
		return paper, s.fail(op, connectors.Transient, "no_file", "the answer has no label")
	case bytes.HasPrefix(page, []byte("%PDF-")):
		return connectors.Document{MediaType: "application/pdf", Data: page}, nil
	}
	return connectors.Document{MediaType: "text/html", Data: page}, nil
}

var _ connectors.Documenter = (*shop)(nil)
