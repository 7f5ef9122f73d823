package connectors

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// Type is a platform: what it is, its options with their defaults, and how one
// of its accounts is opened. It is made by [Define] and handed to the core in a
// [Registry] by cmd; nothing registers itself.
type Type struct {
	Info Info

	defaults reflect.Value   // the option struct
	fresh    func() any      // pointer to a copy of the defaults
	validate func(any) error // nil when the options have no Validate
	open     func(Env, any) (Connector, error)
}

// Define makes a platform of its description, the defaults of its options and
// the function that opens an account. O is a struct declared once for
// everything (decoding, JSON Schema, documentation). Its exported fields carry
//
//	yaml:"key"         the key in connectors.yaml
//	help:"..."         what it is for, without a full stop
//	required:"true"    must be there and not empty
//	enum:"a,b"         the texts it may have (string fields)
//
// and are strings, booleans, integers, floats, [time.Duration], [Secret], or
// structs, pointers, lists and maps of these. A method Validate() error on *O
// checks what tags cannot say; it may join several errors and need not fear
// quoting secrets. ${NAME} in a string is replaced by the environment variable.
//
// open is called once per channel with its own copy of the options, and makes
// no call to the platform.
func Define[O any](info Info, defaults O, open func(Env, *O) (Connector, error)) Type {
	t := Type{
		Info:     info,
		defaults: reflect.ValueOf(defaults),
		fresh:    func() any { fresh := defaults; return &fresh },
	}
	if _, ok := any(new(O)).(validator); ok {
		t.validate = func(options any) error { return options.(validator).Validate() }
	}
	if open != nil {
		t.open = func(env Env, options any) (Connector, error) {
			given, ok := options.(*O)
			if !ok || given == nil {
				return nil, fmt.Errorf("options are %T, want %T", options, given)
			}
			own := *given
			return open(env, &own)
		}
	}
	return t
}

type validator interface{ Validate() error }

// Registry is the list of platforms that this program knows, and what reads
// connectors.yaml. It is not changed after its fields are set, and then safe
// for concurrent use.
type Registry struct {
	// ValidateCron checks the cron expressions of connectors.yaml; nil = they
	// are not checked.
	ValidateCron func(expression string) error
	// ValidateSource checks selectors and paths of market sources; nil = they
	// are not checked. It may join several errors, each beginning with the key.
	ValidateSource func(SourceConfig) error

	types []Type
}

// NewRegistry makes a registry of platforms. It refuses two with one name and
// options that cannot be decoded, naming all of them.
func NewRegistry(types ...Type) (*Registry, error) {
	var problems []error
	seen := map[string]bool{}
	for _, t := range types {
		name := t.Info.Name
		if !platformName.MatchString(name) {
			problems = append(problems, fmt.Errorf("platform %q: name must be lower-case letters and digits", name))
		}
		if seen[name] {
			problems = append(problems, fmt.Errorf("platform %s is registered twice", name))
		}
		seen[name] = true
		if t.open == nil {
			problems = append(problems, fmt.Errorf("platform %s: no function to open it", name))
			continue
		}
		for _, message := range checkOptions(t.defaults.Type()) {
			problems = append(problems, fmt.Errorf("platform %s: %s", name, message))
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return &Registry{types: slices.Clone(types)}, nil
}

var platformName = regexp.MustCompile(`^[a-z][a-z0-9]*$`)

// Types returns the platforms in the order given.
func (r *Registry) Types() []Type { return slices.Clone(r.types) }

// Type returns the platform called name.
func (r *Registry) Type(name string) (Type, bool) {
	for _, t := range r.types {
		if t.Info.Name == name {
			return t, true
		}
	}
	return Type{}, false
}

func (r *Registry) names() []string {
	var names []string
	for _, t := range r.types {
		names = append(names, t.Info.Name)
	}
	return names
}

// OpenDeps is what a channel is opened with.
type OpenDeps struct {
	Transport http.RoundTripper // nil = the client's own
	Logger    *slog.Logger      // nil = discard
	Tokens    TokenStore
	Memory    Memory
	Media     Media
	Observe   func(CallStats) // told every call; nil = nobody is
}

// Open opens one channel. It makes no call to the platform. Its errors name
// the channel; what they wrap is the connector's.
func (r *Registry) Open(config ChannelConfig, deps OpenDeps) (*Channel, error) {
	fail := func(err error) (*Channel, error) {
		return nil, fmt.Errorf("channel %s: open %s: %w", config.ID, config.Type, err)
	}
	t, ok := r.Type(config.Type)
	if !ok {
		return fail(fmt.Errorf("unknown platform; known are %s", strings.Join(r.names(), ", ")))
	}
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	logger := deps.Logger.With("channel", string(config.ID))
	var client *Client
	again := false
	connector, err := t.open(Env{
		Channel: config.ID,
		Logger:  logger,
		Client: func(protocol Protocol) *Client {
			if client != nil {
				again = true
				return client
			}
			client = NewClient(config.ID, protocol, ClientDeps{
				Transport: deps.Transport, Tokens: deps.Tokens, Logger: logger, Observe: deps.Observe,
			})
			return client
		},
		Tokens: deps.Tokens,
		Memory: deps.Memory,
		Media:  deps.Media,
	}, config.Options)
	switch {
	case err != nil:
		return fail(err)
	case again:
		return fail(errors.New("the connector asked for a second client; an account has one, so that it is paced as a whole"))
	case connector == nil:
		return fail(errors.New("the connector is nil"))
	}
	channel := NewChannel(config, t.Info, connector, client)
	channel.Tokens = deps.Tokens
	return channel, nil
}
