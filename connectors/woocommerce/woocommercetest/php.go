package woocommercetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// phpArray is PHP's ordered map, as it makes one from a query string. Values
// are strings or *phpArray.
type phpArray struct {
	keys   []string
	values map[string]any
	next   int
}

func newPHPArray() *phpArray { return &phpArray{values: map[string]any{}} }

func (a *phpArray) set(key string, value any) {
	if _, ok := a.values[key]; !ok {
		a.keys = append(a.keys, key)
	}
	a.values[key] = value
	if n, err := strconv.Atoi(key); err == nil && n >= a.next {
		a.next = n + 1
	}
}

// parsePHPQuery reads a query string or form body as PHP's parse_str does:
// "a[0]=x", "a[]=x" and "a[k]=x" make arrays, the last of equal names counts.
func parsePHPQuery(raw string) *phpArray {
	top := newPHPArray()
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, value = phpUnescape(name), phpUnescape(value)
		if name == "" {
			continue
		}
		base, rest := name, ""
		if i := strings.IndexByte(name, '['); i > 0 && strings.Contains(name[i:], "]") {
			base, rest = name[:i], name[i:]
		}
		base = strings.NewReplacer(".", "_", " ", "_").Replace(base)
		at, key := top, base
		for strings.HasPrefix(rest, "[") {
			end := strings.IndexByte(rest, ']')
			if end < 0 {
				break
			}
			inner, ok := at.values[key].(*phpArray)
			if !ok {
				inner = newPHPArray()
				at.set(key, inner)
			}
			at, key, rest = inner, rest[1:end], rest[end+1:]
			if key == "" {
				key = strconv.Itoa(at.next)
			}
		}
		at.set(key, value)
	}
	return top
}

func phpUnescape(s string) string {
	if out, err := url.QueryUnescape(s); err == nil {
		return out
	}
	return s
}

// plain turns the array into what JSON decoding would give: a list when the
// keys are 0, 1, 2, ..., else a map.
func (a *phpArray) plain() any {
	list, isList := make([]any, 0, len(a.keys)), true
	table := make(map[string]any, len(a.keys))
	for i, key := range a.keys {
		value := a.values[key]
		if inner, ok := value.(*phpArray); ok {
			value = inner.plain()
		}
		isList = isList && key == strconv.Itoa(i)
		list = append(list, value)
		table[key] = value
	}
	if isList && len(list) > 0 {
		return list
	}
	return table
}

// encodePHP writes JSON as PHP's json_encode does by default: slashes and
// everything beyond ASCII are escaped, <, > and & are not.
func encodePHP(value any) ([]byte, error) {
	var buf bytes.Buffer
	if err := encodeTo(&buf, value); err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	raw := buf.Bytes()
	out := make([]byte, 0, len(raw)+len(raw)/4)
	const hex = "0123456789abcdef"
	escape := func(u uint16) {
		out = append(out, '\\', 'u', hex[u>>12], hex[u>>8&15], hex[u>>4&15], hex[u&15])
	}
	for i := 0; i < len(raw); {
		c := raw[i]
		switch {
		case c == '/':
			out = append(out, '\\', '/')
			i++
		case c < utf8.RuneSelf:
			out = append(out, c)
			i++
		default:
			r, size := utf8.DecodeRune(raw[i:])
			i += size
			if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
				escape(uint16(hi))
				escape(uint16(lo))
			} else {
				escape(uint16(r))
			}
		}
	}
	return out, nil
}

// encodeTo walks lists and objects itself, because the encoder would check and
// copy what a MarshalJSON returns once more for every level.
func encodeTo(buf *bytes.Buffer, value any) error {
	switch value := value.(type) {
	case object:
		for i, m := range value {
			buf.WriteByte("{,"[min(i, 1)])
			fmt.Fprintf(buf, "%q:", m.name)
			if err := encodeTo(buf, m.value); err != nil {
				return err
			}
		}
		if len(value) == 0 {
			buf.WriteByte('{')
		}
		buf.WriteByte('}')
	case []any:
		for i, item := range value {
			buf.WriteByte("[,"[min(i, 1)])
			if err := encodeTo(buf, item); err != nil {
				return err
			}
		}
		if len(value) == 0 {
			buf.WriteByte('[')
		}
		buf.WriteByte(']')
	default:
		encoder := json.NewEncoder(buf)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil {
			return err
		}
		buf.Truncate(buf.Len() - 1) // the line break
	}
	return nil
}

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON implements [json.Marshaler].
func (o object) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	err := encodeTo(&buf, o)
	return buf.Bytes(), err
}

// pick keeps the named fields of a struct or map, in their own order. Nothing
// left is an empty array, as PHP writes an empty map.
func pick(value any, fields map[string]bool) any {
	v := reflect.Indirect(reflect.ValueOf(value))
	var out object
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if fields[name] && (options != "omitempty" || !v.Field(i).IsZero()) {
				out = append(out, member{name, v.Field(i).Interface()})
			}
		}
	case reflect.Slice:
		if o, ok := value.(object); ok {
			for _, m := range o {
				if fields[m.name] {
					out = append(out, m)
				}
			}
		}
	default:
		return value
	}
	if len(out) == 0 {
		return []any{}
	}
	return out
}
