package woocommercetest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chophien/chophien/connectors/woocommerce/woocommercetest"
)

func TestImages(t *testing.T) {
	t.Parallel()
	s := openHTTPS(t)
	r := s.make("products", `{"name":"x","images":[{"src":"https://img.example.test/h.png"},{"src":"https://img.example.test/i.jpg?v=2"}]}`)
	first := number(at(r.one, "images", 0, "id"))
	path := fmt.Sprintf("products/%d", r.id())
	if !strings.HasSuffix(at(r.one, "images", 0, "src").(string), "/2026/11/h.png") {
		t.Errorf("src: %v", at(r.one, "images", 0, "src"))
	}
	r = s.put(path, `{"images":[{"src":"https://img.example.test/h.png"}]}`)
	if id := number(at(r.one, "images", 0, "id")); id == first || !strings.HasSuffix(at(r.one, "images", 0, "src").(string), "/h-1.png") {
		t.Errorf("the same address again is a new file: %v", r.one["images"])
	}
	r = s.put(path, fmt.Sprintf(`{"images":[{"id":%d,"name":"Ảnh chính","alt":"Mật ong"}]}`, first))
	if number(at(r.one, "images", 0, "id")) != first || at(r.one, "images", 0, "name") != "Ảnh chính" || at(r.one, "images", 0, "alt") != "Mật ong" {
		t.Errorf("by id: %v", r.one["images"])
	}
	if r := s.put(path, `{"name":"y"}`); len(r.one["images"].([]any)) != 1 {
		t.Errorf("untouched: %v", r.one["images"])
	}
	if r := s.put(path, `{"images":[]}`); len(r.one["images"].([]any)) != 0 {
		t.Errorf("cleared: %v", r.one["images"])
	}
	want(t, s.put(path, `{"images":[{"id":9999}]}`), 400, "woocommerce_product_invalid_image_id")
	for src, message := range map[string]string{
		"https://img.example.test/picture":     "Sorry, you are not allowed to upload this file type.",
		"https://img.example.test/picture.svg": "Sorry, you are not allowed to upload this file type.",
		"https://img.example.test:9000/a.png":  "A valid URL was not provided.",
		"http://10.0.0.7/a.png":                "A valid URL was not provided.",
		"http://127.0.0.1/a.png":               "A valid URL was not provided.",
		"http://localhost:8080/a.png":          "A valid URL was not provided.",
		"file:///etc/hostname.png":             "A valid URL was not provided.",
	} {
		r := s.post("products", `{"name":"bad picture","images":[{"src":"`+src+`"}]}`)
		want(t, r, 400, "woocommerce_product_image_upload_error")
		if text, _ := r.one["message"].(string); !strings.Contains(text, message) {
			t.Errorf("%s: %s", src, text)
		}
	}
	for _, src := range []string{"https://img.example.test:8080/a.jpeg", "http://img.example.test:80/a.webp"} {
		s.make("products", `{"name":"good","images":[{"src":"`+src+`"}]}`)
	}
	if r := s.get("products?search=bad"); len(r.many) != 0 {
		t.Errorf("left behind: %s", r.raw)
	}
}

func TestLoopbackImagesAndRaces(t *testing.T) {
	t.Parallel()
	entered, release := make(chan bool, 1), make(chan bool)
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/slow.png":
			entered <- true
			<-release
		case "/a.png":
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(host.Close)
	s := open(t, woocommercetest.Options{TreatAsHTTPS: true, AllowLoopbackImages: true})
	s.make("products", `{"images":[{"src":"`+host.URL+`/a.png"}]}`)
	r := s.post("products", `{"images":[{"src":"`+host.URL+`/gone.png"}]}`)
	want(t, r, 400, "woocommerce_product_image_upload_error")
	if text, _ := r.one["message"].(string); !strings.HasSuffix(text, "Error: Not Found") {
		t.Errorf("message: %s", text)
	}

	// While one create waits for its picture, another takes the SKU.
	late := make(chan reply)
	go func() { late <- s.post("products", `{"sku":"RACE","images":[{"src":"`+host.URL+`/slow.png"}]}`) }()
	<-entered
	s.make("products", `{"sku":"RACE"}`)
	close(release)
	r = <-late
	want(t, r, 400, "woocommerce_rest_product_not_created")
	if at(r.one, "data", "resource_id") != nil {
		t.Errorf("race: %s", r.raw)
	}
	want(t, s.post("products", `{"sku":"RACE"}`), 400, "product_invalid_sku")
}
