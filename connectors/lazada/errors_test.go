package lazada

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/connectors"
)

// Every code of the catalog is classified as it says, and tells a person what
// happened and what to do in both languages.
func TestCatalog(t *testing.T) {
	t.Parallel()
	s := appOf(t, "1", "bi-mat")
	seen := map[string]bool{}
	for _, e := range entries {
		for code := range strings.FieldsSeq(e.codes) {
			t.Run(code, func(t *testing.T) {
				if seen[code] {
					t.Error("the code is there twice")
				}
				seen[code] = true
				body := fmt.Sprintf(`{"code":%q,"type":"ISV","message":"some words","request_id":"0e1"}`, code)
				err := s.classify(connectors.Response{Status: http.StatusOK, Body: []byte(body)})
				got, ok := errors.AsType[*connectors.Error](err)
				if !ok || got.Kind != e.kind || got.Code != code || got.Lost != e.lost || got.RequestID != "0e1" || got.RetryAfter != e.wait {
					t.Fatalf("got %+v", got)
				}
				if e.kind == connectors.RateLimited && e.wait < time.Second {
					t.Errorf("waits only %s", e.wait)
				}
				issue := issueOf(err, "MO-1")
				if issue.Code != code || issue.SKU != "MO-1" || issue.Field != e.field || !strings.Contains(issue.Message.EN, "some words") {
					t.Errorf("issue: got %+v", issue)
				}
				for _, text := range []string{e.cause.VI, e.cause.EN, e.todo.VI, e.todo.EN} {
					if !strings.HasSuffix(text, ".") {
						t.Errorf("text %q is missing or no sentence", text)
					}
				}
			})
		}
	}
}

func TestClassify(t *testing.T) {
	t.Parallel()
	s := appOf(t, "1", "BiMatKhongDuocLo")
	tests := map[string]struct {
		status     int
		body, kind string
		code, says string
		lost       bool
	}{
		"success":                {200, `{"code":"0","data":{}}`, "", "", "", false},
		"success as a number":    {200, `{"code":0,"data":{}}`, "", "", "", false},
		"error as a number":      {200, `{"code":207,"message":"x"}`, "not_found", "207", "x", false},
		"no code":                {200, `{"data":{}}`, "unclear", "no_code", "no code", true},
		"an unknown code":        {200, `{"code":"MoiTinh","message":"lời lạ"}`, "unclear", "MoiTinh", "lời lạ", false},
		"detail with a field":    {200, `{"code":"500","message":"E500: Create product failed","detail":[{"field":"SellerSku","message":"BIZ_CHECK_SELLER_SKU_DUPLICATE:SellerSku repeat"}]}`, "clash", "BIZ_CHECK_SELLER_SKU_DUPLICATE", "repeat", false},
		"detail with a number":   {200, `{"code":"501","message":"E501","detail":[{"field":"name","message":"E4129: bad name"}]}`, "validation", "4129", "bad name", false},
		"detail unknown":         {200, `{"code":"500","message":"E500: Create product failed","detail":[{"field":"brand","message":"lạ"}]}`, "validation", "500", "brand lạ", false},
		"errors within data":     {200, `{"code":"501","message":"E501","data":{"errors":[{"field":"x","code":"4138","msg":"foreign"}]}}`, "validation", "4138", "foreign", false},
		"detail of another form": {200, `{"code":"501","message":"E501","detail":"text"}`, "validation", "501", "E501", false},
		"one of a batch is busy": {200, `{"code":"501","message":"E501","detail":[{"sku":"1","code":"1000","message":"busy"}]}`, "validation", "501", "busy", false},
		"a code of a family":     {200, `{"code":"THD_IC_ERR_F_IC_ABILITY_PG_003","message":"x"}`, "validation", "THD_IC_ERR_F_IC_ABILITY_PG_003", "x", false},
		"fulfillment says no":    {200, `{"code":"0","result":{"success":false,"error_code":"700024","error_msg":"lock"}}`, "transient", "700024", "lock", false},
		"in its other spelling":  {200, `{"code":"0","result":{"success":false,"errorCode":"700000","errorMsg":"status"}}`, "clash", "700000", "status", false},
		"brands say no":          {200, `{"code":"0","success":false,"error_code":"","error_msg":"busy"}`, "unclear", "failed", "busy", false},
		"a secret in the text":   {200, `{"code":"x","message":"sign BiMatKhongDuocLo token 50000601c30atpedfgu3LVvik87Ixlsvle3mSoB77"}`, "unclear", "x", "sign (redacted) token (redacted)", false},
		"a lost answer":          {200, `{"code":"ServiceTimeout","message":"x"}`, "transient", "ServiceTimeout", "x", true},
		"too many by status":     {429, `{"code":"ApiCallLimit","message":"x"}`, "rate_limited", "ApiCallLimit", "", false},
		"not the gateway":        {502, `<html></html>`, "", "", "", false},
		"a status without code":  {500, `{"message":"x"}`, "", "", "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := s.classify(connectors.Response{Status: test.status, Body: []byte(test.body)})
			if got := string(connectors.KindOf(err)); got != test.kind {
				t.Fatalf("got %q (%v), want %q", got, err, test.kind)
			}
			if err == nil {
				return
			}
			e, _ := errors.AsType[*connectors.Error](err)
			if e.Code != test.code || e.Lost != test.lost || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got code %s, lost %t: %v", e.Code, e.Lost, err)
			}
		})
	}
}
