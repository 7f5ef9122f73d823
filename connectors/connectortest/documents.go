package connectortest

import (
	"bytes"
	"reflect"
	"regexp"
	"strings"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/simulator"
)

func documentChecks() []check {
	return []check{
		{"labels of what was shipped, and of nothing else", []string{"publish", "orders", "ship", "documents"}, checkDocuments},
	}
}

// fileName is what a document may be called: it becomes a file on somebody's
// disk.
var fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.(pdf|html|png|zip)$`)

// beginnings are how documents of a type begin.
var beginnings = map[string]string{"application/pdf": "%PDF-", "text/html": "<", "image/png": "\x89PNG", "application/zip": "PK"}

func checkDocuments(b *bench) {
	simple, variable := b.shelf()
	id := b.order(daysAgo(1), simulator.OrderLine{SKU: simple.Variants[0].SKU, Quantity: 1})
	canceled := b.order(daysAgo(1), simulator.OrderLine{SKU: variable.Variants[0].SKU, Quantity: 1})
	if err := b.Shop.SetOrderStatus(canceled, catalog.OrderCancelled); err != nil {
		b.Fatal(err)
	}
	read := b.Channel.Documents.Documents
	for name, want := range map[catalog.ExternalID]connectors.Kind{id: connectors.Clash, canceled: connectors.Clash, id + "9999": connectors.NotFound} {
		if papers, err := read(b.Context(), name); connectors.KindOf(err) != want || len(papers) != 0 {
			b.Errorf("labels of order %s before it was shipped: got %d, %v; want %s", name, len(papers), err, want)
		}
	}
	outcome, err := b.Channel.Shipper.Ship(b.Context(), connectors.Shipment{Order: id, Fulfillment: catalog.Fulfillment{Carrier: "Bưu điện", TrackingNumber: "VN123456789", ShippedAt: daysAgo(0)}})
	if err != nil || outcome.Kind != connectors.Applied {
		b.Fatalf("ship: got %s, %v", show(outcome), err)
	}
	b.settle()
	var papers []connectors.Document
	for range 10 { // they may take the platform a while
		if papers, err = read(b.Context(), id); connectors.KindOf(err) != connectors.Transient {
			break
		}
	}
	if err != nil || len(papers) == 0 {
		b.Fatalf("labels of a shipped order: got %d, %v", len(papers), err)
	}
	names := map[string]bool{}
	for _, p := range papers {
		begins, known := beginnings[p.MediaType]
		switch {
		case !fileName.MatchString(p.Name) || names[p.Name]:
			b.Errorf("document %q: want a file name of its own", p.Name)
		case !known || !bytes.HasPrefix(p.Data, []byte(begins)):
			b.Errorf("document %s: %d bytes are not of type %q", p.Name, len(p.Data), p.MediaType)
		case strings.Contains(b.logs.String(), string(p.Data)):
			b.Errorf("document %s is in the log (I13)", p.Name)
		}
		names[p.Name] = true
	}
	if again, err := read(b.Context(), id); err != nil || !reflect.DeepEqual(again, papers) {
		b.Errorf("labels read again are others: %v", err)
	}
}
