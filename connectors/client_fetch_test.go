package connectors

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A file outside the API gets nothing of the account, and its answer is not
// taken for the platform's.
func TestFetchSendsNothingOfTheAccount(t *testing.T) {
	t.Parallel()
	const pdf = `{"error":"looks like one"}`
	var seen *http.Request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen = r; r.URL.Path == "/gone.pdf" {
			http.Error(w, "no", http.StatusNotFound)
			return
		}
		w.Write([]byte(pdf))
	}))
	t.Cleanup(server.Close)
	client := NewClient("web", Protocol{
		BaseURL: server.URL + "/api",
		Sign: func(r *http.Request, _ []byte, _ Token) error {
			r.Header.Set("Authorization", "Bearer bi-mat")
			return nil
		},
		Classify: func(Response) error { return &Error{Kind: Validation, Code: "classified"} },
	}, ClientDeps{})
	response, err := client.Fetch(t.Context(), "documents", server.URL+"/label.pdf?key=tham-so")
	if err != nil || string(response.Body) != pdf {
		t.Fatalf("got %q, %v", response.Body, err)
	}
	if seen.Header.Get("Authorization") != "" || seen.URL.RawQuery != "key=tham-so" {
		t.Errorf("sent %v to %v", seen.Header, seen.URL)
	}
	_, err = client.Fetch(t.Context(), "documents", server.URL+"/gone.pdf?key=tham-so")
	if KindOf(err) != NotFound || strings.Contains(err.Error(), "tham-so") {
		t.Errorf("a file that is gone: %v", err)
	}
	for _, address := range []string{
		"", "label.pdf", "http://other.example/label.pdf", "https://127.0.0.1/label.pdf", "https://localhost/label.pdf", "https://[::1]/a",
		"https://printer.local/a", "https://user:word@other.example/a", "file:///etc/passwd", "ftp://other.example/a", "http://169.254.169.254/latest",
	} {
		if _, err := client.Fetch(t.Context(), "documents", address); KindOf(err) != Fatal {
			t.Errorf("%s: got %v", address, err)
		} else if address != "" && strings.Contains(err.Error(), address) {
			t.Errorf("the address is in the error: %v", err)
		}
	}
}
