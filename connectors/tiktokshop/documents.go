package tiktokshop

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// pathDocument gives the address of a package's paper.
const pathDocument = "/fulfillment/202309/packages/%s/shipping_documents"

// Documents gives the labels of an order's packages that were arranged with one
// of TikTok's carriers. What the seller sends has a label of the seller's
// carrier.
// https://partner.tiktokshop.com/docv2/page/get-package-shipping-document-202309, as in the OpenAPI text, read 2026-08.
func (s *shop) Documents(ctx context.Context, id catalog.ExternalID) ([]connectors.Document, error) {
	const op = "orders.documents"
	fail := func(kind connectors.Kind, code, hint, format string, arguments ...any) error {
		return &connectors.Error{Kind: kind, Channel: string(s.env.Channel), Op: op, Code: code, Hint: hint, Err: fmt.Errorf(format, arguments...)}
	}
	o, err := s.orderOf(ctx, op, id)
	switch {
	case err != nil:
		return nil, err
	case o == nil:
		return nil, s.noOrder(op, id).Err
	}
	if orderStates[o.Status] == catalog.OrderCancelled {
		return nil, fail(connectors.Clash, "order_closed", "", "order %s is canceled and has no label", id)
	}
	var packages []string
	for _, f := range o.fulfillments() {
		packages = append(packages, f.ID)
	}
	switch {
	case len(packages) == 0:
		return nil, fail(connectors.Clash, "not_shipped", "report the shipment first: chophien orders ship", "the shipment of order %s was not arranged yet", id)
	case o.Shipping == "SELLER":
		return nil, fail(connectors.Clash, "seller_shipping", "print the label of your own carrier", "the seller ships order %s, so TikTok Shop has no label for it", id)
	}
	slices.Sort(packages)
	var papers []connectors.Document
	for _, one := range packages {
		paper, err := call[struct {
			URL string `json:"doc_url"`
		}](ctx, s, connectors.Call{Op: op, Path: fmt.Sprintf(pathDocument, url.PathEscape(one)), Query: url.Values{
			"document_type": {"SHIPPING_LABEL"}, "document_size": {"A6"}, "document_format": {"PDF"},
		}})
		if err != nil {
			return nil, err
		}
		file, err := s.client.Fetch(ctx, op, paper.URL)
		if err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(file.Body, []byte("%PDF-")) {
			return nil, fail(connectors.Transient, "no_file", "", "the label of package %s is no PDF but %d other bytes", clip(one, 30), len(file.Body))
		}
		papers = append(papers, connectors.Document{Name: fmt.Sprintf("%s-%s.pdf", id, clip(one, 30)), MediaType: "application/pdf", Data: file.Body})
	}
	return papers, nil
}

var _ connectors.Documenter = (*shop)(nil)
