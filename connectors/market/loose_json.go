package market

import (
	"bytes"
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jnode is one value of a loosely read JSON text. Values are stored in
// document order; the subtree of value i is nodes[i:nodes[i].end].
type jnode struct {
	kind     byte // '{' '[' '"' '0' (number or bare word)
	key      [2]int32
	from, to int32 // raw text of a string (without quotes) or a bare word
	end      int32
}

// jdoc is a JSON text read as leniently as shops write it: comments and CDATA
// around it, trailing commas, raw newlines, single quotes, unquoted keys,
// JavaScript after it. What cannot be read ends the document; what was read
// stays.
type jdoc struct {
	src   []byte
	nodes []jnode
}

const (
	maxJSONDepth = 80
	maxJSONNodes = 400_000
)

// parseLoose reads the first object or array of src.
func parseLoose(src []byte) *jdoc {
	d := &jdoc{src: src}
	start := bytes.IndexAny(src, "{[")
	if start < 0 {
		return d
	}
	if src[start] == '[' && bytes.HasPrefix(src[start:], []byte("[CDATA[")) {
		next := bytes.IndexAny(src[start+7:], "{[")
		if next < 0 {
			return d
		}
		start += 7 + next
	}
	d.nodes = make([]jnode, 0, min(len(src)/24+8, 1<<14))
	d.value(start, [2]int32{}, 0)
	return d
}

// space skips blanks and comments.
func (d *jdoc) space(i int) int {
	for i < len(d.src) {
		switch c := d.src[i]; {
		case isBlank(c):
			i++
		case c == '/' && i+1 < len(d.src) && d.src[i+1] == '*':
			end := bytes.Index(d.src[i+2:], []byte("*/"))
			if end < 0 {
				return len(d.src)
			}
			i += 2 + end + 2
		case c == '/' && i+1 < len(d.src) && d.src[i+1] == '/':
			end := bytes.IndexByte(d.src[i:], '\n')
			if end < 0 {
				return len(d.src)
			}
			i += end
		default:
			return i
		}
	}
	return i
}

// value reads one value at i and returns the index after it, or -1 when the
// text ends or breaks.
func (d *jdoc) value(i int, key [2]int32, depth int) int {
	i = d.space(i)
	if i >= len(d.src) || depth > maxJSONDepth || len(d.nodes) >= maxJSONNodes {
		return -1
	}
	at := len(d.nodes)
	switch c := d.src[i]; c {
	case '{', '[':
		d.nodes = append(d.nodes, jnode{kind: c, key: key})
		i = d.children(i+1, c, depth)
		d.nodes[at].end = int32(len(d.nodes))
		return i
	case '"', '\'':
		end := stringEnd(d.src, i)
		d.nodes = append(d.nodes, jnode{kind: '"', key: key, from: int32(i + 1), to: int32(end), end: int32(at + 1)})
		if end >= len(d.src) {
			return -1
		}
		return end + 1
	default:
		from := i
		for i < len(d.src) && !strings.ContainsRune(",}] \n\r\t;<", rune(d.src[i])) {
			i++
		}
		if i == from {
			return -1
		}
		d.nodes = append(d.nodes, jnode{kind: '0', key: key, from: int32(from), to: int32(i), end: int32(at + 1)})
		return i
	}
}

func (d *jdoc) children(i int, open byte, depth int) int {
	closing := byte('}')
	if open == '[' {
		closing = ']'
	}
	for {
		i = d.space(i)
		if i >= len(d.src) {
			return -1
		}
		switch c := d.src[i]; {
		case c == closing:
			return i + 1
		case c == ',':
			i++
			continue
		case c == ']' || c == '}':
			return -1
		}
		var key [2]int32
		if open == '{' {
			from, to := i, i
			if q := d.src[i]; q == '"' || q == '\'' {
				from++
				to = stringEnd(d.src, i)
				i = to + 1
			} else {
				for i < len(d.src) && (isLetter(d.src[i]) || isDigit(d.src[i]) || d.src[i] == '_' || d.src[i] == '$' || d.src[i] == '-') {
					i++
				}
				to = i
			}
			i = d.space(i)
			if i >= len(d.src) || d.src[i] != ':' {
				return -1
			}
			i++
			key = [2]int32{int32(from), int32(to)}
		}
		if i = d.value(i, key, depth+1); i < 0 {
			return -1
		}
	}
}

// stringEnd returns the index of the closing quote of the string at i, or the
// length of src.
func stringEnd(src []byte, i int) int {
	quote := src[i]
	i++
	for i < len(src) {
		next := bytes.IndexByte(src[i:], quote)
		if next < 0 {
			return len(src)
		}
		end := i + next
		slashes := 0
		for k := end - 1; k >= i && src[k] == '\\'; k-- {
			slashes++
		}
		if slashes%2 == 0 {
			return end
		}
		i = end + 1
	}
	return len(src)
}

func (d *jdoc) isKey(i int, name string) bool {
	k := d.nodes[i].key
	return int(k[1]-k[0]) == len(name) && hasPrefixFold(d.src[k[0]:k[1]], name)
}

func (d *jdoc) key(i int) string {
	k := d.nodes[i].key
	return strings.ToLower(string(d.src[k[0]:k[1]]))
}

// field returns the value of the first of the keys that object i has, or -1.
// Keys are lower case and compared without regard to case.
func (d *jdoc) field(i int, keys ...string) int {
	if i < 0 || d.nodes[i].kind != '{' {
		return -1
	}
	for _, key := range keys {
		for c := i + 1; c < int(d.nodes[i].end); c = int(d.nodes[c].end) {
			if d.isKey(c, key) {
				return c
			}
		}
	}
	return -1
}

// items returns the values of an array, or the value itself.
func (d *jdoc) items(i int) []int {
	if i < 0 {
		return nil
	}
	if d.nodes[i].kind != '[' {
		return []int{i}
	}
	var out []int
	for c := i + 1; c < int(d.nodes[i].end); c = int(d.nodes[c].end) {
		out = append(out, c)
	}
	return out
}

// text returns a string or number as text, "" for anything else and for null.
func (d *jdoc) text(i int) string {
	if i < 0 {
		return ""
	}
	n := d.nodes[i]
	raw := d.src[n.from:n.to]
	switch n.kind {
	case '"':
		s := unescapeJSON(raw)
		if strings.IndexByte(s, '&') >= 0 {
			s = html.UnescapeString(s)
		}
		return strings.TrimSpace(s)
	case '0':
		if s := string(raw); s != "null" && s != "undefined" {
			return s
		}
	}
	return ""
}

func (d *jdoc) fieldText(i int, keys ...string) string { return d.text(d.field(i, keys...)) }

func unescapeJSON(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' || i+1 >= len(raw) {
			out = append(out, raw[i])
			continue
		}
		i++
		switch raw[i] {
		case 'n', 'r', 't', 'b', 'f':
			out = append(out, ' ')
		case 'u':
			r, size := hexRune(raw[i+1:])
			if size == 0 {
				continue
			}
			i += size
			if utf16.IsSurrogate(r) && i+2 < len(raw) && raw[i+1] == '\\' && raw[i+2] == 'u' {
				if low, size := hexRune(raw[i+3:]); size > 0 {
					r = utf16.DecodeRune(r, low)
					i += 2 + size
				}
			}
			out = utf8.AppendRune(out, r)
		case 'x':
			if i+2 < len(raw) {
				if v, err := strconv.ParseUint(string(raw[i+1:i+3]), 16, 8); err == nil {
					out = utf8.AppendRune(out, rune(v))
					i += 2
				}
			}
		default:
			out = append(out, raw[i])
		}
	}
	return string(out)
}

func hexRune(b []byte) (rune, int) {
	if len(b) < 4 {
		return 0, 0
	}
	v, err := strconv.ParseUint(string(b[:4]), 16, 32)
	if err != nil {
		return 0, 0
	}
	return rune(v), 4
}
