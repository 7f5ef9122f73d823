package connectors

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/pricewatch"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Config is connectors.yaml, decoded and validated.
type Config struct {
	Path string
	// Channels are in the order of the file. Their IDs differ.
	Channels []ChannelConfig
	// Sources of market prices are in the order of the file. Their IDs differ.
	Sources []SourceConfig
	// Alerts are the rules of alerts and how they are told.
	Alerts pricewatch.AlertSettings
	// Warnings say what is accepted but should not stay so, each in the form
	// of a [Problem].
	Warnings []string

	digest string   // of the file and all secrets; equal = nothing changed
	files  []string // secret files read
}

// entry is one channel as it is written.
type entry struct {
	ID        catalog.ChannelID        `yaml:"id" required:"true" help:"name of the channel, never changed: lower-case letters, digits and hyphens, at most 40"`
	Type      string                   `yaml:"type" required:"true" help:"the platform"`
	Name      string                   `yaml:"name" help:"what people call it; the id when empty"`
	Options   ast.Node                 `yaml:"options" help:"the platform's own settings"`
	Rules     catalog.Rules            `yaml:"rules" help:"how products are shown here"`
	Policy    map[catalog.Facet]Policy `yaml:"policy" help:"what to do when somebody changed a facet on the platform: manage (write ours again), observe (report it) or ignore"`
	Schedule  Schedule                 `yaml:"schedule" help:"cron expressions with five fields, Vietnamese time; an empty one runs only when asked"`
	Freshness time.Duration            `yaml:"freshness" help:"how old the last reading of orders may be when stock is raised"`
	Settle    *time.Duration           `yaml:"settle" help:"how long a create whose answer was lost may still show up on the platform; until then it is looked for and not made again; the platform's own time when left out"`
	AutoApply bool                     `yaml:"auto_apply" help:"whether the schedule applies plans that no guard holds"`
	Paused    bool                     `yaml:"paused" help:"whether the channel is neither read nor written"`
	Disable   []string                 `yaml:"disable" help:"capabilities that shall not be used"`
}

// defaultEntry is what decoding writes over.
func defaultEntry() entry {
	return entry{
		Rules:     catalog.Rules{Language: "vi", Currency: "VND"},
		Schedule:  Schedule{Orders: "*/5 * * * *", Publish: "*/10 * * * *", Observe: "0 3 * * *", Categories: "30 2 * * 0"},
		Freshness: 15 * time.Minute,
		AutoApply: true,
	}
}

// Load reads and decodes the file at path with the environment of the process.
func (r *Registry) Load(path string) (*Config, error) {
	data, err := readConfig(path)
	if err != nil {
		return nil, err
	}
	return r.Parse(path, data, os.LookupEnv)
}

func readConfig(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxConfigSize+1))
	if err != nil {
		return nil, fmt.Errorf("read the configuration: %w", err)
	}
	return data, nil
}

// Parse decodes data, the content of the file called name. All mistakes are
// reported at once: the error is [Problems]. Secrets in files are looked for
// beside name, and environ (never nil) gives the environment. Nothing of the
// raw text is expanded, only decoded values.
func (r *Registry) Parse(name string, data []byte, environ func(string) (string, bool)) (*Config, error) {
	d := &decoder{
		reporter: &reporter{file: name},
		dir:      filepath.Dir(name),
		environ:  environ,
		anchors:  map[string]ast.Node{},
	}
	config := &Config{Path: name, Alerts: pricewatch.DefaultAlerts()}
	if root := d.parse(data); root != nil {
		config.Channels, config.Sources = r.entries(d, root, &config.Alerts)
	}
	d.redact()
	if len(d.problems) > 0 {
		return nil, d.problems
	}
	for _, warning := range d.warnings {
		config.Warnings = append(config.Warnings, warning.Error())
	}
	digest := sha256.New()
	digest.Write(data)
	for _, channel := range config.Channels {
		io.WriteString(digest, channel.Hash)
	}
	for _, source := range config.Sources {
		io.WriteString(digest, source.Hash)
	}
	config.digest = hex.EncodeToString(digest.Sum(nil))
	config.files = d.files
	return config, nil
}

// parse returns the root node, or nil after reporting why there is none.
func (d *decoder) parse(data []byte) ast.Node {
	if len(data) > maxConfigSize {
		d.problem(nil, "larger than %d bytes; this is not a list of channels", maxConfigSize)
		return nil
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		d.problem(badEncoding(data), "not UTF-8 text; save the file with the encoding UTF-8")
		return nil
	}
	if at := tooDeep(data); at != nil {
		d.problem(at, "more than %d brackets inside each other; this is not a list of channels", maxConfigDepth)
		return nil
	}
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		d.syntax(err)
		return nil
	}
	var root ast.Node
	for _, document := range file.Docs {
		switch {
		case isNull(document.Body):
		case root != nil:
			d.problem(position(document.Body), "a second document after ---; put all channels into one")
			return nil
		default:
			root = document.Body
		}
	}
	if root == nil {
		d.problem(nil, "the file is empty; it needs a list under the key channels")
	}
	return root
}

func badEncoding(data []byte) *token.Position {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == 0 || r == utf8.RuneError && size == 1 {
			return place(data, i)
		}
		i += size
	}
	return nil
}

// tooDeep finds brackets nested beyond reason. It does not look whether they
// are inside a text; nobody opens a hundred more than they close there either.
func tooDeep(data []byte) *token.Position {
	depth := 0
	for i, c := range data {
		switch c {
		case '[', '{':
			if depth++; depth > maxConfigDepth {
				return place(data, i)
			}
		case ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return nil
}

// place counts lines and characters up to data[i].
func place(data []byte, i int) *token.Position {
	line := bytes.LastIndexByte(data[:i], '\n') + 1
	return &token.Position{Line: bytes.Count(data[:i], []byte("\n")) + 1, Column: utf8.RuneCount(data[line:i]) + 1}
}

var quoted = regexp.MustCompile(`"[^"]{3,}"`)

// syntax reports what the YAML parser refuses, without the lines around it,
// which the library would quote.
func (d *decoder) syntax(err error) {
	var located yaml.Error
	if !errors.As(err, &located) || located.GetToken() == nil {
		d.problem(nil, "not YAML")
		return
	}
	message := quoted.ReplaceAllString(located.GetMessage(), "text")
	hint := ""
	switch {
	case strings.Contains(message, "\t"):
		message, hint = "a tab cannot indent", "; use blanks"
	case strings.Contains(message, "',' or '}'"):
		hint = `; inside { } write "${NAME}" with quotes`
	case strings.Contains(message, "is not allowed in this context"):
		hint = "; check the indentation, and quote a text that has a colon"
	case strings.Contains(message, "reserved character"):
		hint = "; quote the text"
	}
	d.problem(located.GetToken().Position, "not YAML: %s%s", message, hint)
}

// entries decodes the lists under the keys channels and sources, and alerts.
func (r *Registry) entries(d *decoder, root ast.Node, alerts *pricewatch.AlertSettings) (channels []ChannelConfig, sources []SourceConfig) {
	if _, ok := root.(*ast.MappingNode); !ok {
		d.problem(position(root), "not a list of channels; the file starts with channels: and an entry a line after a hyphen")
		return nil, nil
	}
	d.collect(root)
	top, _ := d.mapping("", root, 0)
	found := false
	var places []map[string]*token.Position
	var rules ast.Node
	for _, p := range top {
		switch {
		case strings.HasPrefix(p.key, "x-"): // room for anchors
		case p.key == "alerts":
			rules = p.value
		case p.key != "channels" && p.key != "sources":
			d.problem(p.at, "unknown key %s%s", shown(p.key), cmp.Or(didYouMean(p.key, []string{"channels", "sources", "alerts"}), "; known are channels, sources and alerts (and x-... for anchors)"))
		default:
			found = true
			list, ok := d.resolve(p.value).(*ast.SequenceNode)
			if !ok {
				if !isNull(p.value) {
					d.problem(p.at, "%s: must be a list, one entry after each hyphen", p.key)
				}
				continue
			}
			if p.key == "sources" {
				sources = r.sources(d, list)
				continue
			}
			for i, node := range list.Values {
				channels = append(channels, r.channel(d, i, node))
				places = append(places, d.where)
			}
		}
	}
	d.channel = ""
	if rules != nil {
		d.alerts(rules, alerts, sources)
	}
	if !found && len(d.problems) == 0 {
		d.problem(nil, "no key channels; it starts the list")
	} else if len(channels) == 0 && len(sources) == 0 && len(d.problems) == 0 {
		d.warn(nil, "no channels yet")
	}
	lines := map[catalog.ChannelID]int{}
	for i, channel := range channels {
		d.channel = string(channel.ID)
		at := places[i]["id"]
		if line, twice := lines[channel.ID]; twice {
			d.problem(at, "id: used twice; the first is in line %d", line)
		} else if at != nil && channel.ID != "" {
			lines[channel.ID] = at.Line
		}
	}
	for i, channel := range channels {
		on := channel.Rules.Stock.LastUnitsOn
		if _, known := lines[on]; on != "" && !known {
			d.channel = string(channel.ID)
			d.problem(places[i]["rules.stock.last_units_on"], "rules.stock.last_units_on: no channel has the id %s%s", shown(string(on)), didYouMean(string(on), texts(slices.Sorted(maps.Keys(lines)))))
		}
	}
	return channels, sources
}

var channelID = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// channel decodes and checks one entry, and leaves in d where its values stand.
func (r *Registry) channel(d *decoder, i int, node ast.Node) (config ChannelConfig) {
	d.channel = fmt.Sprintf("#%d", i+1)
	d.where = map[string]*token.Position{}
	at := position(node)
	if node = d.resolve(node); isNull(node) {
		d.problem(at, "the entry is empty")
		return config
	}
	if id := r.idOf(node); channelID.MatchString(id) {
		d.channel = id
	}
	d.where[""] = position(node)
	e := defaultEntry()
	d.set("", node, reflect.ValueOf(&e).Elem(), field{})
	config = ChannelConfig{
		ID: e.ID, Type: e.Type, Name: cmp.Or(e.Name, string(e.ID)),
		Rules: e.Rules, Policies: e.Policy, Schedule: e.Schedule, Freshness: e.Freshness, Settle: e.Settle,
		AutoApply: e.AutoApply, Paused: e.Paused, Disable: e.Disable,
	}
	if e.ID != "" && !channelID.MatchString(string(e.ID)) {
		d.problem(d.where["id"], "id: %s is not a channel id; use lower-case letters, digits and hyphens inside, at most 40", shown(string(e.ID)))
	}
	config.Options = r.decodeOptions(d, e)
	r.check(d, config)
	config.Hash = hashOf(config)
	return config
}

// idOf looks ahead, so that every problem of the entry names the channel.
func (r *Registry) idOf(node ast.Node) string {
	if m, ok := node.(*ast.MappingNode); ok {
		for _, value := range m.Values {
			if keyText(value.Key) == "id" {
				return scalarText(value.Value)
			}
		}
	}
	return ""
}

func (r *Registry) decodeOptions(d *decoder, e entry) any {
	t, ok := r.Type(e.Type)
	if !ok {
		if e.Type != "" {
			d.problem(d.where["type"], "type: unknown platform %s; known are %s%s", shown(e.Type), strings.Join(r.names(), ", "), didYouMean(e.Type, r.names()))
		}
		return nil
	}
	options := t.fresh()
	before := len(d.problems)
	d.options = true
	v := reflect.ValueOf(options).Elem()
	if e.Options == nil || !d.set("options", e.Options, v, field{}) {
		d.where["options"] = d.where[""]
		d.require("options", d.where[""], v, nil)
	}
	d.options = false
	if t.validate != nil && len(d.problems) == before {
		for _, err := range split(t.validate(options)) {
			d.problem(d.where["options"], "options: %s", err)
		}
	}
	return options
}

// split takes joined errors apart.
func split(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

func texts[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}
