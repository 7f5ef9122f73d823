package connectors

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// YAML writes the entry of connectors.yaml: only what differs from the
// defaults, one key a line, in the order of the documentation.
func (c SourceConfig) YAML() string {
	var b strings.Builder
	v, standard := reflect.ValueOf(c), reflect.ValueOf(defaultSource())
	for i, f := range fieldsOf(v.Type()) {
		value := v.Field(f.index)
		if value.IsZero() || i > 1 && reflect.DeepEqual(value.Interface(), standard.Field(f.index).Interface()) {
			continue
		}
		lead := "  "
		if b.Len() == 0 {
			lead = "- "
		}
		text := ""
		switch value.Kind() {
		case reflect.Map:
			text = "{" + strings.Join(flowPairs(value), ", ") + "}"
		case reflect.Slice:
			var items []string
			for k := range value.Len() {
				items = append(items, flowText(value.Index(k).String()))
			}
			text = "[" + strings.Join(items, ", ") + "]"
		case reflect.Bool:
			text = strconv.FormatBool(value.Bool())
		case reflect.String:
			text = scalarYAML(value.String())
		default:
			text = defaultText(value)
		}
		fmt.Fprintf(&b, "%s%s: %s\n", lead, f.key, text)
	}
	return b.String()
}

func flowPairs(m reflect.Value) (pairs []string) {
	for _, key := range SourceFields {
		if value := m.MapIndex(reflect.ValueOf(key)); value.IsValid() {
			pairs = append(pairs, key+": "+flowText(value.String()))
		}
	}
	return pairs
}

// flowText quotes a text inside brackets.
func flowText(text string) string { return strconv.QuoteToGraphic(text) }

// scalarYAML writes a text so that it is read as that text.
func scalarYAML(text string) string {
	out, err := yaml.Marshal(text)
	plain := strings.TrimSuffix(string(out), "\n")
	if err != nil || strings.ContainsAny(plain, "\n") || strings.Contains(plain, " #") {
		return strconv.QuoteToGraphic(text)
	}
	return plain
}

var (
	sourcesKey = regexp.MustCompile(`^sources:[ \t]*(\[[ \t]*\]|null|~)?[ \t]*(#.*)?$`)
	listItem   = regexp.MustCompile(`^([ \t]*)- `)
)

// AppendSource writes an entry behind the last source of data, the content of
// a connectors.yaml, and leaves every other byte as it is. It fails when the
// list of sources is written inside brackets.
func AppendSource(data []byte, c SourceConfig) ([]byte, error) {
	newline := "\n"
	if bytes.Contains(data, []byte("\r\n")) {
		newline = "\r\n"
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	text := func(i int) string { return strings.TrimRight(string(lines[i]), "\r\n") }
	entry := func(indent string) []byte {
		var b strings.Builder
		for line := range strings.Lines(c.YAML()) {
			b.WriteString(indent + strings.TrimSuffix(line, "\n") + newline)
		}
		return []byte(b.String())
	}
	key := slices.IndexFunc(lines, func(line []byte) bool { return bytes.HasPrefix(line, []byte("sources:")) })
	if key < 0 {
		out := bytes.Clone(data)
		if len(out) > 0 && !bytes.HasSuffix(out, []byte("\n")) {
			out = append(out, newline...)
		}
		if len(bytes.TrimSpace(out)) > 0 {
			out = append(out, newline...)
		}
		return append(append(out, "sources:"+newline...), entry("  ")...), nil
	}
	m := sourcesKey.FindStringSubmatch(text(key))
	if m == nil {
		return nil, errors.New("the key sources is not a list with an entry after each hyphen; add the entry by hand")
	}
	end, indent := key+1, "  " // where the list ends, blank lines and remarks behind it left out
	for i := key + 1; i < len(lines); i++ {
		line := text(i)
		bare := strings.TrimSpace(line)
		if bare == "" || strings.HasPrefix(bare, "#") {
			continue
		}
		if line[0] != ' ' && line[0] != '\t' && line[0] != '-' {
			break
		}
		if item := listItem.FindStringSubmatch(line); item != nil && end == key+1 {
			indent = item[1]
		}
		end = i + 1
	}
	var out []byte
	for i, line := range lines {
		if i == end {
			out = append(out, entry(indent)...)
		}
		if i == key && m[1] != "" { // [] makes room for the entry
			out = append(out, "sources:"...)
			if m[2] != "" {
				out = append(out, " "+m[2]...)
			}
			line = line[len(text(i)):]
		}
		out = append(out, line...)
		if i == end-1 && !bytes.HasSuffix(line, []byte("\n")) {
			out = append(out, newline...)
		}
	}
	if end == len(lines) {
		out = append(out, entry(indent)...)
	}
	return out, nil
}
