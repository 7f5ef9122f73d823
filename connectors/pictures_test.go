package connectors_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/catalog/media"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/connectors/connectortest"
)

type facts struct {
	mu     sync.Mutex
	values map[string]string
	broken bool
}

func (f *facts) Recall(_ context.Context, key string) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken {
		return "", errors.New("no store")
	}
	return f.values[key], nil
}

func (f *facts) Remember(_ context.Context, key, value string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken {
		return errors.New("no store")
	}
	f.values[key] = value
	return nil
}

func TestPicturesAreSentOnceByTheirBytes(t *testing.T) {
	t.Parallel()
	memory := &facts{values: map[string]string{}}
	var sent []string
	var refusal error
	u := connectors.Uploads{
		Env: connectors.Env{Channel: "vn", Logger: slog.New(slog.DiscardHandler), Memory: memory, Media: connectortest.Pictures{Side: 200}},
		Op:  "upload", Key: "image", Limits: media.Limits{Types: []string{"image/jpeg"}, MinSide: 100, GoodSide: 300},
		Send: func(_ context.Context, _ []byte, mediaType string) (string, error) {
			if refusal != nil {
				return "", refusal
			}
			sent = append(sent, mediaType)
			return "P" + string(rune('0'+len(sent))), nil
		},
		Refused: func(error) catalog.Issue {
			return catalog.Issue{Code: "refused", Severity: catalog.SeverityError, Message: catalog.Text{VI: "từ chối", EN: "refused"}}
		},
	}
	put := func(address, hash string, remembered bool) (string, string) {
		t.Helper()
		name, issue, err := u.Put(t.Context(), catalog.OfferImage{URL: address, SHA256: hash}, 2, remembered)
		if err != nil {
			t.Fatal(err)
		}
		if issue == nil {
			return name, ""
		}
		if issue.Field != "images[2]" || issue.Severity != catalog.SeverityWarning {
			t.Errorf("issue %+v", issue)
		}
		return name, issue.Code
	}
	for i, step := range []struct {
		address    string
		remembered bool
		name, code string
		sent       int
	}{
		{"https://a.test/1.png", true, "P1", "image_small", 1}, // used, but it could be larger
		{"https://a.test/1.png", true, "P1", "", 1},
		{"https://a.test/2.png", true, "P2", "image_small", 2},
		{"https://a.test/1.png", false, "P3", "image_small", 3}, // gone there
		{"https://a.test/1.png", true, "P3", "", 3},
		{"https://a.test/3.broken", true, "", "image_broken", 3},
	} {
		if name, code := put(step.address, "", step.remembered); name != step.name || code != step.code || len(sent) != step.sent {
			t.Errorf("step %d: got %q %q, %d sent", i, name, code, len(sent))
		}
	}
	if sent[0] != "image/jpeg" {
		t.Errorf("a PNG was sent as %s, the platform takes JPEG", sent[0])
	}
	for key := range memory.values {
		if hash, ok := strings.CutPrefix(key, "image:"); !ok || len(hash) != 64 {
			t.Errorf("remembered under %q, want the hash of the bytes", key)
		}
	}
	u.Forget(t.Context(), []catalog.OfferImage{{URL: "https://a.test/1.png"}})
	if name, _ := put("https://a.test/1.png", "", true); name != "P4" {
		t.Errorf("forgotten: got %s", name)
	}
	small := u
	small.Limits.MinSide = 201
	if name, issue, err := small.Put(t.Context(), catalog.OfferImage{URL: "https://a.test/4.png"}, 1, true); err != nil || name != "" || issue == nil || issue.Code != "image_small" || len(sent) != 4 {
		t.Errorf("too small: %q %+v %v, %d sent", name, issue, err, len(sent))
	}
	// What the platform refuses is told; what ends the call is an error.
	refusal = &connectors.Error{Kind: connectors.Validation, Op: "upload"}
	if name, code := put("https://a.test/5.png", "", true); name != "" || code != "refused" {
		t.Errorf("refused: %q %q", name, code)
	}
	refusal = &connectors.Error{Kind: connectors.RateLimited, Op: "upload"}
	if _, _, err := u.Put(t.Context(), catalog.OfferImage{URL: "https://a.test/5.png"}, 1, true); connectors.KindOf(err) != connectors.RateLimited {
		t.Errorf("limited: %v", err)
	}
	refusal = nil
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := u.Put(ctx, catalog.OfferImage{URL: "https://a.test/6.png"}, 1, true); connectors.KindOf(err) != connectors.Canceled {
		t.Errorf("canceled: %v", err)
	}
	// Without a memory, and without a place of pictures.
	memory.broken = true
	if name, _ := put("https://a.test/7.png", "", true); name != "P5" {
		t.Errorf("without a memory: %q", name)
	}
	u.Env.Media, u.Env.Memory = nil, nil
	if name, code := put("https://a.test/8.png", "", true); name != "" || code != "image_unreadable" {
		t.Errorf("without pictures: %q %q", name, code)
	}
}
