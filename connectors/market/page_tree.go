package market

import (
	"bytes"
	"html"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"
)

// maxDepth bounds how deep the tree gets: elements below it hang on the
// element at the bound. It keeps every walk to the root short, whatever the
// page does.
const maxDepth = 200

// node is one element or one piece of text of a page, in document order. The
// subtree of node i is nodes[i:nodes[i].end]. Attributes and text are ranges of
// the source and read on demand.
type node struct {
	tag      atom.Atom // 0 for text and for elements unknown to HTML
	text     bool
	parent   int32
	end      int32
	from, to int32 // text, or the attributes of an element
	own      hints // what the element's class, id and tag say
	all      hints // own and what is inherited from the ancestors
}

// tree is a page as elements and text. It is lenient like a browser where that
// matters for prices, and reads each byte of the source a bounded number of
// times.
type tree struct {
	src   []byte
	nodes []node
	words map[string]hints // hints by class or id, computed once per value
	name  [32]byte         // the attribute name being read, in lower case
}

// parseTree reads UTF-8 HTML. It never fails: what is not markup is text.
func parseTree(src []byte) *tree {
	t := &tree{src: src, nodes: make([]node, 0, len(src)/48+16), words: make(map[string]hints, 256)}
	t.nodes = append(t.nodes, node{parent: -1})
	open := make([]int32, 1, 64) // indexes of the open elements, the root first
	i, n := 0, len(src)
	for i < n {
		lt := bytes.IndexByte(src[i:], '<')
		if lt < 0 {
			t.addText(open, i, n)
			break
		}
		lt += i
		if lt+1 >= n {
			t.addText(open, i, n)
			break
		}
		c := src[lt+1]
		switch {
		case isLetter(c):
			t.addText(open, i, lt)
			i, open = t.openTag(open, lt)
		case c == '/':
			t.addText(open, i, lt)
			i, open = t.closeTag(open, lt)
		case c == '!' || c == '?':
			t.addText(open, i, lt)
			i = skipComment(src, lt)
		default:
			t.addText(open, i, lt+1)
			i = lt + 1
		}
	}
	for _, e := range open {
		t.nodes[e].end = int32(len(t.nodes))
	}
	return t
}

func skipComment(src []byte, i int) int {
	if bytes.HasPrefix(src[i:], []byte("<!--")) {
		end := bytes.Index(src[i+2:], []byte("-->")) // "<!-->" is a whole comment
		if end < 0 {
			return len(src)
		}
		return i + 2 + end + 3
	}
	end := bytes.IndexByte(src[i:], '>')
	if end < 0 {
		return len(src)
	}
	return i + end + 1
}

func (t *tree) addText(open []int32, from, to int) {
	if from >= to {
		return
	}
	t.nodes = append(t.nodes, node{text: true, parent: open[len(open)-1], end: int32(len(t.nodes) + 1), from: int32(from), to: int32(to)})
}

// tagName reads the name that starts at i and returns its atom and its end.
func tagName(src []byte, i int) (atom.Atom, int) {
	var name [16]byte
	from := i
	for i < len(src) && src[i] != '>' && src[i] != '/' && !isBlank(src[i]) {
		if i-from < len(name) {
			name[i-from] = lower(src[i])
		}
		i++
	}
	if i-from > len(name) {
		return 0, i
	}
	return atom.Lookup(name[:i-from]), i
}

func (t *tree) openTag(open []int32, lt int) (int, []int32) {
	src := t.src
	tag, from := tagName(src, lt+1)
	end := tagEnd(src, from)
	to := end
	if to > from && src[to-1] == '>' {
		to--
	}
	open = t.implyEnd(open, tag)
	index := int32(len(t.nodes))
	t.nodes = append(t.nodes, node{tag: tag, parent: open[len(open)-1], end: index + 1, from: int32(from), to: int32(to)})
	switch tag {
	case atom.Script, atom.Style, atom.Title, atom.Textarea, atom.Iframe, atom.Noembed, atom.Xmp:
		stop := rawEnd(src, end, tag)
		if stop > end {
			t.nodes = append(t.nodes, node{text: true, parent: index, end: index + 2, from: int32(end), to: int32(stop)})
			t.nodes[index].end = index + 2
		}
		return stop, open
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr:
		return end, open
	}
	if len(open) < maxDepth {
		open = append(open, index)
	}
	return end, open
}

// implyEnd closes what the start of tag closes by itself.
func (t *tree) implyEnd(open []int32, tag atom.Atom) []int32 {
	var closes func(atom.Atom) bool
	switch tag {
	case atom.Li:
		closes = func(a atom.Atom) bool { return a == atom.Li || a == atom.P }
	case atom.Dt, atom.Dd:
		closes = func(a atom.Atom) bool { return a == atom.Dt || a == atom.Dd || a == atom.P }
	case atom.Td, atom.Th:
		closes = func(a atom.Atom) bool { return a == atom.Td || a == atom.Th || a == atom.P }
	case atom.Tr, atom.Tbody, atom.Thead, atom.Tfoot:
		closes = func(a atom.Atom) bool {
			return a == atom.Td || a == atom.Th || a == atom.P || a == atom.Tr || tag != atom.Tr && (a == atom.Tbody || a == atom.Thead)
		}
	case atom.Option:
		closes = func(a atom.Atom) bool { return a == atom.Option }
	case atom.P, atom.Div, atom.Ul, atom.Ol, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.Section, atom.Article, atom.Form, atom.Aside, atom.Header, atom.Footer, atom.Main, atom.Nav:
		closes = func(a atom.Atom) bool { return a == atom.P }
	default:
		return open
	}
	for len(open) > 1 && closes(t.nodes[open[len(open)-1]].tag) {
		t.nodes[open[len(open)-1]].end = int32(len(t.nodes))
		open = open[:len(open)-1]
	}
	return open
}

func (t *tree) closeTag(open []int32, lt int) (int, []int32) {
	tag, i := tagName(t.src, lt+2)
	end := bytes.IndexByte(t.src[i:], '>')
	if end < 0 {
		return len(t.src), open
	}
	for d := len(open) - 1; d > 0; d-- {
		at := t.nodes[open[d]].tag
		if at == tag {
			for _, e := range open[d:] {
				t.nodes[e].end = int32(len(t.nodes))
			}
			return i + end + 1, open[:d]
		}
		// A stray </p> or </span> must not close the table around it.
		if at == atom.Table && tag != atom.Div && tag != atom.Body && tag != atom.Html || (at == atom.Td || at == atom.Th) && tag != atom.Tr && tag != atom.Table && tag != atom.Tbody && tag != atom.Thead {
			break
		}
	}
	return i + end + 1, open
}

// tagEnd returns the index after the ">" that ends a start tag; quoted values
// may hold one.
func tagEnd(src []byte, i int) int {
	for i < len(src) {
		switch src[i] {
		case '>':
			return i + 1
		case '=':
			i++
			for i < len(src) && isBlank(src[i]) {
				i++
			}
			if i < len(src) && (src[i] == '"' || src[i] == '\'') {
				end := bytes.IndexByte(src[i+1:], src[i])
				if end < 0 {
					return len(src)
				}
				i += end + 2
			}
		default:
			i++
		}
	}
	return len(src)
}

// rawEnd returns where the text of a script-like element ends.
func rawEnd(src []byte, i int, tag atom.Atom) int {
	name := tag.String()
	for i < len(src) {
		lt := bytes.Index(src[i:], []byte("</"))
		if lt < 0 {
			return len(src)
		}
		i += lt
		if len(src)-i-2 >= len(name) && strings.EqualFold(string(src[i+2:i+2+len(name)]), name) {
			return i
		}
		i += 2
	}
	return len(src)
}

// attrs calls f for each attribute of element i with its lower-cased name and
// its raw value, until f returns false. The name is only valid during the call, and f reads no
// other attributes.
func (t *tree) attrs(i int32, f func(name, value []byte) bool) {
	src := t.src[t.nodes[i].from:t.nodes[i].to]
	buf := &t.name
	for p := 0; p < len(src); {
		for p < len(src) && (isBlank(src[p]) || src[p] == '/') {
			p++
		}
		from := p
		for p < len(src) && src[p] != '=' && !isBlank(src[p]) && src[p] != '/' {
			p++
		}
		name := src[from:p]
		for p < len(src) && isBlank(src[p]) {
			p++
		}
		var value []byte
		if p < len(src) && src[p] == '=' {
			p++
			for p < len(src) && isBlank(src[p]) {
				p++
			}
			if p < len(src) && (src[p] == '"' || src[p] == '\'') {
				end := bytes.IndexByte(src[p+1:], src[p])
				if end < 0 {
					end = len(src) - p - 1
				}
				value = src[p+1 : p+1+end]
				p = min(p+end+2, len(src))
			} else {
				from := p
				for p < len(src) && !isBlank(src[p]) {
					p++
				}
				value = src[from:p]
			}
		} else if len(name) == 0 {
			p++
			continue
		}
		if len(name) > 0 && len(name) <= len(buf) {
			for k, c := range name {
				buf[k] = lower(c)
			}
			if !f(buf[:len(name)], value) {
				return
			}
		}
	}
}

// attr returns an attribute of element i, entities undone, and whether it is there.
func (t *tree) attr(i int32, name string) (string, bool) {
	value, found := "", false
	t.attrs(i, func(n, v []byte) bool {
		if string(n) != name {
			return true
		}
		value, found = unescape(v), true
		return false
	})
	return value, found
}

// inside tells whether node i lies in the subtree of element e.
func (t *tree) inside(i, e int32) bool { return i >= e && i < t.nodes[e].end }

func unescape(b []byte) string {
	s := string(b)
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "�")
	}
	return s
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isBlank(c byte) bool {
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
