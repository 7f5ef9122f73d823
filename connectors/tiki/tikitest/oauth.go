package tikitest

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// grant is a seller's consent, waiting to be exchanged.
type grant struct {
	redirect, scope string
	until           time.Time
}

// token is what a client holds. The app's own token of a public app acts for
// no seller.
type token struct {
	access, refresh string
	scope           []string
	seller          bool
	until           time.Time
}

var scopes = []string{"product", "order", "inventory", "multichannel", "offline", "all"}

// may tells whether the token covers a scope; "all" is the old name of product
// and order.
func (t *token) may(scope string) bool {
	return slices.Contains(t.scope, scope) || (scope == "product" || scope == "order") && slices.Contains(t.scope, "all")
}

// Authorize plays the seller who agrees to what an app asks at /auth, and
// gives the code of the callback. redirect must be registered.
func (s *Simulator) Authorize(redirect, scope string) (code string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.options.AppType != PublicApp {
		return "", fmt.Errorf("tikitest: an in-house app is linked in the console and has no consent page")
	}
	if !s.registered(redirect) {
		return "", fmt.Errorf("tikitest: redirect_uri %q is not registered", redirect)
	}
	return s.consent(redirect, scope), nil
}

func (s *Simulator) consent(redirect, scope string) string {
	code := "tikicode_" + s.secretText("code")[:24]
	s.codes[code] = grant{redirect: redirect, scope: scope, until: s.now().Add(s.options.CodeLifetime)}
	return code
}

func (s *Simulator) registered(redirect string) bool {
	if s.options.Redirects != nil {
		return slices.Contains(s.options.Redirects, redirect)
	}
	u, err := url.Parse(redirect)
	return err == nil && (u.Scheme == "https" && u.Host != "" ||
		u.Scheme == "http" && (u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost"))
}

// IssueToken gives a seller's token without the consent page, as an app has it
// that was connected before.
func (s *Simulator) IssueToken() (access, refresh string, expires time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.issue([]string{"offline", "product", "order", "inventory"}, true)
	return t.access, t.refresh, t.until
}

// ExpireToken ends the life of all access tokens. Refresh tokens stay.
func (s *Simulator) ExpireToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tokens {
		t.until = s.now().Add(-time.Second)
	}
}

// RevokeGrant ends the seller's consent: neither access nor refresh tokens
// work any more.
func (s *Simulator) RevokeGrant() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
	clear(s.refresh)
}

func (s *Simulator) issue(scope []string, seller bool) *token {
	t := &token{scope: scope, seller: seller, until: s.now().Add(s.options.TokenLifetime)}
	t.access = s.secretText("at") + "." + s.secretText("sig")[:16]
	s.tokens[t.access] = t
	if seller && slices.Contains(scope, "offline") {
		t.refresh = s.secretText("rt") + "." + s.secretText("sig")[:16]
		s.refresh[t.refresh] = t
	}
	return t
}

// secretText is a text nobody guesses by accident, the same in every run.
func (s *Simulator) secretText(kind string) string {
	s.sources++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s", kind, s.sources, s.options.ClientSecret))
	return kind + "_" + hex.EncodeToString(sum[:20])
}

// serveAuth is the page where the seller agrees; here she always does.
func (s *Simulator) serveAuth(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	query := r.URL.Query()
	redirect, state := query.Get("redirect_uri"), query.Get("state")
	switch {
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", "GET")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	case query.Get("client_id") != s.options.ClientID || s.options.AppType != PublicApp:
		oauthError(w, http.StatusUnauthorized, "invalid_client", "The requested OAuth 2.0 Client does not exist")
		return
	case !s.registered(redirect):
		oauthError(w, http.StatusBadRequest, "invalid_request", "The 'redirect_uri' parameter does not match any of the OAuth 2.0 Client's pre-registered redirect urls")
		return
	}
	back := url.Values{}
	granted := strings.Fields(query.Get("scope"))
	switch {
	case query.Get("response_type") != "code":
		back.Set("error", "unsupported_response_type")
	case len(state) < 8:
		back.Set("error", "invalid_state")
		back.Set("error_description", "The state is missing or does not have enough characters")
	case len(granted) == 0 || slices.ContainsFunc(granted, func(scope string) bool { return !slices.Contains(scopes, scope) }):
		back.Set("error", "invalid_scope")
	default:
		back.Set("code", s.consent(redirect, query.Get("scope")))
		back.Set("scope", query.Get("scope"))
	}
	back.Set("state", state)
	separator := "?"
	if strings.Contains(redirect, "?") {
		separator = "&"
	}
	http.Redirect(w, r, redirect+separator+back.Encode(), http.StatusFound)
}

// serveToken exchanges codes, refresh tokens and the app's own credentials.
func (s *Simulator) serveToken(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if strings.TrimSpace(kind) != "application/x-www-form-urlencoded" || r.ParseForm() != nil {
		oauthError(w, http.StatusBadRequest, "invalid_request", "Expected application/x-www-form-urlencoded")
		return
	}
	form := r.PostForm
	if !s.clientKnown(r, form) {
		oauthError(w, http.StatusUnauthorized, "invalid_client", "Client authentication failed (e.g., unknown client, no client authentication included, or unsupported authentication method)")
		return
	}
	invalid := func() {
		oauthError(w, http.StatusBadRequest, "invalid_grant", "The provided authorization grant is invalid, expired or revoked")
	}
	var t *token
	switch form.Get("grant_type") {
	case "authorization_code":
		g, known := s.codes[form.Get("code")]
		delete(s.codes, form.Get("code")) // a code is used once, rightly or not
		if !known || g.redirect != form.Get("redirect_uri") || s.now().After(g.until) {
			invalid()
			return
		}
		t = s.issue(strings.Fields(g.scope), true)
	case "refresh_token":
		old, known := s.refresh[form.Get("refresh_token")]
		if !known {
			invalid()
			return
		}
		if !s.options.KeepRefresh {
			delete(s.refresh, old.refresh)
		}
		t = s.issue(old.scope, true)
	case "client_credentials":
		asked := strings.Fields(form.Get("scope"))
		if slices.ContainsFunc(asked, func(scope string) bool { return !slices.Contains(scopes, scope) }) {
			oauthError(w, http.StatusBadRequest, "invalid_scope", "The requested scope is invalid, unknown, or malformed")
			return
		}
		asked = slices.DeleteFunc(asked, func(scope string) bool { return scope == "offline" }) // no refresh token
		t = s.issue(asked, s.options.AppType == InHouseApp)
	default:
		oauthError(w, http.StatusBadRequest, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server")
		return
	}
	answer := map[string]any{
		"access_token": t.access, "expires_in": int64(s.options.TokenLifetime / time.Second),
		"scope": strings.Join(t.scope, " "), "token_type": "bearer",
	}
	if t.refresh != "" {
		answer["refresh_token"] = t.refresh
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, http.StatusOK, answer)
}

// clientKnown checks the app's credentials by its one method.
func (s *Simulator) clientKnown(r *http.Request, form url.Values) bool {
	header := r.Header.Get("Authorization")
	if s.options.TokenAuth == AuthPost {
		return header == "" && form.Get("client_id") == s.options.ClientID && same(form.Get("client_secret"), s.options.ClientSecret)
	}
	right := authHeaders(s.options.ClientID, s.options.ClientSecret)
	id := form.Get("client_id")
	return form.Get("client_secret") == "" && (id == "" || id == s.options.ClientID) && (same(header, right[0]) || same(header, right[1]))
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func oauthError(w http.ResponseWriter, status int, code, description string) {
	writeJSON(w, status, map[string]any{"error": code, "error_description": description, "status_code": status})
}
