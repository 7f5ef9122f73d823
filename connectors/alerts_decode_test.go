package connectors

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog/pricewatch"
)

func TestAlertsAreDecodedOverTheirDefaults(t *testing.T) {
	t.Parallel()
	config, err := testRegistry(t).Parse("/etc/chophien/connectors.yaml", []byte(`channels: []
alerts:
  file: tin.txt
  rules:
    - {id: re, when: below, price: 185.000 ₫/kg, commodity: honey, urgent: true}
    - {id: doi, when: change, percent: 2.5%}
`), environ)
	if err != nil {
		t.Fatal(err)
	}
	want := pricewatch.AlertSettings{Digest: "07:00", Quiet: "21:00-07:00", Language: "vi", File: "/etc/chophien/tin.txt", Rules: []pricewatch.AlertRule{
		{ID: "re", When: pricewatch.Below, Price: "185.000 ₫/kg", Commodity: "honey", Urgent: true},
		{ID: "doi", When: pricewatch.Change, PercentBP: 250},
	}}
	if diff := cmp.Diff(want, config.Alerts); diff != "" {
		t.Errorf("alerts (-want +got):\n%s", diff)
	}
}
