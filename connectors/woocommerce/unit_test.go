package woocommerce

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// closed is a shop that is never called.
func closed(options Options) *shop {
	return &shop{env: connectors.Env{Channel: "vn-test"}, options: &options}
}

// The expected text was computed apart from this code by the rules of RFC 5849
// section 3.4, with brackets, blanks and Vietnamese in the query.
func TestOAuthSignature(t *testing.T) {
	t.Parallel()
	address, err := url.Parse("http://shop.example.test/wp-json/wc/v3/products?" + url.Values{
		"include[0]": {"11"}, "page": {"1"}, "page2": {"x y"}, "search": {"mật ong"}, "oauth_signature": {"old"},
	}.Encode())
	if err != nil {
		t.Fatal(err)
	}
	got := oauth("GET", address, "ck_test", "cs_test", "n0nce", time.Unix(1763937000, 0))
	want := "include%5B0%5D=11&oauth_consumer_key=ck_test&oauth_nonce=n0nce&oauth_signature_method=HMAC-SHA256&oauth_timestamp=1763937000&page=1&page2=x%20y&search=m%E1%BA%ADt%20ong" +
		"&oauth_signature=GEn0aKLollt4X0eAp1cfhNGurY7dysnHy8uBSexuSNA%3D"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("signed query (-want +got):\n%s", diff)
	}
}

func TestAuthMethod(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ url, auth, want string }{
		{"https://shop.example.test", "auto", "basic"},
		{"HTTP://shop.example.test", "auto", "oauth1"},
		{"http://shop.example.test", "", "oauth1"},
		{"https://shop.example.test", "query", "query"},
		{"https://shop.example.test", "oauth1", "oauth1"},
	} {
		if got := method(&Options{URL: test.url, Auth: test.auth}); got != test.want {
			t.Errorf("%s with auth %q: got %s, want %s", test.url, test.auth, got, test.want)
		}
	}
}

func TestOptionsValidate(t *testing.T) {
	t.Parallel()
	good := Options{URL: "https://shop.example.test", Auth: "auto", BatchSize: 100, Concurrency: 2, Timeout: time.Minute}
	if err := good.Validate(); err != nil {
		t.Errorf("good options: %v", err)
	}
	for name, test := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"scheme":      {func(o *Options) { o.URL = "ftp://shop.example.test" }, "url: want an address"},
		"no scheme":   {func(o *Options) { o.URL = "shop.example.test" }, "url: want an address"},
		"query":       {func(o *Options) { o.URL += "?a=b" }, "url: want the address alone"},
		"basic http":  {func(o *Options) { o.URL, o.Auth = "http://shop.example.test", "basic" }, "auth: WooCommerce ignores basic over http"},
		"batch":       {func(o *Options) { o.BatchSize = 101 }, "batch_size: 101"},
		"batch 0":     {func(o *Options) { o.BatchSize = 0 }, "batch_size: 0"},
		"concurrency": {func(o *Options) { o.Concurrency = 17 }, "concurrency: 17"},
		"timeout":     {func(o *Options) { o.Timeout = time.Millisecond }, "timeout: 1ms"},
		"currency":    {func(o *Options) { o.Currency = "XXX" }, `currency: "XXX"`},
	} {
		o := good
		test.change(&o)
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}

// Statuses and messages are those seen on WooCommerce 9.9.5.
func TestClassify(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		kind   connectors.Kind
		code   string
	}{
		"fine":                                  {200, `[]`, "", ""},
		"key ignored":                           {401, `{"code":"woocommerce_rest_cannot_view","message":"Sorry, you cannot list resources.","data":{"status":401}}`, connectors.Auth, codeCannotView},
		"wrong secret":                          {401, `{"code":"woocommerce_rest_authentication_error","message":"Consumer secret is invalid.","data":{"status":401}}`, connectors.Auth, "woocommerce_rest_authentication_error"},
		"unknown 401":                           {401, `{"code":"some_plugin","message":"No.","data":{"status":401}}`, connectors.Auth, "some_plugin"},
		"bad parameter":                         {400, `{"code":"rest_invalid_param","message":"Invalid parameter(s): regular_price","data":{"status":400,"params":{"regular_price":"regular_price is not of type string."},"details":{}}}`, connectors.Validation, "rest_invalid_param"},
		"unknown 400":                           {400, `{"code":"some_plugin","message":"No."}`, connectors.Validation, "some_plugin"},
		"attribute twice":                       {400, `{"code":"woocommerce_rest_cannot_create","message":"Slug is in use.","data":{"status":400}}`, connectors.Validation, "woocommerce_rest_cannot_create"},
		"missing product":                       {404, `{"code":"woocommerce_rest_product_invalid_id","message":"Invalid ID.","data":{"status":404}}`, connectors.NotFound, "woocommerce_rest_product_invalid_id"},
		"missing product, PUT":                  {400, `{"code":"woocommerce_rest_product_invalid_id","message":"Invalid ID.","data":{"status":400}}`, connectors.NotFound, "woocommerce_rest_product_invalid_id"},
		"trashed twice":                         {410, `{"code":"woocommerce_rest_already_trashed","message":"The product has already been deleted.","data":{"status":410}}`, connectors.NotFound, "woocommerce_rest_already_trashed"},
		"no route is no answer about a product": {404, `{"code":"rest_no_route","message":"No route was found.","data":{"status":404}}`, connectors.Fatal, codeNoAPI},
		"a page for 404":                        {404, `<html>Not found</html>`, connectors.Fatal, codeNoAPI},
		"a firewall":                            {403, `<html>Forbidden</html>`, connectors.Auth, codeBlocked},
		"too many requests":                     {429, `<html>Slow down</html>`, connectors.RateLimited, ""},
		"body too large":                        {413, `<html>nginx</html>`, connectors.Fatal, codeTooLarge},
		"batch too large":                       {413, `{"code":"woocommerce_rest_request_entity_too_large","message":"Unable to accept more than 100 items for this request.","data":{"status":413}}`, connectors.Fatal, codeTooLarge},
		"a crash":                               {500, `{"code":"internal_server_error","message":"<p>There has been a critical error on this website.</p>","data":{"status":500}}`, connectors.Transient, "internal_server_error"},
		"data is a number":                      {500, `{"code":"woocommerce_rest_cannot_create_order_refund","message":"Invalid refund amount.","data":500}`, connectors.Transient, "woocommerce_rest_cannot_create_order_refund"},
		"a proxy":                               {502, `<html>Bad gateway</html>`, connectors.Transient, ""},
		"data is nonsense":                      {400, `{"code":"x","message":"y","data":["z"]}`, connectors.Validation, "x"},
	} {
		err := classify(connectors.Response{Status: test.status, Body: []byte(test.body)})
		if got := connectors.KindOf(err); got != test.kind {
			t.Errorf("%s: got kind %q (%v), want %q", name, got, err, test.kind)
		}
		if e, ok := err.(*connectors.Error); ok && e.Code != test.code {
			t.Errorf("%s: got code %q, want %q", name, e.Code, test.code)
		}
	}
	if err := classify(connectors.Response{Status: 400, Body: []byte(`{"code":"rest_invalid_param","message":"Invalid parameter(s): regular_price","data":{"params":{"regular_price":"x"}}}`)}); !strings.Contains(err.Error(), "regular_price)") {
		t.Errorf("the refused parameter is not named: %v", err)
	}
}

// Every code of the table has a kind and advice in both languages, and an issue
// shows that advice.
func TestCodesHaveAdvice(t *testing.T) {
	t.Parallel()
	for code, known := range codes {
		if known.kind == "" || known.text.VI == "" || known.text.EN == "" || known.text.VI == known.text.EN {
			t.Errorf("%s: kind or advice is missing", code)
		}
		err := wireError{Code: code, Message: "Nguyên văn.", Data: wireData{Status: 418}}.err()
		if err.Kind != known.kind || err.Hint == "" {
			t.Errorf("%s: got kind %s and hint %q, want %s and one", code, err.Kind, err.Hint, known.kind)
		}
		issue := issueOf(err, "A-1")
		if issue.Code != code || issue.Field != known.field || !strings.HasPrefix(issue.Message.VI, known.text.VI) || !strings.HasPrefix(issue.Message.EN, known.text.EN) {
			t.Errorf("%s: got issue %+v", code, issue)
		}
	}
}

func TestContentFields(t *testing.T) {
	t.Parallel()
	offer := catalog.Offer{
		ProductID: "MO", Title: "Mật ong <b>rừng</b> & hoa\n", Description: "Dòng một\ndòng hai\r\n\r\n\r\n[gallery] <script>alert(1)</script> & hết.",
		Category: "16", Brand: "Bản Mộc",
		Attributes: []catalog.OfferAttribute{{Name: "Mùa vụ", Value: "Xuân"}, {Name: "Mùa vụ", Value: "Hạ"}, {Name: "3", Value: "Bắc Kạn"}},
		Variants: []catalog.OfferVariant{{
			SKU: "MO-500", GTIN: "8936012345678", Weight: 1250, Dimensions: catalog.Dimensions{Length: 105, Width: 100, Height: 7},
		}},
	}
	got := contentFields(&offer, &Options{WeightUnit: "kg", DimensionUnit: "cm"})
	want := fields{
		"name":        "Mật ong &lt;b&gt;rừng&lt;/b&gt; & hoa ",
		"description": "<p>Dòng một<br />\ndòng hai</p>\n<p>&#91;gallery&#93; &lt;script&gt;alert(1)&lt;/script&gt; &amp; hết.</p>",
		"categories":  []fields{{"id": int64(16)}},
		"attributes": []fields{
			{"name": "Mùa vụ", "visible": true, "variation": false, "options": []string{"Xuân", "Hạ"}},
			{"id": int64(3), "visible": true, "variation": false, "options": []string{"Bắc Kạn"}},
			{"name": "Thương hiệu", "visible": true, "variation": false, "options": []string{"Bản Mộc"}},
		},
		"global_unique_id": "8936012345678",
		"weight":           "1.25",
		"dimensions":       fields{"length": "10.5", "width": "10", "height": "0.7"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	// I12: what the master does not have is not blanked in the shop.
	bare := contentFields(&catalog.Offer{Title: "Trà", Variants: []catalog.OfferVariant{{SKU: "T"}}}, &Options{WeightUnit: "kg", DimensionUnit: "cm"})
	if diff := cmp.Diff(fields{"name": "Trà"}, bare); diff != "" {
		t.Errorf("fields of an empty offer (-want +got):\n%s", diff)
	}
}

func TestMeasureUnits(t *testing.T) {
	t.Parallel()
	v := catalog.OfferVariant{Weight: 5, Dimensions: catalog.Dimensions{Length: 1, Width: 20, Height: 300}}
	for _, test := range []struct {
		weight, dimension string
		want              fields
	}{
		{"kg", "cm", fields{"weight": "0.005", "dimensions": fields{"length": "0.1", "width": "2", "height": "30"}}},
		{"g", "mm", fields{"weight": "5", "dimensions": fields{"length": "1", "width": "20", "height": "300"}}},
		{"kg", "m", fields{"weight": "0.005", "dimensions": fields{"length": "0.001", "width": "0.02", "height": "0.3"}}},
	} {
		got := fields{}
		variantContent(got, &v, nil, &Options{WeightUnit: test.weight, DimensionUnit: test.dimension})
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", test.weight, test.dimension, diff)
		}
	}
}

func TestAmount(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text, currency string
		want           int64
	}{
		{"185000", "VND", 185000}, {"185000.50", "VND", 185001}, {"185000.49", "VND", 185000}, {"-0.5", "VND", -1},
		{"1.505", "USD", 151}, {"1.50", "USD", 150},
	} {
		got, err := amount(test.text, test.currency)
		if err != nil || got.Amount != test.want {
			t.Errorf("%s %s: got %d, %v, want %d", test.text, test.currency, got.Amount, err, test.want)
		}
	}
	for _, text := range []string{"", "abc", "1e5", "NaN", "1,5"} {
		if got, err := amount(text, "VND"); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
}

func TestStateOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		product product
		want    catalog.State
	}{
		"live":            {product{Status: "publish", Price: "1"}, catalog.StateLive},
		"catalog only":    {product{Status: "publish", Price: "1", CatalogVisibility: "catalog"}, catalog.StateLive},
		"hidden":          {product{Status: "publish", Price: "1", CatalogVisibility: "hidden"}, catalog.StateStopped},
		"without a price": {product{Status: "publish"}, catalog.StateStopped},
		"draft":           {product{Status: "draft", Price: "1"}, catalog.StateStopped},
		"private":         {product{Status: "private", Price: "1"}, catalog.StateStopped},
		"scheduled":       {product{Status: "future", Price: "1"}, catalog.StateStopped},
		"pending":         {product{Status: "pending", Price: "1"}, catalog.StateReview},
		"trash":           {product{Status: "trash", Price: "1"}, catalog.StateGone},
	} {
		if got, _ := stateOf(test.product); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestPriceShown(t *testing.T) {
	t.Parallel()
	sale := catalog.VND(90)
	for name, test := range map[string]struct {
		product product
		want    *catalog.Price
	}{
		"regular":           {product{RegularPrice: "100"}, &catalog.Price{List: catalog.VND(100)}},
		"on sale":           {product{RegularPrice: "100", SalePrice: "90", OnSale: true}, &catalog.Price{List: catalog.VND(100), Sale: &sale}},
		"sale not begun":    {product{RegularPrice: "100", SalePrice: "90"}, &catalog.Price{List: catalog.VND(100)}},
		"no price (I11)":    {product{RegularPrice: ""}, nil},
		"parent's own text": {product{Price: "100"}, nil},
	} {
		got, err := priceOf(test.product, "VND")
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	r := remoteOf(product{ID: 1, Type: "simple", RegularPrice: "liên hệ"}, nil, true, "VND")
	if r.Variants[0].Price != nil || len(r.Issues) == 0 {
		t.Errorf("a price that cannot be read: got %+v, issues %v", r.Variants[0].Price, r.Issues)
	}
}

func TestExternalIDs(t *testing.T) {
	t.Parallel()
	for _, id := range []catalog.ExternalID{"", "0", "-1", "a", "1/", "1/0", "1/b", "/2", "1/2/3"} {
		if p, v, ok := splitID(id); ok {
			t.Errorf("%q: got %d/%d, want none", id, p, v)
		}
	}
	if p, v, ok := splitID(variantID(12, 34)); !ok || p != 12 || v != 34 {
		t.Errorf("12/34: got %d/%d %t", p, v, ok)
	}
	if p, v, ok := splitID(variantID(12, 0)); !ok || p != 12 || v != 0 || variantID(12, 0) != "12" {
		t.Errorf("12: got %d/%d %t", p, v, ok)
	}
}

func TestAccountID(t *testing.T) {
	t.Parallel()
	for home, want := range map[string]string{
		"https://Shop.Example.test/":     "shop.example.test",
		"http://shop.example.test":       "shop.example.test",
		"https://example.test/cua-hang/": "example.test/cua-hang",
		"http://127.0.0.1:8080":          "127.0.0.1:8080",
	} {
		if got := accountID(home); got != want {
			t.Errorf("%s: got %q, want %q", home, got, want)
		}
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	offer := func() catalog.Offer {
		return catalog.Offer{
			ProductID: "CHE", Title: "Chè", Category: "16", Options: []string{"Khối lượng"},
			Images: []catalog.OfferImage{{URL: "https://img.example.test/che.png"}},
			Variants: []catalog.OfferVariant{
				{SKU: "CHE-100", Options: []string{"100 g"}, Price: catalog.Price{List: catalog.VND(100)}},
				{SKU: "CHE-200", Options: []string{"200 g"}, Price: catalog.Price{List: catalog.VND(200)}},
			},
		}
	}
	s := closed(Options{URL: "https://shop.example.test"})
	if issues := s.Audit(offer()); len(issues) != 0 {
		t.Errorf("a good offer: %+v", issues)
	}
	image := func(address string) func(*catalog.Offer) {
		return func(o *catalog.Offer) { o.Images[0].URL = address }
	}
	for name, test := range map[string]struct {
		change   func(*catalog.Offer)
		code     string
		severity string
	}{
		"no title":            {func(o *catalog.Offer) { o.Title = " \n" }, "title_empty", "error"},
		"10 MB title":         {func(o *catalog.Offer) { o.Title = strings.Repeat("x", 10<<20) }, "title_too_long", "error"},
		"HTML title":          {func(o *catalog.Offer) { o.Title = "Chè <b>ngon</b>" }, "title_html", "error"},
		"category":            {func(o *catalog.Offer) { o.Category = "honey" }, "category_invalid", "error"},
		"no variants":         {func(o *catalog.Offer) { o.Variants = nil }, "no_variants", "error"},
		"variants, no option": {func(o *catalog.Offer) { o.Options = nil }, "no_options", "error"},
		"option twice":        {func(o *catalog.Offer) { o.Options = []string{"Cỡ", "cỡ"} }, "option_name", "error"},
		"value missing":       {func(o *catalog.Offer) { o.Variants[0].Options = []string{""} }, "option_missing", "error"},
		"same values":         {func(o *catalog.Offer) { o.Variants[1].Options = []string{"100 G"} }, "option_twice", "error"},
		"same SKU":            {func(o *catalog.Offer) { o.Variants[1].SKU = "CHE-100" }, "sku_twice", "error"},
		"no SKU":              {func(o *catalog.Offer) { o.Variants[1].SKU = "" }, "sku_invalid", "error"},
		"comma in SKU":        {func(o *catalog.Offer) { o.Variants[1].SKU = "A,B" }, "sku_invalid", "error"},
		"no price":            {func(o *catalog.Offer) { o.Variants[0].Price.List = catalog.VND(0) }, "price", "error"},
		"negative price":      {func(o *catalog.Offer) { o.Variants[0].Price.List = catalog.VND(-1) }, "price", "error"},
		"sale not below":      {func(o *catalog.Offer) { m := catalog.VND(100); o.Variants[0].Price.Sale = &m }, "price", "error"},
		"negative quantity":   {func(o *catalog.Offer) { o.Variants[0].Quantity = -1 }, "quantity", "error"},
		"GTIN":                {func(o *catalog.Offer) { o.Variants[0].GTIN = "893-x" }, "gtin_invalid", "error"},
		"no images":           {func(o *catalog.Offer) { o.Images = nil }, "no_images", "warning"},
		"image on disk":       {image("anh/che.png"), "image_no_address", "warning"},
		"image extension":     {image("https://img.example.test/che"), "image_address", "error"},
		"image port":          {image("https://img.example.test:8443/che.png"), "image_address", "error"},
		"image private":       {image("http://192.168.1.4/che.png"), "image_address", "error"},
		"image localhost":     {image("http://localhost:8080/che.png"), "image_address", "error"},
		"image loopback v6":   {image("http://[::1]/che.png"), "image_address", "error"},
		"many variants": {func(o *catalog.Offer) {
			o.Variants = nil
			for i := range 101 {
				text := strings.Repeat("I", i+1)
				o.Variants = append(o.Variants, catalog.OfferVariant{SKU: catalog.SKU("S" + text), Options: []string{text}, Price: catalog.Price{List: catalog.VND(1)}})
			}
		}, "many_variations", "warning"},
	} {
		o := offer()
		test.change(&o)
		found := false
		for _, issue := range s.Audit(o) {
			if issue.Message.VI == "" || issue.Message.EN == "" || len(issue.Message.EN) > 2000 {
				t.Errorf("%s: message is empty or endless", name)
			}
			found = found || issue.Code == test.code && issue.Severity == test.severity
		}
		if !found {
			t.Errorf("%s: no %s %s", name, test.severity, test.code)
		}
	}
}

// A shop in a private network fetches from its neighbors.
func TestAuditNearShop(t *testing.T) {
	t.Parallel()
	offer := catalog.Offer{
		ProductID: "CHE", Title: "Chè", Images: []catalog.OfferImage{{URL: "http://127.0.0.1:40123/che.png"}},
		Variants: []catalog.OfferVariant{{SKU: "CHE", Price: catalog.Price{List: catalog.VND(100)}}},
	}
	for address, want := range map[string]int{"http://127.0.0.1:8080": 0, "http://192.168.1.9": 0, "https://shop.example.test": 1} {
		if issues := closed(Options{URL: address}).Audit(offer); len(issues) != want {
			t.Errorf("%s: got %+v, want %d issues", address, issues, want)
		}
	}
}

// The signature is that of the secret "bí mật" over the very bytes, computed
// with openssl dgst -sha256 -hmac.
func TestParseHook(t *testing.T) {
	t.Parallel()
	body := []byte(`{"id":57,"name":"M\u1eadt ong","permalink":"https:\/\/shop.example.test\/?p=57"}`)
	const signature = "VGhbOaZDio95z8N/ydIbmTQJ1tZm8mON/F3y78PdHRs="
	s := closed(Options{WebhookSecret: connectors.NewSecret("bí mật")})
	hook := func(topic, signature string, body []byte) connectors.Hook {
		h := http.Header{}
		h.Set("X-WC-Webhook-Topic", topic)
		if signature != "" {
			h.Set("X-WC-Webhook-Signature", signature)
		}
		return connectors.Hook{Header: h, Body: body}
	}
	for _, test := range []struct {
		topic string
		want  connectors.Hint
	}{
		{"order.created", connectors.Hint{Orders: true}}, {"order.updated", connectors.Hint{Orders: true}},
		{"product.updated", connectors.Hint{Listings: true}}, {"product.deleted", connectors.Hint{Listings: true}},
		{"coupon.created", connectors.Hint{}}, {"", connectors.Hint{}},
	} {
		if got, err := s.ParseHook(hook(test.topic, signature, body)); err != nil || got != test.want {
			t.Errorf("%s: got %+v, %v", test.topic, got, err)
		}
	}
	flipped := append([]byte(nil), body...)
	flipped[6] = '8'
	for name, bad := range map[string]connectors.Hook{
		"other body":   hook("order.created", signature, flipped),
		"no signature": hook("order.created", "", body),
		"no base64":    hook("order.created", "%%%", body),
		"empty mac":    hook("order.created", base64.StdEncoding.EncodeToString(nil), body),
		"a long ping":  hook("", "", []byte("webhook_id=1&x="+strings.Repeat("1", 40))),
		"a false ping": hook("", "", []byte("webhook_id=1&order=2")),
	} {
		if _, err := s.ParseHook(bad); err != connectors.ErrBadSignature {
			t.Errorf("%s: got %v, want a bad signature", name, err)
		}
	}
	if got, err := s.ParseHook(hook("", "", []byte("webhook_id=12"))); err != nil || got != (connectors.Hint{}) {
		t.Errorf("ping: got %+v, %v", got, err)
	}
	if _, err := closed(Options{}).ParseHook(hook("order.created", signature, body)); connectors.KindOf(err) != connectors.Fatal || !strings.Contains(err.Error(), "webhook_secret") {
		t.Errorf("without a secret: got %v", err)
	}
}
