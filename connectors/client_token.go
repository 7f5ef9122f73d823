package connectors

import (
	"context"
	"errors"
	"time"
)

const (
	tokenCached = time.Minute // how long a stored token is used without looking again
	tokenMargin = time.Minute // a token is replaced so long before it expires
)

// currentToken returns the token to sign with, replaced when it is about to
// expire or missing.
func (c *Client) currentToken(ctx context.Context, r *request) (Token, *Error) {
	if !r.tokened {
		return Token{}, nil
	}
	token, err := c.storedToken(ctx)
	if err != nil {
		return Token{}, c.tokenError(ctx, "read the stored token", err)
	}
	if token.AccessToken != "" && (token.ExpiresAt.IsZero() || time.Until(token.ExpiresAt) > tokenMargin) {
		return token, nil
	}
	fault := c.replaceToken(ctx, token)
	c.tokenMu.Lock()
	defer c.tokenMu.Unlock()
	return c.token, fault
}

func (c *Client) storedToken(ctx context.Context) (Token, error) {
	c.tokenMu.Lock()
	token, at := c.token, c.tokenAt
	c.tokenMu.Unlock()
	if !at.IsZero() && time.Since(at) < tokenCached {
		return token, nil
	}
	token, err := c.tokens.Token(ctx)
	if err == nil {
		c.keepToken(token)
	}
	return token, err
}

func (c *Client) keepToken(token Token) {
	c.tokenMu.Lock()
	defer c.tokenMu.Unlock()
	c.token, c.tokenAt = token, time.Now()
}

// replaceToken exchanges old; whoever comes second gets the first one's token.
func (c *Client) replaceToken(ctx context.Context, old Token) *Error {
	token, err := c.tokens.Replace(ctx, old, c.protocol.Refresh)
	if err != nil {
		return c.tokenError(ctx, "replace the token", err)
	}
	c.keepToken(token)
	return nil
}

func (c *Client) tokenError(ctx context.Context, doing string, err error) *Error {
	if ctx.Err() != nil {
		return canceled(ctx)
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		fault := asError(err, e.Kind)
		fault.Lost = false // the token call's, not the caller's
		return fault
	}
	return &Error{Kind: Transient, Err: errors.New(doing + ": the store or the connector failed")}
}
