package tiktokshoptest

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// client calls a simulator as any client of the platform would.
type client struct {
	*testing.T
	sim    *Simulator
	access string
}

func start(t *testing.T, options Options) *client {
	t.Helper()
	sim, err := Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sim.Close)
	access, _, _ := sim.Tokens()
	return &client{t, sim, access}
}

type reply struct {
	Status  int             `json:"-"`
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data"`
}

// query gives the signed parameters of a call.
func (c *client) query(path string, more url.Values, body []byte) url.Values {
	q := url.Values{"app_key": {c.sim.AppKey()}, "timestamp": {strconv.FormatInt(c.sim.now().Unix(), 10)}, "shop_cipher": {c.sim.Cipher()}}
	for name, values := range more {
		q[name] = values
	}
	if q.Get("shop_cipher") == "" {
		q.Del("shop_cipher")
	}
	q.Set("sign", sign(c.sim.AppSecret(), path, q, body))
	return q
}

func (c *client) send(method, path string, q url.Values, contentType string, body []byte) reply {
	c.Helper()
	address := c.sim.URL + path + "?" + q.Encode()
	request, err := http.NewRequestWithContext(c.Context(), method, address, bytes.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	request.Header.Set("x-tts-access-token", c.access)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		c.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		c.Fatal(err)
	}
	out := reply{Status: answer.StatusCode}
	if err := json.Unmarshal(text, &out); err != nil {
		c.Fatalf("%s %s: %v: %.200s", method, path, err, text)
	}
	return out
}

// call makes a signed call. body is a JSON text or a value.
func (c *client) call(method, path string, more url.Values, body any) reply {
	c.Helper()
	var data []byte
	switch body := body.(type) {
	case nil:
	case string:
		data = []byte(body)
	default:
		var err error
		if data, err = json.Marshal(body); err != nil {
			c.Fatal(err)
		}
	}
	return c.send(method, path, c.query(path, more, data), "application/json", data)
}

// want makes a call that must answer with a code, and reads its data.
func (c *client) want(code int, method, path string, more url.Values, body, out any) {
	c.Helper()
	got := c.call(method, path, more, body)
	if got.Code != code {
		c.Fatalf("%s %s: got %d %s, want %d", method, path, got.Code, got.Message, code)
	}
	if out != nil {
		if err := json.Unmarshal(got.Data, out); err != nil {
			c.Fatalf("%s %s: %v in %.300s", method, path, err, got.Data)
		}
	}
}

var noCipher = url.Values{"shop_cipher": {""}}

// upload sends a picture of a size and returns its uri.
func (c *client) upload(width, height int, useCase string) (uri string, answer reply) {
	c.Helper()
	canvas := image.NewGray(image.Rect(0, 0, width, height))
	canvas.SetGray(0, 0, color.Gray{Y: 9})
	var data, form bytes.Buffer
	if err := png.Encode(&data, canvas); err != nil {
		c.Fatal(err)
	}
	w := multipart.NewWriter(&form)
	part, err := w.CreateFormFile("data", "anh.png")
	if err != nil {
		c.Fatal(err)
	}
	_, _ = part.Write(data.Bytes())
	_ = w.WriteField("use_case", useCase)
	_ = w.Close()
	const path = "/product/202309/images/upload"
	answer = c.send(http.MethodPost, path, c.query(path, noCipher, nil), w.FormDataContentType(), form.Bytes())
	var out struct {
		URI string `json:"uri"`
	}
	_ = json.Unmarshal(answer.Data, &out)
	return out.URI, answer
}

// good is a product that is taken, with two SKUs.
func (c *client) good(sku string) object {
	c.Helper()
	uri, answer := c.upload(400, 400, "MAIN_IMAGE")
	if answer.Code != 0 {
		c.Fatalf("upload: %d %s", answer.Code, answer.Message)
	}
	row := func(suffix, value, price string, quantity int) object {
		return object{
			"seller_sku": sku + suffix, "price": object{"amount": price, "currency": "VND"},
			"inventory":        []object{{"warehouse_id": warehouseID, "quantity": quantity}},
			"sales_attributes": []object{{"id": "100089", "value_name": value}},
		}
	}
	return object{
		"save_mode": "LISTING", "title": "Mật ong rừng Bạch Thông nguyên chất hũ thuỷ tinh", "description": "<p>Mật ong rừng.</p>",
		"category_id": "914568", "category_version": "v2", "main_images": []object{{"uri": uri}},
		"skus":           []object{row("-500", "500g", "185000", 40), row("-1000", "1kg", "350000", 15)},
		"package_weight": object{"value": "0.75", "unit": "KILOGRAM"},
		"product_attributes": []object{
			{"id": "101395", "values": []object{{"id": "1000370"}}},
		},
	}
}

type created struct {
	Product string `json:"product_id"`
	SKUs    []struct {
		ID        string `json:"id"`
		SellerSKU string `json:"seller_sku"`
	} `json:"skus"`
	Warnings []struct {
		Message string `json:"message"`
	} `json:"warnings"`
}

func (c *client) create(sku string) created {
	c.Helper()
	var out created
	c.want(0, http.MethodPost, "/product/202309/products", nil, c.good(sku), &out)
	return out
}

const vectorSecret = "0123456789abcdef0123456789abcdef01234567"

// The vectors of the facts: the official one and those that several independent
// signers agree on.
var vectors = []struct {
	name, method, path string
	query              string // without app_key, shop_cipher, timestamp and sign
	noCipher           bool
	body, sign         string
}{
	{"A", "GET", "/product/202309/products/1729400000000000001", "", false, "", "27f94ce2c5fddfa524c26e339d96380c93e8478f4f0d03c4145db675d32ad2c9"},
	{"B", "POST", "/product/202309/products/1729400000000000001/prices/update", "", false,
		`{"skus":[{"id":"1729400000000000101","price":{"amount":"185000","currency":"VND"}}]}`, "dc4bde81544ee14bb65bcab0e0e266af0d257448a4692d33102e7a0b4a91c972"},
	{"C", "POST", "/order/202309/orders/search", "page_size=50&page_token=aGVsbG8%2Bd29ybGQ%2FZm9vPT0%3D&sort_field=update_time&sort_order=ASC", false,
		`{"order_status":"AWAITING_SHIPMENT","update_time_ge":1767139200,"update_time_lt":1767225600}`, "9adc01be1667f61c5e692ae375cd73261071b021172ac70a1273779830d680eb"},
	{"E", "POST", "/product/202309/brands", "", true, `{"name":"Hợp tác xã Mường Hoa"}`, "b4c2a21362bd9ebbafae8b0c61d1dd1fa44e889601baa2d4d3b1d66b5a918b3f"},
	{"F", "GET", "/order/202507/orders", "ids=576461413038785001%2C576461413038785002", false, "", "40ec605a621cc656e7756fa293ba0a3c886ea9ee659fbb58868a18dba1f3188a"},
	{"G", "DELETE", "/product/202309/products", "", false, `{"product_ids":["1729400000000000001"]}`, "6f8b7a512641469d973347ad7cb82bb4ab998ed81c3625896ec13b17945e033c"},
}

func TestSigningVectors(t *testing.T) {
	t.Parallel()
	official := url.Values{"app_key": {"29a39d"}, "timestamp": {"1623812664"}, "sign": {"x"}, "access_token": {"y"}}
	if got := sign("e59af819cc", "/authorization/202309/shops", official, nil); got != "b596b73e0cc6de07ac26f036364178ab16b0a907af13d43f0a0cd2345f582dc8" {
		t.Errorf("official vector: got %s", got)
	}
	c := start(t, Options{Now: func() time.Time { return time.Unix(1767225600, 0) }})
	for _, v := range vectors {
		q, err := url.ParseQuery(v.query)
		if err != nil {
			t.Fatal(err)
		}
		q.Set("app_key", DefaultAppKey)
		q.Set("timestamp", "1767225600")
		if !v.noCipher {
			q.Set("shop_cipher", DefaultCipher)
		}
		if got := sign(vectorSecret, v.path, q, []byte(v.body)); got != v.sign {
			t.Errorf("vector %s: got %s, want %s", v.name, got, v.sign)
		}
		q.Set("sign", v.sign)
		if got := c.send(v.method, v.path, q, "application/json", []byte(v.body)); got.Code == 106001 || got.Code == 36009004 {
			t.Errorf("vector %s on the wire: got %d %s", v.name, got.Code, got.Message)
		}
		for what, wrong := range map[string]string{
			"upper case": strings.ToUpper(v.sign), "another digit": "0" + v.sign[1:], "of another body": sign(vectorSecret, v.path, q, []byte(v.body+" ")),
			"of another path": sign(vectorSecret, v.path+"/", q, []byte(v.body)), "of another secret": sign("x", v.path, q, []byte(v.body)),
		} {
			q.Set("sign", wrong)
			if got := c.send(v.method, v.path, q, "application/json", []byte(v.body)); wrong != v.sign && (got.Code != 106001 || got.Status != http.StatusUnauthorized) {
				t.Errorf("vector %s, %s: got HTTP %d, %d %s; want 401, 106001", v.name, what, got.Status, got.Code, got.Message)
			}
		}
	}
	// D: the body of a form is not signed.
	if got := sign(vectorSecret, "/product/202309/images/upload", url.Values{"app_key": {DefaultAppKey}, "timestamp": {"1767225600"}}, nil); got != "f992fc77de85a216a92833d26a239f2c0831bf476a6cf770de3a6c55d29f6ab3" {
		t.Errorf("vector D: got %s", got)
	}
	if _, answer := c.upload(300, 300, "MAIN_IMAGE"); answer.Code != 0 {
		t.Errorf("upload: got %d %s", answer.Code, answer.Message)
	}
}

func TestHookVectors(t *testing.T) {
	t.Parallel()
	official := `{"type":1,"tts_notification_id":"7380066284010030890","shop_id":"7495540735365777507","timestamp":1718305585,"data":{"is_on_hold_order":true,"order_id":"576653688135258178","order_status":"UNPAID","update_time":1718305585}}`
	own := `{"type":1,"tts_notification_id":"7380066284010030001","shop_id":"7495540735365770001","timestamp":1767225600,"data":{"order_id":"576461413038785001","order_status":"AWAITING_SHIPMENT","is_on_hold_order":false,"update_time":1767225590}}`
	for _, v := range []struct{ key, secret, body, sign string }{
		{"abcdef", "123", official, "5dec0f11ec2f6783b8deee53c9ffbf8d024302f7c7e7fa55a35d17629031ac05"},
		{DefaultAppKey, vectorSecret, own, "ed3927643f32f461e2485023f547bc657e442172a21057ebc9146aebe49bd89b"},
	} {
		c := start(t, Options{AppKey: v.key, AppSecret: v.secret})
		if got := c.sim.HookSignature([]byte(v.body)); got != v.sign {
			t.Errorf("got %s, want %s", got, v.sign)
		}
	}
}
