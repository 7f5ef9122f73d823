package shopee

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// Every entry says what happened and what to do, in both languages, and is
// found under the platform's spelling.
func TestCodes(t *testing.T) {
	t.Parallel()
	for code, known := range codes {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			body, err := json.Marshal(map[string]string{"error": "product." + code + ".", "message": "chi tiết", "request_id": "r1"})
			if err != nil {
				t.Fatal(err)
			}
			var e *connectors.Error
			if err := classify(connectors.Response{Status: http.StatusOK, Body: body}); !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if e.Code != code || e.Kind != known.kind || e.RequestID != "r1" || e.Err.Error() != "chi tiết" {
				t.Errorf("got %+v, want code %s, kind %s", e, code, known.kind)
			}
			if lost := known.kind == connectors.Transient; e.Lost != lost {
				t.Errorf("lost is %t, want %t", e.Lost, lost)
			}
			issue := issueOf(e, "SKU-1")
			if issue.Code != code || issue.Severity != catalog.SeverityError || issue.Field != known.field ||
				!strings.HasPrefix(issue.Message.VI, known.text.VI) || !strings.HasSuffix(issue.Message.EN, "(chi tiết)") {
				t.Errorf("issue: got %+v", issue)
			}
			for _, text := range []string{known.text.VI, known.text.EN} {
				if !strings.HasSuffix(text, ".") || len(text) < 20 || known.text.VI == known.text.EN {
					t.Errorf("advice %q: want a sentence in each language", text)
				}
			}
			outcome, retry := outcomeOf(e, "")
			want := map[connectors.Kind]connectors.OutcomeKind{
				connectors.Auth: connectors.Deferred, connectors.RateLimited: connectors.Deferred, connectors.Transient: connectors.Unknown,
				connectors.NotFound: connectors.Gone, connectors.Clash: connectors.Conflict, connectors.Validation: connectors.Rejected, connectors.Fatal: connectors.Rejected,
			}[known.kind]
			if known.locked {
				want = connectors.Deferred
			}
			if outcome.Kind != want || retry && want != connectors.Deferred {
				t.Errorf("outcome: got %s, retry %t; want %s", outcome.Kind, retry, want)
			}
			if known.locked && time.Until(outcome.Until) < time.Hour {
				t.Errorf("a lock is tried again at %s", outcome.Until)
			}
		})
	}
}

// Answers as they were documented or seen, with their misspellings.
func TestClassify(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]struct {
		status int
		kind   connectors.Kind
		code   string
	}{
		`{"error":"invalid_acceess_token","message":"Invalid access_token, please have a check.","request_id":"g1"}`:      {403, connectors.Auth, "invalid_access_token"},
		`{"error":"error_auth","message":"Invalid access_token.","request_id":"g1"}`:                                      {200, connectors.Auth, "invalid_access_token"},
		`{"error":"error_auth","message":"Your shop is in holiday mode","request_id":"g1"}`:                               {200, connectors.Fatal, "error_auth"},
		`{"error":"error_sign","message":"Wrong sign.","request_id":"g2"}`:                                                {403, connectors.Auth, "error_sign"},
		`{"error":"error_param","message":"There is no access_token in query.","request_id":"g3"}`:                        {403, connectors.Auth, "invalid_access_token"},
		`{"error":"error_param","message":"Invalid timestamp","request_id":"g3"}`:                                         {403, connectors.Fatal, "invalid_timestamp"},
		`{"error":"error_rate_limit","message":"Too many requests, please retry later.","request_id":"g4"}`:               {200, connectors.RateLimited, "error_rate_limit"},
		`{"error":"order.order_list_invalid_time","message":"Start time must be earlier than end time.","request_id":""}`: {200, connectors.Fatal, "order_list_invalid_time"},
		`{"error":"order.error_limit","message":"The order can not be cancelled now."}`:                                   {200, connectors.Clash, codeOrderMoved},
		`{"error":"error_limit","message":"The total API call number made by your APP has reached the daily limit"}`:      {200, connectors.RateLimited, codeQuota},
		`{"error":"error_incalid_category","message":""}`:                                                                 {200, connectors.Validation, "error_invalid_category"},
		`{"error":"error_cannt_edit_price_in_promotion","message":""}`:                                                    {200, connectors.Validation, "error_cannot_edit_price_in_promotion"},
		`{"error":"error_price_exceed_max_limitt","message":""}`:                                                          {200, connectors.Validation, "error_price_exceed_max_limit"},
		`{"error":"error_server.","message":"Something wrong. Please try later."}`:                                        {200, connectors.Transient, "error_server"},
		`{"error":"error_busi","message":"This is a duplicate item"}`:                                                     {200, connectors.Clash, "error_duplicate_item"},
		`{"error":"error_of_tomorrow","message":"x"}`:                                                                     {200, connectors.Validation, "error_of_tomorrow"},
		`{"error":"error_of_today","message":"x"}`:                                                                        {403, connectors.Auth, "error_of_today"},
		`{"error":"error_of_monday","message":"x"}`:                                                                       {401, connectors.Auth, "error_of_monday"},
		`{"error":"error_of_nowhere","message":"x"}`:                                                                      {404, connectors.Fatal, "error_of_nowhere"},
		`{"error":"error_of_a_client","message":"x"}`:                                                                     {400, connectors.Validation, "error_of_a_client"},
		`{"error":"error_of_tomorrow ","message":"x"}`:                                                                    {500, connectors.Transient, "error_of_tomorrow"},
		`{"error":"anything","message":"x"}`:                                                                              {429, connectors.RateLimited, ""},
		`{"error":"Something went wrong with 12","message":"x"}`:                                                          {200, connectors.Unclear, ""},
		`{"error":"","message":"","response":{}}`:                                                                         {200, "", ""},
		`<html>502</html>`: {502, "", ""},
	} {
		err := classify(connectors.Response{Status: want.status, Body: []byte(body)})
		e, _ := errors.AsType[*connectors.Error](err)
		if want.kind == "" {
			if err != nil {
				t.Errorf("%s: got %v, want no error of the platform", body, err)
			}
			continue
		}
		if e == nil || e.Kind != want.kind || e.Code != want.code {
			t.Errorf("%s: got %+v, want %s %s", body, e, want.kind, want.code)
		}
	}
	secret := strings.Repeat("a1B2", 8)
	err := classify(connectors.Response{Status: 200, Body: []byte(`{"error":"error_` + secret + secret + secret + `","message":"token ` + secret + ` is bad"}`)})
	if err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("got %v, which holds what could be a key", err)
	}
}

// The day's calls are waited for, not tried again and again.
func TestQuota(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"2026-11-26T15:59:00Z": time.Minute, "2026-11-26T16:00:00Z": 24 * time.Hour, "2026-12-31T10:00:00+08:00": 14 * time.Hour,
	} {
		now, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := untilQuota(now); got != want {
			t.Errorf("at %s: %s, want %s", text, got, want)
		}
	}
	err := classify(connectors.Response{Status: http.StatusOK, Body: []byte(`{"error":"error_limit","message":"x"}`)})
	if e, ok := errors.AsType[*connectors.Error](err); !ok || e.RetryAfter <= 0 || e.RetryAfter > 24*time.Hour {
		t.Errorf("got %+v", err)
	}
}
