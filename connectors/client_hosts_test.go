package connectors_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chophien/chophien/connectors"
)

// Tokens may be issued on a host of their own; no third one is called.
func TestCallsToAuthURL(t *testing.T) {
	t.Parallel()
	serve := func(text string) *httptest.Server {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`"` + text + `"`)) }))
		t.Cleanup(server.Close)
		return server
	}
	api, auth, other := serve("api"), serve("auth"), serve("other")
	for _, test := range []struct{ path, authURL, want string }{
		{"/a", auth.URL, "api"},
		{auth.URL + "/token", auth.URL + "/rest", "auth"},
		{other.URL + "/token", auth.URL, ""},
		{auth.URL + "/token", "", ""},
	} {
		client := connectors.NewClient("vn-main", connectors.Protocol{BaseURL: api.URL, AuthURL: test.authURL}, connectors.ClientDeps{})
		var got string
		_, err := client.Do(t.Context(), connectors.Call{Op: "call", Path: test.path, Out: &got})
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s with %q: got %q, %v; want %q", test.path, test.authURL, got, err, test.want)
		}
	}
}
