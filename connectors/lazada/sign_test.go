package lazada

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chophien/chophien/connectors"
)

// appOf is a connector that calls nobody.
func appOf(t *testing.T, key, secret string) *shop {
	t.Helper()
	channel := openShop(t, &Options{
		Country: "vn", AppKey: key, AppSecret: connectors.NewSecret(secret), PerSecond: 1, BatchSize: 1, PageSize: 1, Concurrency: 1,
		Timeout: 1e9, UTCOffset: 7, SaleDays: 1, DefaultBrand: "No Brand", TitleLimit: "bytes",
	}, connectors.OpenDeps{})
	return channel.Connector.(*shop)
}

// The vectors were computed by independent clients (npm
// lazada-open-platform-sdk, official Python lazop, laraditz/lazada); L1 is the
// one of the official documentation.
func TestSignature(t *testing.T) {
	t.Parallel()
	const price = `{"Request":{"Product":{"Skus":{"Sku":[{"ItemId":"234234234","SkuId":"234","SellerSku":"MO-RUNG-500","Price":"185000","SalePrice":"169000","SaleStartDate":"2026-12-01 00:00:00","SaleEndDate":"2026-12-12 23:59:59","Quantity":"40"}]}}}}`
	tests := map[string]struct {
		path        string
		query, form url.Values
		want        string
	}{
		"L1": {"/order/get", url.Values{"access_token": {"test"}, "order_id": {"1234"}}, nil, "4190D32361CFB9581350222F345CB77F3B19F0E31D162316848A2C1FFD5FAB4A"},
		"L2": {"/auth/token/create", nil, url.Values{"code": {"0_100132_abcDEF123"}}, "59A6E5D11E49417EC59C1AC8EE1C3CD4538193B7F1AE84FC1A10ECAF0FE3A1F6"},
		"L3": {"/auth/token/refresh", nil, url.Values{"refresh_token": {"50001600212wcwiOabwyjtEH11acc19aBOvQr9ZYkYDlr987D8BB88LIB8bj"}}, "0455F0344A5D214F54EA61230CE2F8DDE48D56AA7D44C56E45411BFB7BD5F69E"},
		"L4": {"/product/price_quantity/update", url.Values{"access_token": {"test"}}, url.Values{"payload": {price}}, "14FC8B5FED7607D30EAB3F6D473D2A2888E4FED2E2529F17A702F0CF5DC364D1"},
		"L5": {"/product/create", url.Values{"access_token": {"test"}}, url.Values{"payload": {`{"Request":{"Product":{"PrimaryCategory":"10100456","Attributes":{"name":"Mật ong rừng U Minh 500ml"}}}}`}}, "1156D19665C4924C4297F2A482ACEED3C574E26D926E372F5537B61F1BE9BB87"},
		"L6": {"/products/get", url.Values{"access_token": {"test"}, "filter": {"live"}, "limit": {"50"}, "offset": {"0"}, "update_after": {"2026-11-01T00:00:00+0700"}}, nil, "41B30D71CFB3A821CB0DAB1879A89076BCC72ADAEC9480AE451709A662A8F700"},
		"L7": {"/orders/get", url.Values{"access_token": {"test"}, "update_after": {"2026-11-01T00:00:00+07:00"}, "status": {"pending"}, "sort_by": {"updated_at"}, "sort_direction": {"ASC"}, "limit": {"100"}, "offset": {"0"}}, nil, "26D94A94ED40FD25EBAD23BC72B0D11F3F6B905B3EE874BEF41D492F2440582E"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			system := url.Values{"app_key": {"123456"}, "sign_method": {"sha256"}, "timestamp": {"1517820392000"}, "sign": {"old"}, "empty": {""}}
			if got := signature("helloworld", test.path, system, test.query, test.form); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestHookVectors(t *testing.T) {
	t.Parallel()
	s := appOf(t, "123456", "helloworld")
	for _, test := range []struct {
		body, signature string
		want            connectors.Hint
	}{
		{`{"seller_id":"200161","message_type":0,"data":{"order_status":"pending","status_update_time":1655714430,"trade_order_id":"260422900198363","trade_order_line_id":"260422900298363"},"timestamp":1655714431000,"site":"lazada_vn"}`,
			"c8ddf5dd8ebc889d5bc6798459e39b45f5295fced041ddd1056d7b0df4b5b4ba", connectors.Hint{Orders: true}},
		{`{"seller_id":"200161","message_type":1,"data":{"date":1655714431000,"itemId":2342342341,"reason":"Ảnh miến dong bị mờ","seller_id":200161,"status":"REJECTED"},"timestamp":1655714431,"site":"lazada_vn"}`,
			"54e4a353985fd6b65c2ce78a618d34673cbe0e8f821f1117bf00f4c0e3656689", connectors.Hint{Listings: true}},
	} {
		for _, signature := range []string{test.signature, strings.ToUpper(test.signature)} {
			got, err := s.ParseHook(connectors.Hook{Body: []byte(test.body), Header: http.Header{"Authorization": {signature}}})
			if err != nil || got != test.want {
				t.Errorf("%.40s: got %+v, %v; want %+v", test.body, got, err, test.want)
			}
		}
		_, err := s.ParseHook(connectors.Hook{Body: []byte(test.body), Header: http.Header{"Authorization": {strings.Replace(test.signature, "c", "d", 1)}}})
		if !errors.Is(err, connectors.ErrBadSignature) {
			t.Errorf("a wrong signature: got %v", err)
		}
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	good := Options{Country: "vn", PerSecond: 5, BatchSize: 50, PageSize: 50, Concurrency: 2, Timeout: 1e9, UTCOffset: 7, SaleDays: 30}
	if err := good.Validate(); err != nil {
		t.Errorf("good options: %v", err)
	}
	for want, spoil := range map[string]func(*Options){
		"batch_size": func(o *Options) { o.BatchSize = 51 }, "page_size": func(o *Options) { o.PageSize = 0 },
		"concurrency": func(o *Options) { o.Concurrency = 9 }, "per_second": func(o *Options) { o.PerSecond = 0 },
		"api_url": func(o *Options) { o.APIURL = "api.lazada.vn" }, "auth_url": func(o *Options) { o.AuthURL = "https://u:p@x.vn" },
		"timeout": func(o *Options) { o.Timeout = 1 }, "utc_offset": func(o *Options) { o.UTCOffset = 15 },
		"sale_days": func(o *Options) { o.SaleDays = 0 }, "package": func(o *Options) { o.Package.Weight = -1 },
	} {
		o := good
		spoil(&o)
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}
