package sheet

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Several values in one cell are separated by ";" or a new line, the parts of
// one by "|" or "=". A backslash before one of these, before a backslash or
// before a blank takes away its meaning; before anything else it is itself.
const marks = ";\n|=\\"

// splitList separates a cell at unescaped separators and drops empty parts.
// The parts are still escaped.
func splitList(text string) []string {
	var parts []string
	for text != "" {
		var part string
		part, text, _ = cutMark(text, ";\n")
		if part = trim(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// splitParts separates one value at unescaped "|" and takes the escapes out.
func splitParts(text string) []string {
	var parts []string
	for more := true; more; {
		var part string
		part, text, more = cutMark(text, "|")
		parts = append(parts, unescape(part))
	}
	return parts
}

// cutMark cuts around the first unescaped one of marks.
func cutMark(text, marks string) (before, after string, found bool) {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\':
			if escapes(text[i+1:]) {
				i++
			}
		case strings.IndexByte(marks, text[i]) >= 0:
			return text[:i], text[i+1:], true
		}
	}
	return text, "", false
}

func escapes(next string) bool {
	r, _ := utf8.DecodeRuneInString(next)
	return next != "" && (strings.ContainsRune(marks, r) || unicode.IsSpace(r))
}

// trim removes unescaped blanks around text.
func trim(text string) string {
	text = strings.TrimLeftFunc(text, unicode.IsSpace)
	cut := strings.TrimRightFunc(text, unicode.IsSpace)
	slashes := len(cut) - len(strings.TrimRight(cut, `\`))
	if slashes%2 == 1 && len(cut) < len(text) {
		_, size := utf8.DecodeRuneInString(text[len(cut):])
		cut = text[:len(cut)+size]
	}
	return cut
}

// unescape trims a part and takes its escapes out.
func unescape(part string) string {
	part = trim(part)
	if strings.IndexByte(part, '\\') < 0 {
		return part
	}
	var b strings.Builder
	for i := 0; i < len(part); i++ {
		if part[i] == '\\' && escapes(part[i+1:]) {
			i++
		}
		b.WriteByte(part[i])
	}
	return b.String()
}

// escape is the inverse of unescape, also for text that begins or ends blank.
func escape(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	last, size := utf8.DecodeLastRuneInString(text)
	if !strings.ContainsAny(text, marks) && !unicode.IsSpace(first) && !unicode.IsSpace(last) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		edge := i == 0 || i == len(text)-size
		if strings.ContainsRune(marks, r) || edge && unicode.IsSpace(r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// joinParts writes parts so that splitParts gives them back, without the
// empty ones at the end.
func joinParts(parts ...string) string {
	end := len(parts)
	for end > 1 && parts[end-1] == "" {
		end--
	}
	var b strings.Builder
	for i, part := range parts[:end] {
		if i > 0 {
			b.WriteString(" | ")
		}
		b.WriteString(escape(part))
	}
	return b.String()
}

// joinList writes the parts, which are escaped already.
func joinList(parts []string) string { return strings.Join(parts, "\n") }
