package connectors_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
)

// recordStore is the part of a store that keeps records. failing, when set, is
// asked before every write.
type recordStore struct {
	catalog.Store
	mu      sync.Mutex
	records map[string]catalog.Record
	failing func() error
}

func (s *recordStore) Records(_ context.Context, q catalog.RecordQuery) ([]catalog.Record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []catalog.Record
	for _, id := range q.IDs {
		if r, ok := s.records[string(q.Kind)+"/"+id]; ok {
			found = append(found, r)
		}
	}
	return found, nil
}

func (s *recordStore) PutRecord(ctx context.Context, r catalog.Record) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failing != nil {
		if err := s.failing(); err != nil {
			return err
		}
	}
	key := string(r.Kind) + "/" + r.ID
	if s.records[key].Revision != r.Revision {
		return catalog.ErrConflict
	}
	r.Revision++
	if s.records == nil {
		s.records = map[string]catalog.Record{}
	}
	s.records[key] = r
	return nil
}

// turned is a sealer that anyone could open, but that hides the plain text.
type turned struct{}

func (turned) Seal(plain, context []byte) ([]byte, error) {
	sealed := append(append([]byte{}, context...), '|')
	for _, b := range plain {
		sealed = append(sealed, b^0xff)
	}
	return sealed, nil
}

func (turned) Open(sealed, context []byte) ([]byte, error) {
	body, ok := bytes.CutPrefix(sealed, append(append([]byte{}, context...), '|'))
	if !ok {
		return nil, errors.New("sealed for another place")
	}
	plain := make([]byte, len(body))
	for i, b := range body {
		plain[i] = b ^ 0xff
	}
	return plain, nil
}

// tokenStores are the implementations of TokenStore; a second one on the same
// state stands for another process.
func tokenStores() map[string]func() (first, second connectors.TokenStore) {
	return map[string]func() (connectors.TokenStore, connectors.TokenStore){
		"memory": func() (connectors.TokenStore, connectors.TokenStore) {
			m := &connectors.MemoryTokens{}
			return m, m
		},
		"stored": func() (connectors.TokenStore, connectors.TokenStore) {
			store := &recordStore{}
			return connectors.NewTokenStore(store, "vn-main", turned{}), connectors.NewTokenStore(store, "vn-main", turned{})
		},
	}
}

func set(t *testing.T, s connectors.TokenStore, old, token connectors.Token) {
	t.Helper()
	_, err := s.Replace(t.Context(), old, func(context.Context, connectors.Token) (connectors.Token, error) { return token, nil })
	if err != nil {
		t.Fatal(err)
	}
}

func TestTokenStores(t *testing.T) {
	t.Parallel()
	for name, open := range tokenStores() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := open()
			if token, err := first.Token(t.Context()); err != nil || token.AccessToken != "" {
				t.Errorf("at first: got %q, %v", token.AccessToken, err)
			}
			want := connectors.Token{AccessToken: "one", RefreshToken: "r", ExpiresAt: time.Unix(1e9, 0).UTC(), Account: "shop-1", Extra: map[string]string{"a": "b"}}
			set(t, first, connectors.Token{}, want)
			got, err := second.Token(t.Context())
			want.AccessSince = got.AccessSince // the store's
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("stored (-want +got):\n%s%v", diff, err)
			}
			// Someone who still holds the token before gets the stored one.
			got, err = second.Replace(t.Context(), connectors.Token{}, func(context.Context, connectors.Token) (connectors.Token, error) {
				t.Error("refreshed a token that was replaced already")
				return connectors.Token{}, nil
			})
			if got.AccessToken != "one" || err != nil {
				t.Errorf("late: got %q, %v", got.AccessToken, err)
			}
			// A refresh that fails leaves the token and lets the next one try.
			_, err = first.Replace(t.Context(), want, func(context.Context, connectors.Token) (connectors.Token, error) {
				return connectors.Token{}, connectors.Auth
			})
			if !errors.Is(err, connectors.Auth) {
				t.Errorf("failed refresh: got %v", err)
			}
			set(t, second, want, connectors.Token{AccessToken: "two"})
			if got, _ := first.Token(t.Context()); got.AccessToken != "two" {
				t.Errorf("after all: got %q", got.AccessToken)
			}
		})
	}
}

// While one replaces the token nobody else does, in this process or another.
func TestTokenStoresAreExclusive(t *testing.T) {
	t.Parallel()
	for name, open := range tokenStores() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first, second := open()
				var running, refreshes atomic.Int64
				var all sync.WaitGroup
				for i := range 20 {
					all.Go(func() {
						store := []connectors.TokenStore{first, second}[i%2]
						got, err := store.Replace(t.Context(), connectors.Token{}, func(context.Context, connectors.Token) (connectors.Token, error) {
							if running.Add(1) > 1 {
								t.Error("two refreshes at once")
							}
							defer running.Add(-1)
							time.Sleep(3 * time.Second)
							refreshes.Add(1)
							return connectors.Token{AccessToken: "one"}, nil
						})
						if err != nil || got.AccessToken != "one" {
							t.Errorf("got %q, %v", got.AccessToken, err)
						}
					})
				}
				all.Wait()
				if refreshes.Load() != 1 {
					t.Errorf("refreshed %d times, want once", refreshes.Load())
				}
			})
		})
	}
}

func TestTokenStoreWaitsNoLongerThanAsked(t *testing.T) {
	t.Parallel()
	for name, open := range tokenStores() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				first, second := open()
				release := make(chan struct{})
				var all sync.WaitGroup
				all.Go(func() {
					_, _ = first.Replace(t.Context(), connectors.Token{}, func(context.Context, connectors.Token) (connectors.Token, error) {
						<-release
						return connectors.Token{AccessToken: "one"}, nil
					})
				})
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				_, err := second.Replace(ctx, connectors.Token{}, func(context.Context, connectors.Token) (connectors.Token, error) {
					t.Error("refreshed although another one does")
					return connectors.Token{}, nil
				})
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v", err)
				}
				close(release)
				all.Wait()
			})
		})
	}
}

// A process that dies while it holds the lease holds up the others for a minute
// and no longer.
func TestTokenLeaseEndsWithItsOwner(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &recordStore{}
		dead := connectors.NewTokenStore(store, "vn-main", turned{})
		ctx, die := context.WithCancel(t.Context())
		_, _ = dead.Replace(ctx, connectors.Token{}, func(context.Context, connectors.Token) (connectors.Token, error) {
			store.failing = func() error { return errors.New("gone") } // the lease is never given back
			die()
			return connectors.Token{}, ctx.Err()
		})
		store.failing = nil
		start := time.Now()
		set(t, connectors.NewTokenStore(store, "vn-main", turned{}), connectors.Token{}, connectors.Token{AccessToken: "one"})
		if took := time.Since(start); took < 50*time.Second || took > 61*time.Second {
			t.Errorf("took %s, want about a minute", took)
		}
	})
}

// A platform may void the old token with the refresh: the new one must be kept
// whatever happens to the caller or, for a moment, to the store.
func TestNewTokenIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &recordStore{}
		tokens := connectors.NewTokenStore(store, "vn-main", turned{})
		ctx, cancel := context.WithCancel(t.Context())
		token, err := tokens.Replace(ctx, connectors.Token{}, func(context.Context, connectors.Token) (connectors.Token, error) {
			cancel()
			failures := 3
			store.failing = func() error {
				if failures--; failures >= 0 {
					return errors.New("disk is busy")
				}
				return nil
			}
			return connectors.Token{AccessToken: "one"}, nil
		})
		if err != nil || token.AccessToken != "one" {
			t.Errorf("got %q, %v", token.AccessToken, err)
		}
		if stored, err := tokens.Token(t.Context()); err != nil || stored.AccessToken != "one" {
			t.Errorf("stored %q, %v", stored.AccessToken, err)
		}
	})
}

func TestTokenIsSealed(t *testing.T) {
	t.Parallel()
	store := &recordStore{}
	set(t, connectors.NewTokenStore(store, "vn-main", turned{}), connectors.Token{}, connectors.Token{AccessToken: "s3cret"})
	record := store.records["token/vn-main"]
	if !json.Valid(record.Data) || bytes.Contains(record.Data, []byte("s3cret")) {
		t.Errorf("stored %s", record.Data)
	}
	// Moved to another channel it cannot be opened.
	record.ID, record.Revision = "vn-other", 0
	if err := store.PutRecord(t.Context(), record); err != nil {
		t.Fatal(err)
	}
	_, err := connectors.NewTokenStore(store, "vn-other", turned{}).Token(t.Context())
	if connectors.KindOf(err) != connectors.Auth || !strings.Contains(err.Error(), "vn-other") {
		t.Errorf("got %v, want auth", err)
	}
}

func TestMemory(t *testing.T) {
	t.Parallel()
	store := &recordStore{}
	memory, other := connectors.NewMemory(store, "vn-main"), connectors.NewMemory(store, "vn-other")
	for _, value := range []string{"17", "18"} {
		if err := memory.Remember(t.Context(), "image/abc", value); err != nil {
			t.Fatal(err)
		}
		if got, err := memory.Recall(t.Context(), "image/abc"); err != nil || got != value {
			t.Errorf("got %q, %v; want %q", got, err, value)
		}
	}
	if got, err := other.Recall(t.Context(), "image/abc"); err != nil || got != "" {
		t.Errorf("another channel: got %q, %v; want nothing", got, err)
	}
}

// The client and its token.

// platform answers 401 to every token but the current one.
type platform struct {
	current   atomic.Int64
	refreshes atomic.Int64
	refused   bool // refuse everything
}

func (p *platform) protocol() connectors.Protocol {
	return connectors.Protocol{
		Concurrency: 20,
		Sign: func(r *http.Request, _ []byte, token connectors.Token) error {
			r.Header.Set("X-Token", token.AccessToken)
			return nil
		},
		Refresh: func(context.Context, connectors.Token) (connectors.Token, error) {
			time.Sleep(time.Second)
			p.refreshes.Add(1)
			return connectors.Token{AccessToken: name(p.current.Add(1)), ExpiresAt: time.Now().Add(time.Hour)}, nil
		},
	}
}

func name(n int64) string { return strings.Repeat("i", int(n)) }

func (p *platform) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(time.Second)
	if token := r.Header.Get("X-Token"); p.refused || token == "" || token != name(p.current.Load()) {
		return answer(401, `{}`), nil
	}
	return answer(200, `{}`), nil
}

func TestClientRefreshesOnce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		stored    connectors.Token
		expires   time.Duration // of the stored token from now; 0 = never
		revoked   bool          // the platform refuses the stored one
		refreshes int64
		calls     int64
	}{
		{"no token yet", connectors.Token{}, 0, false, 1, 20},
		{"good token", connectors.Token{AccessToken: "i"}, 2 * time.Minute, false, 0, 20},
		{"token without end", connectors.Token{AccessToken: "i"}, 0, false, 0, 20},
		{"expired", connectors.Token{AccessToken: "i"}, -time.Minute, false, 1, 20},
		{"about to expire", connectors.Token{AccessToken: "i"}, 30 * time.Second, false, 1, 20},
		{"revoked", connectors.Token{AccessToken: "i"}, 0, true, 1, 40},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &platform{}
				tokens := &connectors.MemoryTokens{}
				if tt.stored.AccessToken != "" {
					p.current.Store(1)
					if tt.expires != 0 {
						tt.stored.ExpiresAt = time.Now().Add(tt.expires)
					}
					set(t, tokens, connectors.Token{}, tt.stored)
				}
				if tt.revoked {
					p.current.Store(2)
				}
				protocol := p.protocol()
				protocol.BaseURL = "https://shop.example"
				c := connectors.NewClient("vn-main", protocol, connectors.ClientDeps{Transport: p, Tokens: tokens})
				var all sync.WaitGroup
				for range 20 {
					all.Go(func() {
						if _, err := c.Do(t.Context(), post); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				if p.refreshes.Load() != tt.refreshes || c.Calls() != tt.calls {
					t.Errorf("%d refreshes, %d calls; want %d, %d", p.refreshes.Load(), c.Calls(), tt.refreshes, tt.calls)
				}
			})
		})
	}
}

func TestClientGivesUpAfterOneRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := &platform{refused: true}
		p.current.Store(1)
		tokens := &connectors.MemoryTokens{}
		set(t, tokens, connectors.Token{}, connectors.Token{AccessToken: "i"})
		protocol := p.protocol()
		protocol.BaseURL = "https://shop.example"
		c := connectors.NewClient("vn-main", protocol, connectors.ClientDeps{Transport: p, Tokens: tokens})
		_, err := c.Do(t.Context(), post)
		if connectors.KindOf(err) != connectors.Auth || p.refreshes.Load() != 1 || c.Calls() != 2 {
			t.Errorf("got %v after %d refreshes and %d calls", err, p.refreshes.Load(), c.Calls())
		}
		call := post
		call.Unsigned = true
		if _, err := c.Do(t.Context(), call); connectors.KindOf(err) != connectors.Auth || p.refreshes.Load() != 1 {
			t.Errorf("an unsigned call: got %v after %d refreshes", err, p.refreshes.Load())
		}
	})
}

func TestClientTellsWhyARefreshFailed(t *testing.T) {
	t.Parallel()
	c := connectors.NewClient("vn-main", connectors.Protocol{
		BaseURL: "https://shop.example",
		Refresh: func(context.Context, connectors.Token) (connectors.Token, error) {
			return connectors.Token{}, &connectors.Error{Kind: connectors.Auth, Op: "token.refresh", Code: "grant_ended", Hint: "connect the shop again"}
		},
	}, connectors.ClientDeps{Transport: status(200)})
	_, err := c.Do(t.Context(), post)
	want := "channel vn-main: token.refresh: auth (grant_ended); connect the shop again"
	if err == nil || err.Error() != want || c.Calls() != 0 {
		t.Errorf("got %q after %d calls, want %q", err, c.Calls(), want)
	}
}
