package tiki

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/tiki/tikitest"
)

func fixture(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every code has its kind and advice in both languages, and comes out of an
// answer or a review as it says.
func TestErrorCatalog(t *testing.T) {
	t.Parallel()
	want := map[string]connectors.Kind{
		"http_400": connectors.Validation, "http_401": connectors.Auth, "http_403": connectors.Fatal, "http_404": connectors.NotFound,
		"http_405": connectors.Fatal, "http_406": connectors.Fatal, "http_409": connectors.Clash, "http_422": connectors.Validation,
		"http_429": connectors.RateLimited, "http_500": connectors.Transient, "http_503": connectors.Transient,
		"invalid_client": connectors.Auth, "invalid_grant": connectors.Auth, "access_denied": connectors.Auth,
		"invalid_request": connectors.Fatal, "invalid_state": connectors.Fatal, "invalid_scope": connectors.Fatal,
		"unauthorized_client": connectors.Fatal, "unsupported_grant_type": connectors.Fatal,
		"420": connectors.Clash, "rejected": connectors.Validation,
	}
	if len(want) != len(codes) {
		t.Errorf("the table has %d codes, the test %d", len(codes), len(want))
	}
	for code, kind := range want {
		a, found := codes[code]
		if !found || a.kind != kind || a.text.VI == "" || a.text.EN == "" {
			t.Errorf("%s: got %+v, want %s with advice", code, a, kind)
			continue
		}
		var err error
		status, isStatus := strings.CutPrefix(code, "http_")
		switch {
		case isStatus:
			n, _ := strconv.Atoi(status)
			err = classify(connectors.Response{Status: n, Body: []byte(`{"errors":["because"]}`)})
		case code == codeDuplicate:
			err = rejection(json.RawMessage(`"{\"code\":420,\"message\":\"because\"}"`))
		case code == codeRejected:
			err = rejection(json.RawMessage(`"because"`))
		default:
			err = classify(connectors.Response{Status: http.StatusBadRequest, Body: []byte(`{"error":"` + code + `","error_description":"geheim"}`)})
		}
		issue := issueOf(err, "SKU-1")
		if connectors.KindOf(err) != kind || issue.Code != code || !strings.HasPrefix(issue.Message.VI, a.text.VI) || issue.SKU != "SKU-1" {
			t.Errorf("%s: got %q (%v), issue %+v", code, connectors.KindOf(err), err, issue)
		}
		if strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: the description is repeated, which may quote what was sent", code)
		}
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status int
		body   string
		want   connectors.Kind
	}{
		{200, `{}`, ""},
		{404, `<html>no such page</html>`, connectors.Fatal},
		{404, `{"errors":["Category not found id: 1"]}`, connectors.NotFound},
		{410, `{}`, connectors.NotFound},
		{408, ``, connectors.Transient},
		{418, `{}`, connectors.Validation},
		{502, `<html></html>`, connectors.Transient},
		{400, `{"error":"made_up","error_description":"x"}`, connectors.Validation},
	} {
		if got := connectors.KindOf(classify(connectors.Response{Status: test.status, Body: []byte(test.body)})); got != test.want {
			t.Errorf("%d %s: got %q, want %q", test.status, test.body, got, test.want)
		}
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][2]string{
		`"{\"code\":420,\"message\":\"Product code X is not unique\"}"`: {"420", "Product code X is not unique"},
		`"{\"code\":\"420\",\"message\":\"not unique\"}"`:               {"420", "not unique"},
		`{"code":400,"message":"image invalid"}`:                        {"rejected", "image invalid"},
		`"Hình ảnh mờ"`:                                                 {"rejected", "Hình ảnh mờ"},
		`["Hình ảnh mờ"]`:                                               {"rejected", `["Hình ảnh mờ"]`},
		`"{\"other\":true}"`:                                            {"rejected", `{"other":true}`},
		`null`:                                                          {"rejected", ""},
		``:                                                              {"rejected", ""},
	} {
		if code, message := reason(json.RawMessage(raw)); code != want[0] || message != want[1] {
			t.Errorf("%s: got %s %q, want %v", raw, code, message, want)
		}
	}
}

func TestInterpretFixture(t *testing.T) {
	t.Parallel()
	s := &shop{env: connectors.Env{Channel: "vn-thu"}}
	got, buyer, err := s.Interpret(fixture(t, "order.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := catalog.Order{
		Channel: "vn-thu", ExternalID: "745467462", Number: "745467462", Status: catalog.OrderToShip, PlatformStatus: "queueing",
		PlacedAt: time.Date(2026, 1, 1, 11, 50, 17, 0, time.UTC), UpdatedAt: time.Date(2026, 1, 1, 11, 51, 2, 0, time.UTC),
		Lines: []catalog.OrderLine{{ID: "221456871", ExternalID: "2091455", SKU: "MIENDONG-500", Name: "Miến dong làm tay 500g", Quantity: 2, Total: catalog.VND(130000)}},
		Total: catalog.VND(145000), Adjustment: catalog.VND(15000),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if want := (catalog.Buyer{Name: "Người mua thử", Address: "Số 1 đường Mẫu, Phường Mẫu, Quận Mẫu, Hà Nội, Việt Nam"}); buyer != want {
		t.Errorf("got buyer %+v", buyer)
	}
	for _, test := range []struct {
		from, to  string
		status    catalog.OrderStatus
		restocked int64
	}{
		{`"is_rma":false`, `"is_rma":true`, catalog.OrderOther, 0},
		{`"status":"waiting"`, `"status":"seller_canceled"`, catalog.OrderToShip, 2},
		{`"status":"queueing"`, `"status":"canceled"`, catalog.OrderCancelled, 0},
	} {
		text := fixture(t, "order.json")
		if !bytes.Contains(text, []byte(test.from)) {
			t.Fatalf("no %s in the fixture", test.from)
		}
		got, _, err := s.Interpret(bytes.Replace(text, []byte(test.from), []byte(test.to), 1))
		if err != nil || got.Status != test.status || got.Lines[0].Restocked != test.restocked {
			t.Errorf("%s: got %s, %d back, %v; want %s, %d", test.to, got.Status, got.Lines[0].Restocked, err, test.status, test.restocked)
		}
	}
	shipped := bytes.Replace(fixture(t, "order.json"), []byte(`"partner_name":null,"tracking_code":null`), []byte(`"partner_name":"TikiNOW","tracking_code":"TN1"`), 1)
	if got, _, err := s.Interpret(shipped); err != nil || len(got.Fulfillments) != 1 || got.Fulfillments[0].TrackingNumber != "TN1" {
		t.Errorf("shipped: got %+v, %v", got.Fulfillments, err)
	}
}

// Every status of the documentation is known; what they mean for the stock is
// the catalog's.
func TestStatuses(t *testing.T) {
	t.Parallel()
	documented := strings.Fields("queueing waiting_payment payment_review paid processing picking packaging finished_packing ready_to_ship " +
		"handover_to_partner shipping delivered successful_delivery complete holded closed canceled returned")
	s := &shop{}
	for _, status := range documented {
		raw := bytes.Replace(fixture(t, "order.json"), []byte(`"status":"queueing"`), []byte(`"status":"`+status+`"`), 1)
		got, _, err := s.Interpret(raw)
		if _, known := statuses[status]; !known || err != nil || got.Status != statuses[status] {
			t.Errorf("%s: got %q, %v", status, got.Status, err)
		}
	}
	if len(statuses) != len(documented) {
		t.Errorf("%d statuses are known, %d are documented", len(statuses), len(documented))
	}
}

func TestBadOrders(t *testing.T) {
	t.Parallel()
	s := &shop{}
	for from, to := range map[string]string{
		`"code":"745467462"`:                 `"code":null`,
		`"created_at":"2026-01-01 18:50:17"`: `"created_at":"gestern"`,
		`"updated_at":"2026-01-01 18:51:02"`: `"updated_at":""`,
		`"grand_total":145000`:               `"grand_total":null`,
		`"qty":2`:                            `"qty":0`,
		`"row_total":130000.0`:               `"row_total":99999999999999999999`,
		`"id":221456871`:                     `"id":null`,
	} {
		raw := bytes.Replace(fixture(t, "order.json"), []byte(from), []byte(to), 1)
		if _, _, err := s.Interpret(raw); err == nil || strings.Contains(err.Error(), "Người mua") {
			t.Errorf("%s: got %v", to, err)
		}
	}
}

func TestProductFixture(t *testing.T) {
	t.Parallel()
	var answer list[product]
	if err := json.Unmarshal(fixture(t, "products.json"), &answer); err != nil {
		t.Fatal(err)
	}
	s := &shop{options: &Options{}}
	got := s.remoteOf(answer.Data, nil, nil)
	sale := catalog.VND(65000)
	if got.ExternalID != "2091455" || got.State != catalog.StateLive || got.Title != "Miến dong làm tay 500g" || got.UpdatedAt != time.Date(2026, 1, 2, 1, 0, 0, 0, time.UTC) {
		t.Errorf("got %+v", got)
	}
	want := []catalog.VariantSnapshot{{SKU: "MIENDONG-500", ExternalID: "2091455", Price: &catalog.Price{List: catalog.VND(70000), Sale: &sale}}}
	if diff := cmp.Diff(want, got.Variants); diff != "" {
		t.Errorf("variants; the row tells no stock (-want +got):\n%s", diff)
	}
	var requests list[wireRequest]
	if err := json.Unmarshal(fixture(t, "requests.json"), &requests); err != nil || len(requests.Data) != 2 || !requests.Data[0].tracking().approved() || requests.Data[1].tracking().approved() {
		t.Errorf("requests: got %+v, %v", requests, err)
	}
}

// The forms that sources show of one thing.
func TestShapes(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]int64{`99000`: 99000, `99000.0`: 99000, `"99000"`: 99000, `99000.5`: 99001, `9.9e4`: 99000} {
		var a amount
		if err := json.Unmarshal([]byte(raw), &a); err != nil || a.dong() != want {
			t.Errorf("amount %s: got %d, %v", raw, a.dong(), err)
		}
	}
	for _, raw := range []string{`"x"`, `99999999999999999999`, `1e400`, `true`} {
		var a amount
		if err := json.Unmarshal([]byte(raw), &a); err == nil {
			t.Errorf("amount %s: got %d", raw, a.dong())
		}
	}
	for raw, want := range map[string]shown{`{"value":"A","input_type":"text"}`: "A", `"A"`: "A", `0.75`: "0.75", `{"value":1}`: "1", `true`: "1", `{"value":null}`: "", `[1]`: "", `null`: ""} {
		var s shown
		if err := json.Unmarshal([]byte(raw), &s); err != nil || s != want {
			t.Errorf("attribute %s: got %q, %v", raw, s, err)
		}
	}
	for raw, want := range map[string]int64{
		`{"quantity":5}`:                       5,
		`{"quantity":5,"quantity_sellable":4}`: 4,
		`{"quantity":5,"warehouse_stocks":[{"warehouseId":1,"qtyAvailable":2},{"warehouse_id":2,"qty_available":1}]}`: 3,
	} {
		var i inventory
		if err := json.Unmarshal([]byte(raw), &i); err != nil || i.pieces() == nil || *i.pieces() != want {
			t.Errorf("inventory %s: got %v, %v", raw, i.pieces(), err)
		}
	}
	if (&inventory{}).pieces() != nil || (*inventory)(nil).pieces() != nil {
		t.Error("stock that is not told is 0")
	}
	for _, raw := range []string{`[{"id":1,"name":"A","parent":2,"primary":1}]`, `{"data":[{"id":1,"name":"A","parent_id":2,"is_primary":true}]}`} {
		var l list[wireCategory]
		if err := json.Unmarshal([]byte(raw), &l); err != nil || len(l.Data) != 1 || !l.Data[0].leaf() || max(l.Data[0].Parent, l.Data[0].ParentID) != 2 {
			t.Errorf("categories %s: got %+v, %v", raw, l, err)
		}
	}
	var l list[product]
	if err := json.Unmarshal([]byte(`{"message":"ok"}`), &l); err == nil {
		t.Error("an answer without data is an empty list")
	}
	for raw, want := range map[string]int{`{}`: 0, `[{"product_id":1}]`: 1, `{"data":[{"product_id":1}]}`: 1, `{"results":[{"original_sku":"A"}],"state":"x"}`: 1, `"ok"`: 0} {
		var a batchAnswer
		if err := json.Unmarshal([]byte(raw), &a); err != nil || len(a) != want {
			t.Errorf("batch %s: got %d, %v", raw, len(a), err)
		}
	}
}

func TestCommonName(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		"Chè":      {"Chè - 100 g", "Chè - 200 g"},
		"Túi - A":  {"Túi - A - Đỏ", "Túi - A - Đen"},
		"Chè ngon": {"Chè ngon"},
	} {
		var rows []product
		for _, name := range names {
			rows = append(rows, product{Name: name})
		}
		if got := commonName(rows); got != want && !(len(names) == 1 && got == names[0]) {
			t.Errorf("%q: got %q, want %q", names, got, want)
		}
	}
}

// sized gives pictures by their hash: "600x400" has that size.
type sized struct{ opened int }

func (m *sized) Open(_ context.Context, i catalog.OfferImage) (io.ReadCloser, string, error) {
	m.opened++
	width, height, _ := strings.Cut(i.SHA256, "x")
	w, _ := strconv.Atoi(width)
	h, _ := strconv.Atoi(height)
	var data bytes.Buffer
	err := png.Encode(&data, image.NewGray(image.Rect(0, 0, w, h)))
	return io.NopCloser(&data), "image/png", err
}

// Small pictures are found here, not in a review hours later.
func TestPicturesAreMeasured(t *testing.T) {
	t.Parallel()
	b := newBench(t, tikitest.Options{})
	m := &sized{}
	b.channel = openShop(t, b.options, connectors.OpenDeps{Tokens: b.tokens, Memory: b.memory, Media: m})
	offer := sample(0)
	offer.Images[0].SHA256, offer.Images[1].SHA256 = "500x500", "600x499"
	bad := offer
	bad.Images = offer.Images[1:]
	for range 2 {
		o := publish(t, b.channel, publication(bad))[0]
		if o.Kind != connectors.Rejected || len(o.Issues) != 1 || o.Issues[0].Code != "image_small" || o.Issues[0].Field != "images[1]" || o.Issues[0].Severity != catalog.SeverityError {
			t.Errorf("no picture left: got %s %+v", o.Kind, o.Issues)
		}
	}
	if m.opened != 1 {
		t.Errorf("a picture was opened %d times, want once", m.opened)
	}
	// One that can be used is enough; the other is left out and told.
	o := publish(t, b.channel, publication(offer))[0]
	if !slices.ContainsFunc(o.Issues, func(i catalog.Issue) bool {
		return i.Code == "image_small" && i.Field == "images[2]" && i.Severity == catalog.SeverityWarning
	}) || o.Kind == connectors.Rejected {
		t.Errorf("one picture left: got %s %+v", o.Kind, o.Issues)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][2]bool{ // from the web, from nearby
		"https://img.example.vn/1.jpg": {true, true},
		"http://127.0.0.1:8080/1.jpg":  {false, true},
		"http://192.168.1.4/1.jpg":     {false, true},
		"http://localhost/1.jpg":       {false, true},
		"ftp://img.example.vn/1.jpg":   {false, false},
		"/1.jpg":                       {false, false},
		"":                             {false, false},
	} {
		if got := [2]bool{fetchable(address, false), fetchable(address, true)}; got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	s := &shop{options: &Options{APIURL: "https://api.tiki.vn/integration"}}
	for code, spoil := range map[string]func(*catalog.Offer){
		"title_too_long":   func(o *catalog.Offer) { o.Title = strings.Repeat("ơ", 256) },
		"title_html":       func(o *catalog.Offer) { o.Title = "<b>Chè</b>" },
		"category_invalid": func(o *catalog.Offer) { o.Category = "tea" },
		"no_options":       func(o *catalog.Offer) { o.Options = nil },
		"many_options":     func(o *catalog.Offer) { o.Options = []string{"a", "b", "c"} },
		"sku":              func(o *catalog.Offer) { o.Variants[1].SKU = o.Variants[0].SKU },
		"quantity":         func(o *catalog.Offer) { o.Variants[0].Quantity = -1 },
		"option_missing":   func(o *catalog.Offer) { o.Variants[0].Options = nil },
		"option_twice":     func(o *catalog.Offer) { o.Variants[0].Options = o.Variants[1].Options },
		"currency":         func(o *catalog.Offer) { o.Variants[0].Price.List.Currency = "USD" },
		"image_address":    func(o *catalog.Offer) { o.Images[0].URL = "http://127.0.0.1/1.jpg" },
	} {
		offer := sample(1)
		if issues := s.Audit(offer); len(issues) != 0 {
			t.Fatalf("a good offer: %+v", issues)
		}
		spoil(&offer)
		found := false
		for _, issue := range s.Audit(offer) {
			found = found || issue.Code == code && issue.Message.VI != "" && issue.Message.EN != ""
		}
		if !found {
			t.Errorf("%s: got %+v", code, s.Audit(offer))
		}
	}
	offer := sample(0)
	for sale, refused := range map[int64]bool{18499: true, 18500: false} { // a tenth of 185,000
		amount := catalog.VND(sale)
		offer.Variants[0].Price.Sale = &amount
		if got := len(s.Audit(offer)) > 0; got != refused {
			t.Errorf("%d of 185000: refused %t, want %t", sale, got, refused)
		}
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	offer := sample(0)
	papers := []Certificate{{URL: "https://a.example.vn/1.jpg", Kind: "category", Categories: []string{offer.Category}}, {URL: "https://a.example.vn/2.jpg", Kind: "brand", Categories: []string{"1"}}, {URL: "https://a.example.vn/3.jpg", Kind: "brand"}}
	got, err := json.Marshal(newProduct(&offer, 1, nil, "dropship", 1034, &Options{Certificates: papers}).Certificates)
	if want := `[{"url":"https://a.example.vn/1.jpg","type":"category"},{"url":"https://a.example.vn/3.jpg","type":"brand"}]`; err != nil || string(got) != want {
		t.Errorf("got %s, %v", got, err)
	}
}

// Whether Tiki wants min_code, and what is in it, is not told.
func TestMinCode(t *testing.T) {
	t.Parallel()
	offer := sample(0)
	for option, want := range map[string]string{"none": "", "gtin": offer.Variants[0].GTIN, "sku": string(offer.Variants[0].SKU)} {
		if got := newProduct(&offer, 1, nil, "dropship", 1034, &Options{MinCode: option}).Variants[0].MinCode; got != want {
			t.Errorf("%s: got %q, want %q", option, got, want)
		}
	}
}
