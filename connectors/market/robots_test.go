package market

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestRobotsRules follows the examples of RFC 9309 and of Google's
// documentation of robots.txt.
func TestRobotsRules(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file, path string
		want             bool
	}{
		{"empty file", "", "/x", true},
		{"all", "User-agent: *\nDisallow: /", "/x", false},
		{"robots.txt itself", "User-agent: *\nDisallow: /", "/robots.txt", true},
		{"empty disallow", "User-agent: *\nDisallow:", "/x", true},
		{"other agent", "User-agent: other\nDisallow: /", "/x", true},
		{"own beats any", "User-agent: *\nDisallow: /\nUser-agent: ChoPhien/2.0\nDisallow: /a", "/b", true},
		{"own beats any, rule", "User-agent: *\nDisallow: /\nUser-agent: chophien\nDisallow: /a", "/a", false},
		{"no prefix of token", "User-agent: cho\nDisallow: /", "/x", true},
		{"groups merge", "User-agent: chophien\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: chophien\nDisallow: /b", "/b", false},
		{"groups merge, first", "User-agent: chophien\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: chophien\nDisallow: /b", "/a", false},
		{"several agents", "User-agent: x\nUser-agent: chophien\nDisallow: /a", "/a/b", false},
		{"sitemap between", "User-agent: chophien\nSitemap: https://x\nDisallow: /a", "/a", false},
		{"longest wins", "User-agent: *\nAllow: /p\nDisallow: /", "/page", true},
		{"longest wins 2", "User-agent: *\nAllow: /folder\nDisallow: /folder/x", "/folder/x1", false},
		{"allow wins tie", "User-agent: *\nDisallow: /page\nAllow: /page", "/page", true},
		{"star", "User-agent: *\nDisallow: /*.php", "/a/b.php?x", false},
		{"star and end", "User-agent: *\nDisallow: /*.php$", "/a/b.php?x", true},
		{"end", "User-agent: *\nAllow: /$\nDisallow: /", "/", true},
		{"end 2", "User-agent: *\nAllow: /$\nDisallow: /", "/x", false},
		{"query not sorted", "User-agent: *\nDisallow: /s?z=1", "/s?z=1&a=2", false},
		{"escapes", "User-agent: *\nDisallow: /foo/bar/%E3%83%84", "/foo/bar/ツ", false},
		{"escapes 2", "User-agent: *\nDisallow: /tìm-kiếm", "/t%C3%ACm-ki%E1%BA%BFm?q=1", false},
		{"escape of unreserved", "User-agent: *\nDisallow: /foo/bar/%62%61%7A", "/foo/bar/baz", false},
		{"case of path", "User-agent: *\nDisallow: /A", "/a", true},
		{"comments", "User-agent: * # all\nDisallow: /a # no", "/a", false},
		{"CR lines", "User-agent: *\rDisallow: /a\r", "/a", false},
		{"BOM", "\ufeffUser-agent: *\nDisallow: /a", "/a", false},
		{"rules without group", "Disallow: /a", "/a", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u, err := url.Parse("https://a.example" + c.path)
			if err != nil {
				t.Fatal(err)
			}
			if got := parseRobots([]byte(c.file), "chophien").allowed(u); got != c.want {
				t.Errorf("%s: got %v, want %v", c.path, got, c.want)
			}
		})
	}
	if d := parseRobots([]byte("User-agent: *\nCrawl-delay: 2.5"), "chophien").delay; d != 2500*time.Millisecond {
		t.Errorf("crawl delay %s", d)
	}
	// Stars cannot make matching slow.
	pattern, path := strings.Repeat("*a", 200)+"b", "/"+strings.Repeat("a", 5000)
	if robotsMatch(pattern, path) {
		t.Error("matched")
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /a*b$", "/a/b")
	f.Fuzz(func(t *testing.T, file, path string) {
		r := parseRobots([]byte(file), "chophien")
		r.allowed(&url.URL{Path: path})
	})
}
