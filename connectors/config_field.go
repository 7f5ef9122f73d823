package connectors

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

var (
	secretType   = reflect.TypeFor[Secret]()
	durationType = reflect.TypeFor[time.Duration]()
	nodeType     = reflect.TypeFor[ast.Node]()
)

// field is one key of connectors.yaml, read from the tags of a struct field:
// decoding, schema and documentation all come from here.
type field struct {
	index    int
	key      string
	help     string
	required bool
	enum     []string // nil = any text
	// percent marks the readable twin of a field in hundredths of a percent:
	// markup_bp: 250 may be written markup: 2.5%.
	percent bool
	typ     reflect.Type
}

func fieldsOf(t reflect.Type) []field {
	var fields []field
	for i := range t.NumField() {
		sf := t.Field(i)
		key, _, _ := strings.Cut(sf.Tag.Get("yaml"), ",")
		if !sf.IsExported() || key == "" || key == "-" {
			continue
		}
		f := field{index: i, key: key, help: sf.Tag.Get("help"), required: sf.Tag.Get("required") == "true", typ: sf.Type, enum: closedSet(sf.Type)}
		if enum := sf.Tag.Get("enum"); enum != "" {
			f.enum = strings.Split(enum, ",")
		}
		if name, ok := strings.CutSuffix(key, "_bp"); ok {
			twin := f
			twin.key, twin.percent = name, true
			twin.help = strings.Replace(strings.Replace(f.help, "500 = 5 %", "5%", 1), " in hundredths of a percent", " as a percentage", 1)
			fields = append(fields, twin)
		}
		fields = append(fields, f)
	}
	return fields
}

func find(fields []field, key string) (field, bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.key == key })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

// checkOptions tells what of an option struct the decoder cannot serve.
func checkOptions(t reflect.Type) (problems []string) {
	if t == nil || t.Kind() != reflect.Struct {
		return []string{fmt.Sprintf("options are %v, must be a struct", t)}
	}
	for i := range t.NumField() {
		sf := t.Field(i)
		if !sf.IsExported() {
			continue
		}
		key, _, _ := strings.Cut(sf.Tag.Get("yaml"), ",")
		if key == "" || sf.Tag.Get("help") == "" {
			problems = append(problems, fmt.Sprintf("option %s has no yaml or no help tag", sf.Name))
			continue
		}
		problems = append(problems, checkKind(sf.Name, sf.Type)...)
	}
	return problems
}

func checkKind(name string, t reflect.Type) []string {
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int, reflect.Int64, reflect.Float64:
		return nil
	case reflect.Pointer, reflect.Slice:
		return checkKind(name, t.Elem())
	case reflect.Map:
		if t.Key().Kind() == reflect.String {
			return checkKind(name, t.Elem())
		}
	case reflect.Struct:
		if t == secretType {
			return nil
		}
		return checkOptions(t)
	}
	return []string{fmt.Sprintf("option %s has the type %v, which cannot be read from YAML", name, t)}
}
