package shopeetest

import (
	"bytes"
	"encoding/json"
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
	Status   int             `json:"-"`
	Error    string          `json:"error"`
	Message  string          `json:"message"`
	Response json.RawMessage `json:"response"`
	Body     []byte          `json:"-"`
}

// signed gives the query of a call: of a shop call when there is a token.
func (c *client) signed(path, token string, at time.Time) url.Values {
	partner, timestamp := strconv.FormatInt(c.sim.PartnerID(), 10), strconv.FormatInt(at.Unix(), 10)
	q := url.Values{"partner_id": {partner}, "timestamp": {timestamp}}
	base := partner + path + timestamp
	if token != "" {
		shop := strconv.FormatInt(c.sim.ShopID(), 10)
		q.Set("access_token", token)
		q.Set("shop_id", shop)
		base += token + shop
	}
	q.Set("sign", sign(c.sim.PartnerKey(), base))
	return q
}

func (c *client) send(method, path string, q url.Values, contentType string, body []byte) reply {
	c.Helper()
	request, err := http.NewRequestWithContext(c.Context(), method, c.sim.URL+path+"?"+q.Encode(), bytes.NewReader(body))
	if err != nil {
		c.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	transport := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := transport.Do(request)
	if err != nil {
		c.Fatal(err)
	}
	defer answer.Body.Close()
	out := reply{Status: answer.StatusCode}
	if out.Body, err = io.ReadAll(answer.Body); err != nil {
		c.Fatal(err)
	}
	if location := answer.Header.Get("Location"); location != "" {
		out.Message = location
		return out
	}
	if err := json.Unmarshal(out.Body, &out); err != nil {
		c.Fatalf("%s: %v", path, err)
	}
	return out
}

func (c *client) get(api string, parameters url.Values) reply {
	c.Helper()
	path := "/api/v2/" + api
	q := c.signed(path, c.access, time.Now())
	for name, values := range parameters {
		q[name] = values
	}
	return c.send(http.MethodGet, path, q, "", nil)
}

func (c *client) post(api string, body any) reply {
	c.Helper()
	path := "/api/v2/" + api
	return c.send(http.MethodPost, path, c.signed(path, c.access, time.Now()), "application/json", c.json(body))
}

// public calls an API that is signed without a token.
func (c *client) public(method, api string, body any) reply {
	c.Helper()
	path := "/api/v2/" + api
	return c.send(method, path, c.signed(path, "", time.Now()), "application/json", c.json(body))
}

func (c *client) json(body any) []byte {
	c.Helper()
	if text, ok := body.(string); ok {
		return []byte(text)
	}
	data, err := json.Marshal(body)
	if err != nil {
		c.Fatal(err)
	}
	return data
}

// want requires an error code, "" for success.
func (c *client) want(doing string, r reply, code string) reply {
	c.Helper()
	if r.Error != code {
		c.Errorf("%s: got %q (%s), want %q", doing, r.Error, r.Message, code)
	}
	return r
}

// ok requires success and decodes the response.
func (c *client) ok(doing string, r reply, out any) {
	c.Helper()
	if r.Error != "" {
		c.Fatalf("%s: %s: %s", doing, r.Error, r.Message)
	}
	if out != nil {
		if err := json.Unmarshal(r.Response, out); err != nil {
			c.Fatalf("%s: %v in %s", doing, err, r.Response)
		}
	}
}

const pixel = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"

// upload sends a picture and returns its ID.
func (c *client) upload(token string, files ...string) (ids []string, r reply) {
	c.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i, file := range files {
		part, err := form.CreateFormFile("image", strconv.Itoa(i)+".png")
		if err != nil {
			c.Fatal(err)
		}
		if _, err := io.Copy(part, strings.NewReader(file)); err != nil {
			c.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		c.Fatal(err)
	}
	path := "/api/v2/media_space/upload_image"
	r = c.send(http.MethodPost, path, c.signed(path, token, time.Now()), form.FormDataContentType(), body.Bytes())
	var out struct {
		List []struct {
			Info struct {
				ID string `json:"image_id"`
			} `json:"image_info"`
		} `json:"image_info_list"`
	}
	if r.Error == "" {
		c.ok("upload", r, &out)
	}
	for _, row := range out.List {
		ids = append(ids, row.Info.ID)
	}
	return ids, r
}

// honey is a good body of add_item.
func (c *client) honey(sku string) map[string]any {
	c.Helper()
	ids, r := c.upload("", pixel)
	c.ok("upload", r, nil)
	return map[string]any{
		"item_name": "Mật ong rừng U Minh nguyên chất 500ml", "description": "Mật ong rừng tràm U Minh Hạ, khai thác thủ công.",
		"category_id": CategoryHoney, "original_price": 185000, "weight": 0.85, "item_sku": sku, "item_status": "NORMAL", "condition": "NEW",
		"brand": map[string]any{"brand_id": 0, "original_brand_name": "NoBrand"}, "image": map[string]any{"image_id_list": ids},
		"attribute_list": []any{map[string]any{"attribute_id": 100037, "attribute_value_list": []any{map[string]any{"value_id": 1065}}}},
		"logistic_info":  []any{map[string]any{"logistic_id": 50015, "enabled": true}}, "seller_stock": []any{map[string]any{"stock": 40}},
	}
}

func (c *client) add(sku string) int64 {
	c.Helper()
	var out struct {
		ID int64 `json:"item_id"`
	}
	c.ok("add_item", c.post("product/add_item", c.honey(sku)), &out)
	return out.ID
}

// tea makes an item with two variations.
func (c *client) tea(sku string) (itemID int64, models []int64) {
	c.Helper()
	itemID = c.add(sku)
	var out struct {
		Models []struct {
			ID int64 `json:"model_id"`
		} `json:"model"`
	}
	c.ok("init_tier_variation", c.post("product/init_tier_variation", teaTiers(itemID, sku)), &out)
	for _, m := range out.Models {
		models = append(models, m.ID)
	}
	return itemID, models
}

func teaTiers(itemID int64, sku string) map[string]any {
	stock := func(n int) []any { return []any{map[string]any{"stock": n}} }
	option := func(name string) map[string]any {
		return map[string]any{"variation_option_id": 0, "variation_option_name": name}
	}
	return map[string]any{
		"item_id": itemID,
		"standardise_tier_variation": []any{map[string]any{"variation_id": 0, "variation_group_id": 0, "variation_name": "Khối lượng",
			"variation_option_list": []any{option("Hộp 100g"), option("Túi 200g")}}},
		"model": []any{
			map[string]any{"tier_index": []int{0}, "original_price": 220000, "model_sku": sku + "-100", "seller_stock": stock(25)},
			map[string]any{"tier_index": []int{1}, "original_price": 410000, "model_sku": sku + "-200", "seller_stock": stock(12)},
		},
	}
}
