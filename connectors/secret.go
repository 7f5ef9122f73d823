package connectors

import (
	"crypto/subtle"
	"log/slog"
)

// Secret is an option that must never be seen: a key, a password, a webhook
// secret. In connectors.yaml it is written as ${NAME} for an environment
// variable or file:path for a file (relative to connectors.yaml, surrounding
// white space cut), and decoding replaces it by what it stands for. Printing,
// logging and marshaling give a placeholder; [Secret.Reveal] gives the value.
// The zero value is "not set".
type Secret struct {
	// A pointer, because fmt prints the fields of unexported struct fields
	// without asking their methods; of a pointer it shows the address only.
	value *string
}

const redacted = "[redacted]"

// NewSecret makes a secret from its value; "" gives the zero Secret.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{&value}
}

// Reveal returns the value, "" when it is not set. Call it only where the
// value goes into a request or a signature.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero tells that the secret is not set.
func (s Secret) IsZero() bool { return s.value == nil }

// Equal compares two secrets by value, in constant time for equal lengths.
func (s Secret) Equal(t Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(t.Reveal())) == 1
}

// String redacts; it is "" when the secret is not set.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// GoString redacts, for %#v.
func (s Secret) GoString() string { return "connectors.Secret(" + s.String() + ")" }

// LogValue redacts, for slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText redacts, for JSON, YAML, XML and whatever else asks for text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
