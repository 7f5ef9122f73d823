//go:build linux

package market

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestPagesOfManyHosts fetches and reads a page of each of 1,000 simulated
// hosts, or as many pages of them as CHOPHIEN_BENCH_PAGES says; with that it
// reports, and bounds, the largest resident size, and the processor time. The pages are the labelled ones when they are here, else the own ones.
//
//	CHOPHIEN_BENCH_PAGES=100000 go test ./connectors/market -run TestPagesOfManyHosts -v -timeout 1h
func TestPagesOfManyHosts(t *testing.T) {
	const hosts = 1000
	total, measured := hosts, os.Getenv("CHOPHIEN_BENCH_PAGES")
	if n, err := strconv.Atoi(measured); err == nil {
		total = n
	}
	var pages [][]byte
	size := 0
	packed, _ := filepath.Glob(filepath.Join(sharedPages, "*.html.gz"))
	for _, f := range packed {
		pages = append(pages, readGzip(t, f))
	}
	if len(pages) == 0 {
		plain, _ := filepath.Glob("testdata/pages/*.html")
		for _, f := range plain {
			page, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, page)
		}
	}
	for _, p := range pages {
		size += len(p)
	}
	before := cpuTime()
	var mu sync.Mutex
	requests, priced, next := 0, 0, 0
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		g := newTestGuest(t, roundTrip(func(req *http.Request) (*http.Response, error) {
			mu.Lock()
			requests++
			body := []byte("User-agent: *\nDisallow: /cart\nCrawl-delay: 10\n")
			if req.URL.Path != "/robots.txt" {
				body = pages[next%len(pages)]
				next++
			}
			mu.Unlock()
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: io.NopCloser(bytes.NewReader(body)), Request: req}, nil
		}), nil)
		// A small pool of workers, each going from host to host.
		work := make(chan int)
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				for n := range work {
					got, err := g.Get(t.Context(), Request{URL: fmt.Sprintf("https://shop%d.example/p/%d", n%hosts, n/hosts)})
					if err != nil {
						t.Error(err)
						return
					}
					if r := ReadPage(got.Body, got.URL, got.ContentType); r.Kind != KindNone {
						mu.Lock()
						priced++
						mu.Unlock()
					}
				}
			})
		}
		for n := range total {
			work <- n
		}
		close(work)
		all.Wait()
		t.Logf("simulated time: %s", time.Since(begin).Round(time.Minute))
	})
	if requests != total+hosts {
		t.Errorf("%d requests for %d pages and %d robots.txt", requests, total, hosts)
	}
	if priced == 0 {
		t.Error("no page had a price")
	}
	if measured == "" {
		return
	}
	peak := residentPeak(t)
	used := cpuTime() - before
	t.Logf("%d pages of %d hosts, %d kB on average, %d with a price: %d MB resident at most, %.2f ms of processor time a page", total, hosts, size/len(pages)/1000, priced, peak>>20, float64(used.Microseconds())/1000/float64(total))
	if peak >= 200<<20 {
		t.Errorf("%d MB resident, want less than 200", peak>>20)
	}
}

// residentPeak is the largest resident size this process has had.
func residentPeak(t *testing.T) int64 {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatal("no VmHWM in /proc/self/status")
	return 0
}
