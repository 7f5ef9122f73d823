package connectors

import (
	"bytes"
	"encoding/json"
	"reflect"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/invopop/jsonschema"
)

// Schema generates the JSON Schema of connectors.yaml for editors, from the
// same tags that decoding reads. It accepts what [Registry.Parse] accepts, save
// for null values and numbers where a text belongs; Parse checks more.
func (r *Registry) Schema() ([]byte, error) {
	channel := schemaOf(reflect.ValueOf(defaultEntry()))
	for _, f := range fieldsOf(reflect.TypeFor[entry]()) {
		s, _ := channel.Properties.Get(f.key)
		switch f.key {
		case "id":
			s.Pattern = channelID.String()
		case "type":
			s.Enum = anys(r.names())
		case "disable":
			s.Items.Enum = anys(Capabilities)
		}
	}
	for _, t := range r.types {
		options := schemaOf(t.defaults)
		options.Description = t.Info.Title
		then := &jsonschema.Schema{Properties: jsonschema.NewProperties()}
		then.Properties.Set("options", options)
		if len(options.Required) > 0 {
			then.Required = []string{"options"}
		}
		is := &jsonschema.Schema{Properties: jsonschema.NewProperties(), Required: []string{"type"}}
		is.Properties.Set("type", &jsonschema.Schema{Const: t.Info.Name})
		channel.AllOf = append(channel.AllOf, &jsonschema.Schema{If: is, Then: then})
	}
	root := &jsonschema.Schema{
		Version:              jsonschema.Version,
		Title:                "connectors.yaml",
		Description:          "the channels of Chợ Phiên",
		Type:                 "object",
		Properties:           jsonschema.NewProperties(),
		PatternProperties:    map[string]*jsonschema.Schema{"^x-": jsonschema.TrueSchema},
		AdditionalProperties: jsonschema.FalseSchema,
		AnyOf:                []*jsonschema.Schema{{Required: []string{"channels"}}, {Required: []string{"sources"}}},
	}
	root.Properties.Set("channels", &jsonschema.Schema{Type: "array", Items: channel})
	root.Properties.Set("sources", &jsonschema.Schema{Type: "array", Items: sourceSchema()})
	root.Properties.Set("alerts", schemaOf(reflect.ValueOf(pricewatch.DefaultAlerts())))
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(root)
	return out.Bytes(), err
}

// sourceSchema describes a source of market prices.
func sourceSchema() *jsonschema.Schema {
	source := schemaOf(reflect.ValueOf(defaultSource()))
	id, _ := source.Properties.Get("id")
	id.Pattern = channelID.String()
	commodity, _ := source.Properties.Get("commodity")
	for _, c := range catalog.Categories() {
		commodity.Enum = append(commodity.Enum, c.Code)
	}
	fields, _ := source.Properties.Get("fields")
	fields.PropertyNames = &jsonschema.Schema{Enum: anys(SourceFields)}
	return source
}

// schemaOf describes a struct; v holds its defaults.
func schemaOf(v reflect.Value) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: jsonschema.NewProperties(), AdditionalProperties: jsonschema.FalseSchema}
	for _, f := range fieldsOf(v.Type()) {
		property := schemaOfValue(v.Field(f.index), f)
		property.Description = f.help
		s.Properties.Set(f.key, property)
		if f.required {
			s.Required = append(s.Required, f.key)
		}
	}
	return s
}

func schemaOfValue(v reflect.Value, f field) *jsonschema.Schema {
	t := v.Type()
	switch {
	case f.percent:
		return &jsonschema.Schema{Type: "string", Pattern: `^-?[0-9]{1,6}(\.[0-9]{1,2})?%$`, Examples: []any{"5%"}}
	case t == secretType:
		return &jsonschema.Schema{Type: "string", Examples: []any{"${NAME}", "file:path"}}
	case t == durationType:
		s := &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`, Examples: []any{"15m"}}
		if !v.IsZero() {
			s.Default = durationText(time.Duration(v.Int()))
		}
		return s
	case t == nodeType:
		return &jsonschema.Schema{Type: "object"}
	}
	var s *jsonschema.Schema
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOfValue(reflect.Zero(t.Elem()), f)
	case reflect.Struct:
		return schemaOf(v)
	case reflect.Slice:
		return &jsonschema.Schema{Type: "array", Items: schemaOfValue(reflect.Zero(t.Elem()), field{enum: f.enum})}
	case reflect.Map:
		s = &jsonschema.Schema{Type: "object", AdditionalProperties: schemaOfValue(reflect.Zero(t.Elem()), field{enum: closedSet(t.Elem())})}
		if known := closedSet(t.Key()); known != nil {
			s.PropertyNames = &jsonschema.Schema{Enum: anys(known)}
		}
		return s
	case reflect.Bool:
		s = &jsonschema.Schema{Type: "boolean"}
	case reflect.Int, reflect.Int64:
		s = &jsonschema.Schema{Type: "integer"}
	case reflect.Float64:
		s = &jsonschema.Schema{Type: "number"}
	default:
		s = &jsonschema.Schema{Type: "string", Enum: anys(f.enum)}
	}
	if !v.IsZero() {
		s.Default = v.Interface()
	}
	return s
}

func anys(list []string) []any {
	var out []any
	for _, text := range list {
		out = append(out, text)
	}
	return out
}
