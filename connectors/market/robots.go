package market

import (
	"bufio"
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxRobots is how much of a robots.txt is read; RFC 9309 section 2.5 asks for
// at least 500 KiB (read 2026-11-23).
const maxRobots = 512 << 10

// robots holds the rules of one robots.txt for one agent. The zero value
// allows everything.
type robots struct {
	rules []robotsRule
	delay time.Duration // Crawl-delay; 0 when not asked for
	deny  bool          // robots.txt could not be read: nothing is allowed
}

type robotsRule struct {
	pattern string
	allow   bool
}

// maxRules bounds what is kept of a robots.txt; one that is longer is refused
// as a whole, since a rule cut off could be the one that forbids.
const maxRules = 20_000

// parseRobots reads the rules for the agent with this product token, per RFC
// 9309: groups naming the same agent are merged, the "*" group counts only
// when no group names the agent.
func parseRobots(body []byte, token string) robots {
	var own, any robots
	named := false
	var current []*robots // groups the lines are for
	inAgents := false
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(body[:min(len(body), maxRobots)], []byte("\xef\xbb\xbf"))))
	lines.Buffer(make([]byte, 0, 4096), maxRobots+1)
	lines.Split(scanAnyLine)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
		switch key {
		case "user-agent", "useragent":
			if !inAgents {
				current = nil
			}
			inAgents = true
			switch agent := robotsToken(value); {
			case value == "*":
				current = append(current, &any)
			case strings.EqualFold(agent, token):
				named = true
				current = append(current, &own)
			}
		case "allow", "disallow":
			inAgents = false
			if value == "" {
				continue
			}
			if value[0] != '/' && value[0] != '*' {
				value = "/" + value
			}
			for _, g := range current {
				if len(g.rules) >= maxRules {
					g.deny = true
					continue
				}
				g.rules = append(g.rules, robotsRule{pattern: normalizePath(value), allow: key == "allow"})
			}
		case "crawl-delay":
			inAgents = false
			seconds, err := strconv.ParseFloat(value, 64)
			if err != nil || seconds <= 0 || seconds > 1e6 {
				continue
			}
			for _, g := range current {
				g.delay = max(g.delay, time.Duration(seconds*float64(time.Second)))
			}
		}
	}
	if named {
		return own
	}
	return any
}

// scanAnyLine splits at LF, CRLF and CR.
func scanAnyLine(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// robotsToken cuts a User-agent value to its product token: "Bot/2.1" is "Bot".
func robotsToken(value string) string {
	for i := range len(value) {
		if c := value[i]; !isLetter(c) && c != '_' && c != '-' && !isDigit(c) {
			return value[:i]
		}
	}
	return value
}

// allowed tells whether the agent may fetch a URL. The longest matching
// pattern wins, allow wins a tie, robots.txt itself is always allowed.
func (r robots) allowed(u *url.URL) bool {
	if u.Path == "/robots.txt" {
		return true
	}
	if r.deny {
		return false
	}
	target := u.EscapedPath()
	if target == "" {
		target = "/"
	}
	if u.RawQuery != "" || u.ForceQuery {
		target += "?" + u.RawQuery
	}
	target = normalizePath(target)
	best, allow := -1, true
	for _, rule := range r.rules {
		if n := len(rule.pattern); (n > best || n == best && rule.allow && !allow) && robotsMatch(rule.pattern, target) {
			best, allow = n, rule.allow
		}
	}
	return allow
}

// normalizePath makes patterns and paths comparable octet by octet: escapes of
// unreserved characters are undone, others written in upper case, and bytes
// outside ASCII escaped (RFC 9309 section 2.2.2).
func normalizePath(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c, i = byte(v), i+2
				if isLetter(c) && c < 0x80 || isDigit(c) || c == '-' || c == '.' || c == '_' || c == '~' {
					b.WriteByte(c)
				} else {
					b.WriteByte('%')
					b.WriteByte(hex[c>>4])
					b.WriteByte(hex[c&15])
				}
				continue
			}
		}
		if c >= 0x80 || c <= ' ' {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// robotsMatch matches a pattern with "*" (any run) and a final "$" (the end)
// at the start of a path. It goes back to the last star only, so its time is
// bounded by the product of the lengths.
func robotsMatch(pattern, path string) bool {
	anchored := strings.HasSuffix(pattern, "$")
	if anchored {
		pattern = pattern[:len(pattern)-1]
	} else {
		pattern += "*"
	}
	p, s, star, mark := 0, 0, -1, 0
	for s < len(path) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, s
			p++
			if p == len(pattern) {
				return true
			}
		case p < len(pattern) && pattern[p] == path[s]:
			p++
			s++
		case star >= 0:
			mark++
			p, s = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
