package lazadatest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// client is a plain client of the API, written from the documentation: system
// parameters and queries in the address, payloads in a form.
type client struct {
	t     *testing.T
	s     *Simulator
	token string
}

func start(t *testing.T, options Options) *client {
	t.Helper()
	s, err := Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	token, _, _ := s.Tokens()
	return &client{t, s, token}
}

// signed adds what every call carries.
func (c *client) signed(path string, p map[string]string) map[string]string {
	all := map[string]string{"app_key": c.s.AppKey(), "sign_method": "sha256", "timestamp": strconv.FormatInt(c.s.now().UnixMilli(), 10)}
	if c.token != "" {
		all["access_token"] = c.token
	}
	for name, value := range p {
		all[name] = value
	}
	if _, given := all["sign"]; !given {
		all["sign"] = Sign(c.s.AppSecret(), path, all)
	}
	return all
}

func values(p map[string]string) url.Values {
	v := url.Values{}
	for name, value := range p {
		v.Set(name, value)
	}
	return v
}

// answer is what the shop says.
type answer struct {
	Code    string          `json:"code"`
	Type    string          `json:"type"`
	Message string          `json:"message"`
	Detail  []object        `json:"detail"`
	Data    json.RawMessage `json:"data"`
	Result  json.RawMessage `json:"result"`
	Raw     []byte          `json:"-"`
}

func (c *client) send(method, path string, query url.Values, contentType string, body []byte) answer {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.s.APIURL()+path+"?"+query.Encode(), bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		c.t.Errorf("%s: HTTP status %d, errors come with 200", path, response.StatusCode)
	}
	var a answer
	if err := json.Unmarshal(raw, &a); err != nil {
		c.t.Fatalf("%s: %v in %.200s", path, err, raw)
	}
	a.Raw = raw
	return a
}

func (c *client) get(path string, p map[string]string) answer {
	c.t.Helper()
	return c.send(http.MethodGet, path, values(c.signed(path, p)), "", nil)
}

// post sends p in a form and the system parameters in the address.
func (c *client) post(path string, p map[string]string) answer {
	c.t.Helper()
	query := values(c.signed(path, p))
	form := url.Values{}
	for name, value := range p {
		query.Del(name)
		form.Set(name, value)
	}
	return c.send(http.MethodPost, path, query, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

// upload sends a picture as multipart, with all parameters in the form.
func (c *client) upload(data []byte) answer {
	c.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range c.signed("/image/upload", nil) {
		_ = w.WriteField(name, value)
	}
	part, err := w.CreateFormFile("image", "anh.png")
	if err != nil {
		c.t.Fatal(err)
	}
	_, _ = part.Write(data)
	_ = w.Close()
	return c.send(http.MethodPost, "/image/upload", nil, w.FormDataContentType(), body.Bytes())
}

// picture puts an image there and returns its address.
func (c *client) picture() string {
	c.t.Helper()
	var data struct {
		Image struct{ URL string } `json:"image"`
	}
	c.data(c.upload(png(600, 600)), &data)
	return data.Image.URL
}

// data requires success and reads it.
func (c *client) data(a answer, out any) {
	c.t.Helper()
	if a.Code != "0" {
		c.t.Fatalf("got %s", a.Raw)
	}
	if out != nil {
		if err := json.Unmarshal(a.Data, out); err != nil {
			c.t.Fatalf("%v in %s", err, a.Raw)
		}
	}
}

func (c *client) want(a answer, code string) {
	c.t.Helper()
	if a.Code != code {
		c.t.Errorf("got %s, want code %s", a.Raw, code)
	}
}

// honey is a product that the shop takes.
func honey(image, sku string) string {
	return fmt.Sprintf(`{"Request":{"Product":{"PrimaryCategory":"%d","Images":{"Image":["%s"]},
	"Attributes":{"name":"Mật ong rừng %s","description":"<p>Mẫu</p>","brand":"No Brand"},
	"Skus":{"Sku":[{"SellerSku":"%s","price":"185000","quantity":"12","package_weight":"0.7","package_length":"20","package_width":"12","package_height":"8"}]}}}}`,
		CategoryHoney, image, sku, sku)
}

// tea is a product with two variants.
func tea(image, sku string) string {
	return fmt.Sprintf(`{"Request":{"Product":{"PrimaryCategory":"%d","Images":{"Image":["%s"]},
	"Attributes":{"name":"Chè Shan tuyết %s","brand":"No Brand"},
	"variation":{"variation1":{"name":"khoi_luong","hasImage":false,"customize":true,"options":{"option":["100 g","200 g"]}}},
	"Skus":{"Sku":[
	{"SellerSku":"%s-1","saleProp":{"khoi_luong":"100 g"},"price":"120000","special_price":"99000","special_from_date":"%s","special_to_date":"%s","quantity":"5","package_weight":"0.13","package_length":"20","package_width":"12","package_height":"8"},
	{"SellerSku":"%s-2","saleProp":{"khoi_luong":"200 g"},"price":"220000","quantity":"7","package_weight":"0.24","package_length":"20","package_width":"12","package_height":"8"}]}}}}`,
		CategoryTea, image, sku, sku, time.Now().AddDate(0, 0, -1).Format("2006-01-02"), time.Now().AddDate(0, 1, 0).Format("2006-01-02 15:04:05"), sku)
}

type made struct {
	ItemID int64  `json:"item_id"`
	Status string `json:"item_status"`
	SKUs   []struct {
		SellerSKU string `json:"seller_sku"`
		SKUID     int64  `json:"sku_id"`
	} `json:"sku_list"`
}

func (c *client) create(payload string) made {
	c.t.Helper()
	var m made
	c.data(c.post("/product/create", map[string]string{"payload": payload}), &m)
	return m
}

// png is a white picture.
func png(width, height int) []byte {
	var b bytes.Buffer
	encodePNG(&b, width, height)
	return b.Bytes()
}

func replace(text, old, with string) string {
	if !strings.Contains(text, old) {
		panic("the sample lacks " + old)
	}
	return strings.Replace(text, old, with, 1)
}
