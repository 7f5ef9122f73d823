package connectors

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
	"golang.org/x/text/unicode/norm"
)

// decoder writes YAML nodes over Go values. It goes on after a mistake, so that
// all of them are told at once, which the library's own decoder cannot do.
type decoder struct {
	*reporter
	dir     string // of the file; file: secrets are relative to it
	environ func(string) (string, bool)
	anchors map[string]ast.Node
	pairs   int                        // mapping entries expanded so far
	where   map[string]*token.Position // of every value of the channel being read, by path
	options bool                       // inside options: expand ${NAME}, quote nothing
	files   []string                   // secret files read
}

// Limits of one file: far above any real one, which has a kilobyte per channel.
// The YAML parser takes time in the square of size and nesting.
const (
	maxConfigSize  = 256 << 10
	maxConfigDepth = 100     // of brackets
	maxConfigPairs = 100_000 // after merging; aliases can multiply
	maxMergeDepth  = 20
	maxSecretSize  = 64 << 10
)

func prefix(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// set writes node over v. Null is as if the key were not there. It tells
// whether anything was written.
func (d *decoder) set(path string, node ast.Node, v reflect.Value, f field) bool {
	if v.Type() == nodeType { // decoded later
		if !isNull(node) {
			d.where[path] = position(node)
			v.Set(reflect.ValueOf(node))
		}
		return true
	}
	node = d.resolve(node)
	if isNull(node) {
		return false
	}
	d.where[path] = position(node)
	wrong := func(want string) bool {
		d.problem(position(node), "%smust be %s", prefix(path), want)
		return true
	}
	switch {
	case v.Type() == secretType:
		d.secret(path, node, v.Addr().Interface().(*Secret))
		return true
	case v.Type() == durationType:
		duration, err := time.ParseDuration(scalarText(node))
		if _, ok := node.(*ast.StringNode); !ok || err != nil || duration < 0 {
			return wrong("a duration such as 30s, 15m or 2h, not negative")
		}
		v.SetInt(int64(duration))
		return true
	case f.percent:
		bp, err := parsePercent(scalarText(node))
		if err != nil {
			return wrong(fmt.Sprintf("a percentage with at most two decimals, such as 5%% or -2.5%% (or use %s_bp: 500)", f.key))
		}
		v.SetInt(bp)
		return true
	}
	switch v.Kind() {
	case reflect.Pointer:
		fresh := reflect.New(v.Type().Elem())
		d.set(path, node, fresh.Elem(), f)
		v.Set(fresh)
	case reflect.Struct:
		d.fields(path, node, v)
	case reflect.Slice:
		list, ok := node.(*ast.SequenceNode)
		if !ok {
			return wrong("a list, written [a, b] or one entry a line after a hyphen")
		}
		out := reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values))
		for i, value := range list.Values {
			at := fmt.Sprintf("%s[%d]", path, i)
			if !d.set(at, value, out.Index(i), f) {
				d.problem(position(value), "%s: must not be empty", at)
			}
		}
		v.Set(out)
	case reflect.Map:
		d.entries(path, node, v, f)
	case reflect.String:
		text, ok := scalar(node)
		if !ok {
			return wrong("a text")
		}
		text = norm.NFC.String(text)
		if d.options {
			text = d.expand(path, position(node), text)
		}
		if len(f.enum) > 0 && !slices.Contains(f.enum, text) {
			return wrong(oneOf(f.enum) + didYouMean(text, f.enum))
		}
		v.SetString(text)
	case reflect.Bool:
		b, ok := node.(*ast.BoolNode)
		if !ok {
			return wrong("true or false")
		}
		v.SetBool(b.Value)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(scalarText(node), 10, 64)
		if _, ok := node.(*ast.IntegerNode); !ok || err != nil || v.OverflowInt(n) || !wholeNumber.MatchString(scalarText(node)) {
			return wrong("a whole number written with digits only, such as 2000")
		}
		v.SetInt(n)
	case reflect.Float64:
		n, err := strconv.ParseFloat(scalarText(node), 64)
		if _, ok := node.(*ast.StringNode); ok || err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return wrong("a number such as 2.5")
		}
		v.SetFloat(n)
	default:
		return wrong("left out: this program cannot read it") // kept away by checkOptions
	}
	return true
}

var wholeNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// fields writes a mapping over a struct.
func (d *decoder) fields(path string, node ast.Node, v reflect.Value) {
	list, ok := d.mapping(path, node, 0)
	if !ok {
		return
	}
	fields := fieldsOf(v.Type())
	var keys []string
	for _, f := range fields {
		keys = append(keys, f.key)
	}
	by := map[int]string{} // struct field -> the key that set it
	for _, p := range list {
		f, known := find(fields, p.key)
		if !known {
			in := ""
			if path != "" {
				in = " in " + path
			}
			if strings.Contains(p.key, ":") { // {key:value}: the value may be a secret
				d.problem(p.at, "a key%s has no value; put a blank after its colon", in)
				continue
			}
			d.problem(p.at, "unknown key %s%s%s", shown(p.key), in, cmp.Or(didYouMean(p.key, keys), didYouMeanBelow(p.key, fields), "; known are "+strings.Join(keys, ", ")))
			continue
		}
		at := join(path, f.key)
		if !d.set(at, p.value, v.Field(f.index), f) {
			continue
		}
		if other, twice := by[f.index]; twice {
			d.problem(p.at, "%s and %s say the same; write one of them", at, other)
		}
		by[f.index] = f.key
	}
	d.require(path, position(node), v, by)
}

// didYouMeanBelow suggests a key of one of the mappings below: the usual cause
// is wrong indentation.
func didYouMeanBelow(key string, fields []field) string {
	for _, f := range fields {
		if !isMapping(f.typ) {
			continue
		}
		for _, g := range fieldsOf(f.typ) {
			if key == g.key || didYouMean(key, []string{g.key}) != "" {
				return fmt.Sprintf("; did you mean %q inside %s?", g.key, f.key)
			}
		}
	}
	return ""
}

// require reports the required keys of a struct that are missing or empty; set
// tells by struct field which were written.
func (d *decoder) require(path string, at *token.Position, v reflect.Value, set map[int]string) {
	for _, f := range fieldsOf(v.Type()) {
		place := d.where[join(path, f.key)]
		switch _, there := set[f.index]; {
		case !f.required:
		case !there:
			d.problem(at, "%smissing key %q: %s", prefix(path), f.key, f.help)
		case v.Field(f.index).IsZero() && !d.complained(place):
			d.problem(place, "%s: must not be empty: %s", join(path, f.key), f.help)
		}
	}
}

// complained tells whether a problem at this place is reported already, so that
// a wrong value is not called empty too.
func (d *decoder) complained(at *token.Position) bool {
	for _, p := range d.problems {
		if at != nil && p.Line == at.Line && p.Column == at.Column {
			return true
		}
	}
	return false
}

// entries writes a mapping over a map with text keys.
func (d *decoder) entries(path string, node ast.Node, v reflect.Value, f field) {
	list, ok := d.mapping(path, node, 0)
	if !ok {
		return
	}
	out := reflect.MakeMapWithSize(v.Type(), len(list))
	for _, p := range list {
		at := join(path, p.key)
		if known := closedSet(v.Type().Key()); known != nil && !slices.Contains(known, p.key) {
			d.problem(p.at, "unknown key %s in %s%s", shown(p.key), path, cmp.Or(didYouMean(p.key, known), "; known are "+strings.Join(known, ", ")))
			continue
		}
		value := reflect.New(v.Type().Elem()).Elem()
		f.enum = closedSet(value.Type())
		// An empty value is an empty text here: "leave this attribute out".
		if !d.set(at, p.value, value, f) && value.Kind() != reflect.String {
			continue
		}
		out.SetMapIndex(reflect.ValueOf(p.key).Convert(v.Type().Key()), value)
	}
	v.Set(out)
}

// closedSet returns the allowed texts of the types that have a closed set, nil
// for all others.
func closedSet(t reflect.Type) (values []string) {
	switch t {
	case reflect.TypeFor[catalog.Facet]():
		for _, facet := range catalog.Facets {
			values = append(values, string(facet))
		}
	case reflect.TypeFor[Policy]():
		values = []string{string(Manage), string(Observe), string(Ignore)}
	case reflect.TypeFor[SourceKind]():
		values = texts(SourceKinds)
	case reflect.TypeFor[pricewatch.Side]():
		values = texts(pricewatch.Sides)
	}
	return values
}

// parsePercent reads "5%", "2.5%" or "-3%" as hundredths of a percent.
func parsePercent(text string) (int64, error) {
	number, ok := strings.CutSuffix(text, "%")
	if !ok || !percentNumber.MatchString(number) {
		return 0, errors.New("not a percentage")
	}
	whole, decimals, _ := strings.Cut(number, ".")
	return strconv.ParseInt(whole+(decimals + "00")[:2], 10, 64)
}

var percentNumber = regexp.MustCompile(`^-?[0-9]{1,6}(\.[0-9]{1,2})?$`)

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]{0,99})\}`)

// expand replaces every ${NAME} of an option's text.
func (d *decoder) expand(path string, at *token.Position, text string) string {
	return variable.ReplaceAllStringFunc(text, func(name string) string {
		name = name[2 : len(name)-1]
		value, ok := d.environ(name)
		if !ok {
			d.problem(at, "%s: environment variable %s is not set; set it before starting, or write the value here", path, name)
		}
		return value
	})
}

// secret resolves ${NAME} and file:path.
func (d *decoder) secret(path string, node ast.Node, out *Secret) {
	at := position(node)
	text, ok := scalar(node)
	if !ok {
		d.problem(at, "%s: must be ${NAME} or file:path", path)
		return
	}
	var value string
	switch name := variable.FindStringSubmatch(text); {
	case name != nil && name[0] == text:
		value, ok = d.environ(name[1])
		switch {
		case !ok:
			d.problem(at, "%s: environment variable %s is not set; set it before starting, or use file:path", path, name[1])
			return
		case value == "":
			d.problem(at, "%s: environment variable %s is empty", path, name[1])
			return
		}
	case strings.HasPrefix(text, "${"):
		d.problem(at, "%s: a secret is either ${NAME} as a whole, file:path, or the value itself", path)
		return
	case strings.HasPrefix(text, "file:"):
		if value, ok = d.secretFile(path, at, strings.TrimPrefix(text, "file:")); !ok {
			return
		}
	case text == "":
		return
	default:
		value = text
		d.warn(at, "%s is written in plain text; ${NAME} or file:path keeps it out of this file", path)
	}
	*out = NewSecret(value)
	d.secrets = append(d.secrets, value)
}

func (d *decoder) secretFile(path string, at *token.Position, name string) (string, bool) {
	full := name
	if !filepath.IsAbs(full) {
		full = filepath.Join(d.dir, full)
	}
	d.files = append(d.files, full)
	info, err := os.Stat(full)
	if err == nil && info.Size() > maxSecretSize {
		err = fmt.Errorf("larger than %d bytes", maxSecretSize)
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(full)
	}
	if err != nil {
		var cause *fs.PathError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		d.problem(at, "%s: cannot read secret file %q: %v; create it with the secret as its only content", path, name, err)
		return "", false
	}
	value := strings.TrimSpace(string(data))
	if value == "" {
		d.problem(at, "%s: secret file %q is empty", path, name)
	}
	return value, true
}
