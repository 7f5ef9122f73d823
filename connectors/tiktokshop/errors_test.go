package tiktokshop

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

func testShop() *shop {
	return &shop{options: &Options{AppKey: vectorKey, AppSecret: connectors.NewSecret(vectorSecret)}}
}

// fault classifies an answer.
func classified(status int, body string) *connectors.Error {
	e, _ := testShop().classify(connectors.Response{Status: status, Header: http.Header{}, Body: []byte(body)}).(*connectors.Error)
	return e
}

// Every entry of the table is complete, and an answer with its code is of its
// kind.
func TestCodes(t *testing.T) {
	t.Parallel()
	for code, known := range codes {
		if known.text.VI == "" || known.text.EN == "" || known.text.VI == known.text.EN || !strings.HasSuffix(known.text.VI, ".") || !strings.HasSuffix(known.text.EN, ".") {
			t.Errorf("%s: needs cause and advice as sentences in both languages: %+v", code, known.text)
		}
		if known.wait > 0 && known.kind != connectors.Clash {
			t.Errorf("%s: what passes by itself is a clash, not %s", code, known.kind)
		}
		if strings.Contains(code, "/") {
			continue // a meaning of the overloaded code, below
		}
		e := classified(200, fmt.Sprintf(`{"code":%s,"message":"said by the platform","request_id":"R1","data":null}`, code))
		if e == nil || e.Kind != known.kind || e.Code != code || e.RequestID != "R1" || e.Hint == "" {
			t.Errorf("%s: got %+v, want kind %s", code, e, known.kind)
			continue
		}
		shown := issueOf(e, "MO-1")
		if shown.Code != code || shown.Field != known.field || !strings.HasPrefix(shown.Message.VI, known.text.VI) || !strings.Contains(shown.Message.EN, "said by the platform") {
			t.Errorf("%s: shown as %+v", code, shown)
		}
		outcome := outcomeOf(e, "MO-1")
		if wait := time.Until(outcome.Until); known.wait > 0 && (outcome.Kind != connectors.Deferred || wait < known.wait-time.Minute) {
			t.Errorf("%s: got %s until %s, want deferred by %s", code, outcome.Kind, outcome.Until, known.wait)
		}
	}
}

// The texts of the overloaded code, as the page of common errors has them.
func TestOverloadedCode(t *testing.T) {
	t.Parallel()
	for message, want := range map[string]string{
		"Invalid API version. The `version` value is invalid or unsupported.":                                                         "36009014",
		"Invalid credentials. Invalid `app_key` query parameter.":                                                                     "36009004/app_key",
		"Invalid credentials. The `access_token` header is invalid.":                                                                  "36009004/token",
		"Invalid credentials. The `x-tts-access-token` header is invalid.":                                                            "36009004/token",
		"Invalid identifier. The `shop_id` query parameter is invalid.":                                                               "36009004/cipher",
		"Invalid timestamp. The value of the `timestamp` query parameter must not be earlier than 5 minutes before the current time.": "36009004/clock",
		"Invalid timestamp. The value of the `timestamp` query parameter must not exceed the current time by more than 30 seconds.":   "36009004/clock",
		"Missing credentials. The request does not include a required signature in the query.":                                        "36009004/signature",
		"Unexpected identifier. The `shop_cipher` query parameter is not required for this request.":                                  "36009004/cipher",
		"invalid param error": "36009004",
	} {
		e := classified(200, fmt.Sprintf(`{"code":36009004,"message":%q}`, message))
		if e == nil || e.Code != want || e.Kind != codes[want].kind {
			t.Errorf("%s: got %+v, want %s", message, e, want)
		}
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		status int
		kind   connectors.Kind // "" = left to the client
		lost   bool
	}{
		`{"code":0,"message":"Success","data":{}}`: {200, "", false},
		`{"code":0}`:            {500, "", false},
		`<html></html>`:         {502, "", false},
		`{"message":"no"}`:      {400, "", false},
		`{"code":"error_auth"}`: {200, connectors.Unclear, true},
		`{"data":{}}`:           {200, connectors.Unclear, true},
		`{"code":12052999,"message":"new refusal"}`:     {200, connectors.Validation, false},
		`{"code":105999,"message":"new token trouble"}`: {200, connectors.Auth, false},
		`{"code":77000001,"message":"anything"}`:        {200, connectors.Unclear, false},
		`{"code":77000002,"message":"anything"}`:        {503, connectors.Transient, false},
		`{"code":77000003,"message":"anything"}`:        {429, connectors.RateLimited, false},
		`{"code":36009002,"message":7,"request_id":[]}`: {429, connectors.RateLimited, false},
	} {
		e := classified(want.status, body)
		switch {
		case e == nil && want.kind != "" || e != nil && (e.Kind != want.kind || e.Lost != want.lost):
			t.Errorf("%d %s: got %+v, want %q, lost %t", want.status, body, e, want.kind, want.lost)
		}
	}
	quoted := classified(200, `{"code":106001,"message":"bad sign with `+vectorSecret+`\n\u0000"}`)
	if text := quoted.Error(); strings.Contains(text, vectorSecret) || strings.ContainsAny(text, "\n\x00") {
		t.Errorf("the message is not cleaned: %q", text)
	}
	// What concerns the account and not the item makes it wait.
	if got := outcomeOf(&connectors.Error{Kind: connectors.Fatal, Code: "36009033"}, ""); got.Kind != connectors.Deferred {
		t.Errorf("a closed door: got %s, want deferred", got.Kind)
	}
}

func TestAuditOfTexts(t *testing.T) {
	t.Parallel()
	s := testShop()
	good := onShop(goods(1))
	if issues := s.Audit(good); len(issues) != 0 {
		t.Errorf("a good offer: %+v", issues)
	}
	for code, spoil := range map[string]func(*catalog.Offer){
		"title_short":         func(o *catalog.Offer) { o.Title = strings.Repeat("ă", 24) },
		"title_long":          func(o *catalog.Offer) { o.Title = strings.Repeat("mật ", 64) },
		"title_emoji":         func(o *catalog.Offer) { o.Title += " 🍯" },
		"title_han":           func(o *catalog.Offer) { o.Title += " 茶" },
		"title_html":          func(o *catalog.Offer) { o.Title += " &amp;" },
		"title_repeats":       func(o *catalog.Offer) { o.Title += "!!!!!!!!!!" },
		"description_long":    func(o *catalog.Offer) { o.Description = strings.Repeat("mật ong ", 1300) },
		"description_han":     func(o *catalog.Offer) { o.Description += "茶" },
		"description_repeats": func(o *catalog.Offer) { o.Description += "----------" },
		"category_missing":    func(o *catalog.Offer) { o.Category = "" },
		"category_invalid":    func(o *catalog.Offer) { o.Category = "honey" },
		"no_images":           func(o *catalog.Offer) { o.Images = nil },
		"weight_missing": func(o *catalog.Offer) {
			for i := range o.Variants {
				o.Variants[i].Weight = 0
			}
		},
		"no_variants":   func(o *catalog.Offer) { o.Variants = nil },
		"many_variants": func(o *catalog.Offer) { o.Variants = make([]catalog.OfferVariant, 101) },
		"no_options":    func(o *catalog.Offer) { o.Options = nil },
		"many_options":  func(o *catalog.Offer) { o.Options = []string{"a", "b", "c", "d"} },
		"option_name":   func(o *catalog.Offer) { o.Options = []string{strings.Repeat("x", 21)} },
		"option_value":  func(o *catalog.Offer) { o.Variants[0].Options = []string{strings.Repeat("x", 51)} },
		"option_twice":  func(o *catalog.Offer) { o.Variants[0].Options = o.Variants[1].Options },
		"sku_twice":     func(o *catalog.Offer) { o.Variants[0].SKU = o.Variants[1].SKU },
		"sku_invalid":   func(o *catalog.Offer) { o.Variants[0].SKU = "CHE 1" },
		"currency":      func(o *catalog.Offer) { o.Variants[0].Price.List.Currency = "USD" },
		"price":         func(o *catalog.Offer) { o.Variants[0].Price = catalog.Price{List: catalog.VND(0)} },
		"sale_price":    func(o *catalog.Offer) { o.Variants[0].Price.Sale = &o.Variants[0].Price.List },
		"quantity":      func(o *catalog.Offer) { o.Variants[0].Quantity = -1 },
	} {
		o := onShop(goods(1))
		spoil(&o)
		found := false
		for _, issue := range s.Audit(o) {
			found = found || issue.Code == code && issue.Severity == catalog.SeverityError
		}
		if !found {
			t.Errorf("%s is not found: %+v", code, s.Audit(o))
		}
	}
	for code, spoil := range map[string]func(*catalog.Offer){
		"description_emoji": func(o *catalog.Offer) { o.Description += " 🍯" },
		"many_images":       func(o *catalog.Offer) { o.Images = make([]catalog.OfferImage, 10) },
		"quantity_large":    func(o *catalog.Offer) { o.Variants[0].Quantity = 100000 },
	} {
		o := onShop(goods(1))
		spoil(&o)
		if issues := s.Audit(o); len(issues) != 1 || issues[0].Code != code || issues[0].Severity != catalog.SeverityWarning {
			t.Errorf("%s: got %+v, want this warning alone", code, issues)
		}
	}
}

// onShop maps the category of a sample to the simulated shop's.
func onShop(o catalog.Offer) catalog.Offer {
	o.Category = categories[o.Category]
	return o
}

func TestDescription(t *testing.T) {
	t.Parallel()
	for plain, want := range map[string]string{
		"":                           "<p>Tên</p>",
		"Một\nhai\n\n\n\nBa":         "<p>Một<br>hai</p><p>Ba</p>",
		"a < b & c > d &amp; &#39;x": "<p>a ‹ b & c › d & amp; & #39;x</p>",
		"Ngọt 🍯\a\r\nthơm":           "<p>Ngọt <br>thơm</p>",
	} {
		if got := descriptionHTML(&catalog.Offer{Title: "Tên", Description: plain}); got != want {
			t.Errorf("%q: got %q, want %q", plain, got, want)
		}
	}
	for grams, want := range map[int64]string{700: "0.7", 1000: "1", 1250: "1.25", 5: "0.005"} {
		if got := kilograms(grams); got != want {
			t.Errorf("%d g: got %s, want %s", grams, got, want)
		}
	}
	if centimeters(200) != "20" || centimeters(201) != "21" || centimeters(1) != "1" {
		t.Error("centimeters are not rounded up")
	}
}
