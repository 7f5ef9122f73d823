package connectors

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog/pricewatch"
)

// OptionsTable is a Markdown table of the options of the platform called name;
// "" when there is no such platform.
func (r *Registry) OptionsTable(name string) string {
	t, ok := r.Type(name)
	if !ok {
		return ""
	}
	return table(t.defaults)
}

// KeysTable is a Markdown table of the keys that the channels of all platforms
// have in connectors.yaml.
func KeysTable() string { return table(reflect.ValueOf(defaultEntry())) }

// SourceKeysTable is a Markdown table of the keys that sources of market prices
// have in connectors.yaml.
func SourceKeysTable() string { return table(reflect.ValueOf(defaultSource())) }

// AlertKeysTable is a Markdown table of the keys under alerts in
// connectors.yaml.
func AlertKeysTable() string { return table(reflect.ValueOf(pricewatch.DefaultAlerts())) }

func table(defaults reflect.Value) string {
	var b strings.Builder
	b.WriteString("| Key | Value | Default | Required | For |\n|---|---|---|---|---|\n")
	rows(&b, "", "", defaults)
	return b.String()
}

// rows flattens mappings; help is what the mapping itself is for.
func rows(b *strings.Builder, path, help string, v reflect.Value) {
	for _, f := range fieldsOf(v.Type()) {
		value, at := v.Field(f.index), join(path, f.key)
		f.help = cmp.Or(f.help, help)
		if isMapping(value.Type()) {
			rows(b, at, f.help, value)
			continue
		}
		if value.Kind() == reflect.Slice && isMapping(value.Type().Elem()) {
			rows(b, at+"[]", f.help, reflect.Zero(value.Type().Elem()))
			continue
		}
		standard, required := "", ""
		if !value.IsZero() && value.Type() != secretType && !f.percent {
			standard = "`" + defaultText(value) + "`"
		}
		if f.required {
			required = "yes"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", at, kindText(value.Type(), f), cell(standard), required, cell(f.help))
	}
}

func isMapping(t reflect.Type) bool { return t.Kind() == reflect.Struct && t != secretType }

func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
}

func defaultText(v reflect.Value) string {
	if v.Type() == durationType {
		return durationText(time.Duration(v.Int()))
	}
	return fmt.Sprint(v.Interface())
}

// durationText is "15m" where [time.Duration.String] says "15m0s".
func durationText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func kindText(t reflect.Type, f field) string {
	switch {
	case f.percent:
		return "percentage"
	case t == secretType:
		return "secret: `${NAME}` or `file:path`"
	case t == durationType:
		return "duration"
	case t == nodeType:
		return "see the platform"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindText(t.Elem(), f)
	case reflect.Slice:
		return "list of " + kindText(t.Elem(), f)
	case reflect.Map:
		return "mapping to " + kindText(t.Elem(), field{enum: closedSet(t.Elem())})
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "whole number"
	case reflect.Float64:
		return "number"
	}
	if len(f.enum) > 0 {
		return "`" + strings.Join(f.enum, "`, `") + "`"
	}
	return "text"
}

// ReplaceBetween puts content between the lines <!-- begin marker --> and
// <!-- end marker --> of doc and leaves everything else as it is. It fails when
// the markers are not there exactly once, in this order.
func ReplaceBetween(doc []byte, marker string, content string) ([]byte, error) {
	begin, end := []byte("<!-- begin "+marker+" -->"), []byte("<!-- end "+marker+" -->")
	if bytes.Count(doc, begin) != 1 || bytes.Count(doc, end) != 1 {
		return nil, fmt.Errorf("want the lines %s and %s once each", begin, end)
	}
	from, to := bytes.Index(doc, begin)+len(begin), bytes.Index(doc, end)
	if to < from {
		return nil, fmt.Errorf("%s comes before %s", end, begin)
	}
	return bytes.Join([][]byte{doc[:from], []byte("\n" + strings.TrimRight(content, "\n") + "\n"), doc[to:]}, nil), nil
}

// CheckGenerated compares the generated file at path with what it should hold;
// with write it is written instead. The error of a stale file says what to run.
func CheckGenerated(path string, content []byte, write bool) error {
	if write {
		return os.WriteFile(path, content, 0o644)
	}
	have, err := os.ReadFile(path)
	if err == nil && !bytes.Equal(have, content) {
		err = fmt.Errorf("%s is stale; go generate ./... writes it", path)
	}
	return err
}
