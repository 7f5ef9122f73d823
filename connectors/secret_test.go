package connectors

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestSecretIsNeverShown(t *testing.T) {
	t.Parallel()
	const value = "cs_planted"
	type options struct {
		Key    Secret
		hidden Secret
	}
	o := options{NewSecret(value), NewSecret(value)}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		for _, v := range []any{o, &o, o.Key, &o.Key, []Secret{o.Key}, map[string]Secret{"k": o.Key}, struct{ o options }{o}} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	log := slog.New(slog.NewJSONHandler(&out, nil))
	log.Info("opened", "options", o, "key", o.Key)
	for _, marshal := range []func(any) ([]byte, error){json.Marshal, xml.Marshal, yaml.Marshal} {
		data, err := marshal(options{Key: o.Key})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(data)
		if !bytes.Contains(data, []byte(redacted)) {
			t.Errorf("no placeholder in %s", data)
		}
	}
	for _, leak := range []string{value, fmt.Sprintf("%x", value), fmt.Sprintf("%q", value)} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("shown as %s in:\n%s", leak, out.String())
		}
	}
	if o.Key.Reveal() != value || !o.Key.Equal(o.hidden) || o.Key.Equal(NewSecret("other")) || o.Key.IsZero() {
		t.Error("the secret does not hold its value")
	}
	if none := NewSecret(""); !none.IsZero() || none.String() != "" || none.Reveal() != "" {
		t.Error("an empty secret is not the zero one")
	}
}
