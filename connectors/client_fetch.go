package connectors

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
)

// Fetch reads a file that a platform keeps outside its API, by an address from
// one of its answers: https on a named host, or anything on the channel's own.
// Nothing of the account is sent along, and the bytes are returned as they are.
// It is paced, repeated and classified by status as other reads are. Such an
// address may itself be a key, so it is in no error.
func (c *Client) Fetch(ctx context.Context, op, address string) (Response, error) {
	call := Call{Op: op, Unsigned: true}
	r, err := c.build(call)
	if err == nil {
		r.outside = true
		r.url, err = c.outside(address)
	}
	if err != nil {
		return Response{}, c.complete(call, &Error{Kind: Fatal, Err: err})
	}
	return c.do(ctx, r)
}

func (c *Client) outside(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.User != nil {
		return nil, errors.New("the platform named no valid address of a file")
	}
	u.Fragment = ""
	if base, err := url.Parse(c.protocol.BaseURL); err == nil && sameHost(base, u) {
		return u, nil
	}
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if u.Scheme != "https" || net.ParseIP(name) != nil || !strings.Contains(name, ".") || strings.HasSuffix(name, ".local") {
		return nil, errors.New("the platform named an address of a file that is not https on a public host")
	}
	return u, nil
}
