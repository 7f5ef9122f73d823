package web

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chophien/chophien/connectors"
)

func TestMetricsShowWhenAccessEnds(t *testing.T) {
	t.Parallel()
	m := NewMetrics()
	shown := func() string {
		w := httptest.NewRecorder()
		m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		return w.Body.String()
	}
	end := time.Unix(1800000000, 0).UTC()
	token := connectors.Token{AccessToken: "khoa-bi-mat", ExpiresAt: end.Add(-time.Hour), RefreshToken: "khoa-bi-mat-2", GrantExpires: end}
	m.Access("vn-shopee", token, connectors.Expiry{Part: connectors.PartGrant, At: end, Days: 7}, true)
	text := shown()
	for _, want := range []string{
		`chophien_access_ends_timestamp_seconds{channel="vn-shopee",part="grant"} 1.8e+09`,
		`chophien_access_ends_timestamp_seconds{channel="vn-shopee",part="access"}`,
		`chophien_access_warning_days{channel="vn-shopee",part="grant"} 7`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	if strings.Contains(text, "bi-mat") {
		t.Error("a token is in the metrics (I13)")
	}
	m.Access("vn-shopee", connectors.Token{AccessToken: "khoa-bi-mat", GrantExpires: end}, connectors.Expiry{}, false)
	if text = shown(); strings.Contains(text, "chophien_access_warning_days{") || strings.Contains(text, `part="access"`) {
		t.Error("a warning that is over is still shown")
	}
}
