package connectors

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// request is a call made ready: what stays the same over its attempts.
type request struct {
	call    Call
	method  string
	url     *url.URL
	header  http.Header
	body    []byte
	write   bool // may change something at the platform
	tokened bool // signed with a token that can be replaced
	outside bool // not the platform's API: answers are not in its form
}

// build checks a call and encodes its body once, so that every attempt sends
// and signs the same bytes.
func (c *Client) build(call Call) (*request, error) {
	r := &request{call: call, method: call.Method, header: call.Header.Clone()}
	if r.method == "" {
		r.method = http.MethodGet
	}
	r.write = r.method != http.MethodGet && r.method != http.MethodHead
	r.tokened = c.protocol.Refresh != nil && !call.Unsigned
	if r.header == nil {
		r.header = http.Header{}
	}
	var err error
	if r.url, err = c.address(call); err != nil {
		return nil, err
	}
	contentType := ""
	switch body := call.Body.(type) {
	case nil:
	case []byte:
		r.body = body
	case url.Values:
		r.body, contentType = []byte(body.Encode()), "application/x-www-form-urlencoded"
	default:
		if r.body, err = json.Marshal(body); err != nil {
			return nil, fmt.Errorf("body of type %T cannot be written as JSON", body)
		}
		contentType = "application/json"
	}
	setDefault(r.header, "Content-Type", contentType)
	if call.Out != nil {
		setDefault(r.header, "Accept", "application/json")
	}
	setDefault(r.header, "User-Agent", "chophien (+https://github.com/chophien/chophien)")
	return r, nil
}

// address joins the call's path to the base address. The parser's own errors
// quote the address, which may hold a key, so they are not passed on.
func (c *Client) address(call Call) (*url.URL, error) {
	base, err := url.Parse(c.protocol.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, errors.New("base address is not an http or https address; check the channel's address")
	}
	text := call.Path
	absolute := strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")
	if !absolute {
		text = strings.TrimRight(c.protocol.BaseURL, "/") + "/" + strings.TrimLeft(text, "/")
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, errors.New("path does not make a valid address")
	}
	if absolute && !sameHost(base, u) && !c.issuesTokens(u) {
		return nil, fmt.Errorf("address on host %s, but the channel's is %s", u.Host, base.Host)
	}
	if len(call.Query) > 0 {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += call.Query.Encode()
	}
	u.Fragment = ""
	return u, nil
}

// issuesTokens tells that u is on the host of the protocol's AuthURL.
func (c *Client) issuesTokens(u *url.URL) bool {
	auth, err := url.Parse(c.protocol.AuthURL)
	return err == nil && auth.Host != "" && sameHost(auth, u)
}

// sameHost tells that a request meant for from may go to next: the same host
// and port, and never from https down to http.
func sameHost(from, next *url.URL) bool {
	if from.Scheme == next.Scheme {
		return strings.EqualFold(hostPort(from), hostPort(next))
	}
	upgrade := from.Scheme == "http" && next.Scheme == "https"
	return upgrade && strings.EqualFold(from.Hostname(), next.Hostname()) &&
		hostPort(from) == from.Hostname()+":80" && hostPort(next) == next.Hostname()+":443"
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Hostname() + ":" + port
}

func setDefault(h http.Header, name, value string) {
	if value != "" && len(h.Values(name)) == 0 {
		h.Set(name, value)
	}
}
