package connectors

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/chophien/chophien/catalog"
)

// Sealer encrypts what must not be readable in the store. Context binds the
// sealed bytes to their place: Open fails with another one.
type Sealer interface {
	Seal(plain, context []byte) ([]byte, error)
	Open(sealed, context []byte) ([]byte, error)
}

// MemoryTokens is a [TokenStore] that forgets at exit; the zero value is empty
// and ready.
type MemoryTokens struct {
	once  sync.Once
	turn  chan struct{}
	mu    sync.Mutex
	token Token
}

// Token returns the token.
func (m *MemoryTokens) Token(context.Context) (Token, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.token, nil
}

// Replace implements [TokenStore].
func (m *MemoryTokens) Replace(ctx context.Context, old Token, refresh func(context.Context, Token) (Token, error)) (Token, error) {
	m.once.Do(func() { m.turn = make(chan struct{}, 1) })
	select {
	case m.turn <- struct{}{}:
		defer func() { <-m.turn }()
	case <-ctx.Done():
		return Token{}, ctx.Err()
	}
	if stored, _ := m.Token(ctx); !sameToken(stored, old) {
		return stored, nil
	}
	token, err := refresh(ctx, old)
	if err != nil {
		return Token{}, err
	}
	token = token.after(old, time.Now())
	m.mu.Lock()
	defer m.mu.Unlock()
	m.token = token
	return token, nil
}

func sameToken(a, b Token) bool {
	return a.AccessToken == b.AccessToken && a.RefreshToken == b.RefreshToken
}

const (
	leaseTime = 60 * time.Second // of the right to replace a token
	leaseUse  = 50 * time.Second // a refresh is given up before its lease ends
	leasePoll = 500 * time.Millisecond
	saveTime  = 10 * time.Second // to store a new token, whatever became of the caller
)

// tokenRecord is how a token is stored: sealed, beside the lease of whoever is
// replacing it.
type tokenRecord struct {
	Sealed []byte    `json:"sealed,omitempty"`
	Owner  string    `json:"owner,omitempty"`
	Until  time.Time `json:"until,omitzero"`
}

// storedTokens keeps the token of one channel as a sealed record.
type storedTokens struct {
	store   catalog.Store
	channel catalog.ChannelID
	sealer  Sealer
	turn    chan struct{}
}

// NewTokenStore keeps the token of a channel in store, sealed. Replace is
// exclusive over all processes on that store by a lease of 60 seconds, which
// frees itself when its owner dies; waiting for it ends with the context.
func NewTokenStore(store catalog.Store, channel catalog.ChannelID, sealer Sealer) TokenStore {
	return &storedTokens{store: store, channel: channel, sealer: sealer, turn: make(chan struct{}, 1)}
}

func (s *storedTokens) Token(ctx context.Context) (Token, error) {
	token, _, _, err := s.load(ctx)
	return token, err
}

func (s *storedTokens) Replace(ctx context.Context, old Token, refresh func(context.Context, Token) (Token, error)) (Token, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return Token{}, ctx.Err()
	}
	owner := rand.Text()
	for {
		stored, record, revision, err := s.load(ctx)
		if err != nil {
			return Token{}, err
		}
		if !sameToken(stored, old) {
			return stored, nil
		}
		if left := time.Until(record.Until); record.Owner != "" && left > 0 {
			if e := sleep(ctx, min(left, leasePoll)); e != nil {
				return Token{}, ctx.Err()
			}
			continue
		}
		record.Owner, record.Until = owner, time.Now().Add(leaseTime).UTC()
		err = catalog.Save(ctx, s.store, catalog.KindToken, string(s.channel), revision, record)
		if err == nil {
			break
		}
		if !lostRace(err) {
			return Token{}, fmt.Errorf("channel %s: take the lease of the token: %w", s.channel, err)
		}
	}
	limited, cancel := context.WithTimeout(ctx, leaseUse)
	defer cancel()
	token, err := refresh(limited, old)
	if err != nil {
		s.release(ctx, owner)
		return Token{}, err
	}
	return s.save(ctx, owner, old, token)
}

// save stores a new token and ends the lease. The caller's end does not stop
// it: the platform may have voided the old token already. Should the lease have
// run out meanwhile, the new token is still stored unless another came first.
func (s *storedTokens) save(ctx context.Context, owner string, old, token Token) (Token, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
	defer cancel()
	token = token.after(old, time.Now())
	sealed, err := s.seal(token)
	if err != nil {
		return Token{}, err
	}
	for {
		stored, record, revision, err := s.load(ctx)
		if err == nil {
			if record.Owner != owner && !sameToken(stored, old) {
				return stored, nil
			}
			err = catalog.Save(ctx, s.store, catalog.KindToken, string(s.channel), revision, tokenRecord{Sealed: sealed})
		}
		if err == nil {
			return token, nil
		}
		if lostRace(err) {
			continue
		}
		if e := sleep(ctx, leasePoll); e != nil {
			return Token{}, fmt.Errorf("channel %s: the new token could not be stored: %w", s.channel, err)
		}
	}
}

// release ends the lease early after a failed refresh. When it fails too, the
// lease runs out by itself.
func (s *storedTokens) release(ctx context.Context, owner string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
	defer cancel()
	_, record, revision, err := s.load(ctx)
	if err == nil && record.Owner == owner {
		_ = catalog.Save(ctx, s.store, catalog.KindToken, string(s.channel), revision, tokenRecord{Sealed: record.Sealed})
	}
}

func (s *storedTokens) load(ctx context.Context) (Token, tokenRecord, int64, error) {
	record, revision, err := catalog.Load[tokenRecord](ctx, s.store, catalog.KindToken, string(s.channel))
	if errors.Is(err, catalog.ErrNotFound) {
		return Token{}, tokenRecord{}, 0, nil
	}
	if err != nil {
		return Token{}, tokenRecord{}, 0, fmt.Errorf("channel %s: read the token: %w", s.channel, err)
	}
	if len(record.Sealed) == 0 {
		return Token{}, record, revision, nil
	}
	token, err := s.open(record.Sealed)
	return token, record, revision, err
}

func (s *storedTokens) seal(token Token) ([]byte, error) {
	plain, err := json.Marshal(token)
	if err != nil {
		return nil, fmt.Errorf("channel %s: token cannot be written as JSON", s.channel)
	}
	sealed, err := s.sealer.Seal(plain, s.context())
	if err != nil {
		return nil, fmt.Errorf("channel %s: seal the token: %w", s.channel, err)
	}
	return sealed, nil
}

func (s *storedTokens) open(sealed []byte) (token Token, err error) {
	plain, err := s.sealer.Open(sealed, s.context())
	if err == nil {
		err = json.Unmarshal(plain, &token)
	}
	if err != nil {
		return Token{}, &Error{Kind: Auth, Channel: string(s.channel), Op: "token", Code: "unreadable",
			Err: errors.New("the stored token cannot be opened"), Hint: "check the key file, or connect the shop again"}
	}
	return token, nil
}

func (s *storedTokens) context() []byte { return []byte("token/" + s.channel) }

func lostRace(err error) bool {
	return errors.Is(err, catalog.ErrConflict) || errors.Is(err, catalog.ErrExists)
}

// storedMemory keeps a channel's small facts as records.
type storedMemory struct {
	store   catalog.Store
	channel catalog.ChannelID
}

type memoryRecord struct {
	Value string `json:"value"`
}

// NewMemory keeps the small facts of a channel in store.
func NewMemory(store catalog.Store, channel catalog.ChannelID) Memory {
	return storedMemory{store: store, channel: channel}
}

func (m storedMemory) id(key string) string { return string(m.channel) + "/" + key }

func (m storedMemory) Recall(ctx context.Context, key string) (string, error) {
	record, _, err := catalog.Load[memoryRecord](ctx, m.store, catalog.KindMemory, m.id(key))
	if err != nil && !errors.Is(err, catalog.ErrNotFound) {
		return "", fmt.Errorf("channel %s: recall %s: %w", m.channel, key, err)
	}
	return record.Value, nil
}

func (m storedMemory) Remember(ctx context.Context, key, value string) error {
	_, err := catalog.Modify(ctx, m.store, catalog.KindMemory, m.id(key), func(r *memoryRecord) error {
		r.Value = value
		return nil
	})
	if err != nil {
		return fmt.Errorf("channel %s: remember %s: %w", m.channel, key, err)
	}
	return nil
}
