package tikitest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// client speaks to a simulator as a stranger would.
type client struct {
	*testing.T
	s      *Simulator
	access string
}

func start(t *testing.T, options Options) client {
	t.Helper()
	s, err := Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	access, _, _ := s.IssueToken()
	return client{t, s, access}
}

// send sends a request and decodes the answer into out, unless that is nil.
func (c client) send(method, path, body string, out any) int {
	c.Helper()
	status, text := c.raw(method, c.s.APIURL()+path, body, http.Header{
		"Authorization": {"Bearer " + c.access}, "Content-Type": {"application/json"},
	})
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			c.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return status
}

func (c client) raw(method, address, body string, header http.Header) (int, []byte) {
	c.Helper()
	request, err := http.NewRequestWithContext(c.Context(), method, address, strings.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	request.Header = header
	noRedirect := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := noRedirect.Do(request)
	if err != nil {
		c.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.Fatal(err)
	}
	if at := response.Header.Get("Location"); at != "" {
		text = []byte(at)
	}
	return response.StatusCode, text
}

func (c client) want(status int, method, path, body string, out any) {
	c.Helper()
	if got := c.send(method, path, body, out); got != status {
		c.Errorf("%s %s: got status %d, want %d", method, path, got, status)
	}
}

type track struct {
	Track   string  `json:"track_id"`
	State   string  `json:"state"`
	Reason  *string `json:"reason"`
	Request *string `json:"request_id"`
}

// honey is the documentation's example with the picture addresses of a test.
func honey(edit ...string) string {
	text := `{"category_id":44792,"name":"Mật ong rừng","description":"<p>Mật ong.</p>","market_price":390000,
 "attributes":{"bulky":0,"origin":"Việt Nam","brand":"Mường Hoa","brand_country":"Việt Nam","product_top_features":"Nguyên chất","product_weight_kg":0.75,
  "product_length":12,"product_width":12,"product_height":16,"require_expiry_date":1,"is_warranty_applied":0},
 "image":"https://img.example.vn/1.jpg","images":["https://img.example.vn/2.jpg"],"option_attributes":["Khối lượng"],
 "variants":[
  {"sku":"MHO-500","option1":"500g","price":185000,"market_price":200000,"inventory_type":"dropship","seller_warehouse":"1034","warehouse_stocks":[{"warehouseId":1034,"qtyAvailable":40}]},
  {"sku":"MHO-1000","option1":"1kg","price":350000,"inventory_type":"dropship","seller_warehouse":"1034, 1015","warehouse_stocks":[{"warehouseId":1034,"qtyAvailable":15},{"warehouseId":1015,"qtyAvailable":2}]}],
 "meta_data":{"is_auto_turn_on":true}}`
	for i := 0; i+1 < len(edit); i += 2 {
		if !strings.Contains(text, edit[i]) {
			panic("no " + edit[i])
		}
		text = strings.ReplaceAll(text, edit[i], edit[i+1])
	}
	return text
}

func (c client) create(body string) track {
	c.Helper()
	var t track
	c.want(200, "POST", "/v2.1/requests", body, &t)
	return t
}

func (c client) track(id string) track {
	c.Helper()
	var t track
	c.want(200, "GET", "/v2/tracking/"+id, "", &t)
	return t
}
