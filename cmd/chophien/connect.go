package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chophien/chophien/catalog"
	"github.com/chophien/chophien/connectors"
	"github.com/chophien/chophien/scheduler"
)

type channelsConnectCmd struct {
	Channel  string        `arg:"" help:"Kênh trong connectors.yaml. / The channel in connectors.yaml."`
	Callback string        `help:"Địa chỉ máy này chờ trình duyệt quay về. / Where this machine waits for the browser to come back." default:"127.0.0.1:8089"`
	Redirect string        `help:"Địa chỉ quay về đã đăng ký với sàn, nếu khác; khi đó dán lại địa chỉ mà trình duyệt nhận được. / The return address registered with the platform, if another; then paste the address that the browser was sent to."`
	Wait     time.Duration `help:"Chờ bao lâu. / How long to wait." default:"15m"`
}

// Run prints the link where the seller agrees, waits for the answer on a
// loopback address or as a pasted one, and stores the access, unless it is that
// of another shop (invariant I14).
func (c *channelsConnectCmd) Run(ctx context.Context, a *app) error {
	engine, err := a.openEngine(ctx)
	if err != nil {
		return err
	}
	id := catalog.ChannelID(c.Channel)
	channel, err := engine.Channel(id)
	if err != nil {
		return withCode(exitUsage, err)
	}
	if channel.Authorizer == nil {
		return withCode(exitUsage, fmt.Errorf("channel %s: %s needs no browser; its keys stand in connectors.yaml", id, channel.Info.Title))
	}
	ctx, cancel := context.WithTimeout(ctx, c.Wait)
	defer cancel()
	state, answers := rand.Text(), make(chan url.Values, 2)
	redirect := c.Redirect
	if redirect == "" {
		listener, err := net.Listen("tcp", c.Callback)
		if err != nil {
			return withCode(exitConfig, fmt.Errorf("wait on %s: %w; choose another address with --callback", c.Callback, err))
		}
		redirect = "http://" + listener.Addr().String() + "/callback"
		server := &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: a.callback(answers, state)}
		go server.Serve(listener)
		defer server.Close()
	}
	a.say("Địa chỉ quay về (phải khớp với địa chỉ đã đăng ký trên trang của sàn): %s\n", "Return address (must be the one registered with the platform): %s\n", redirect)
	a.say("Mở liên kết này bằng tài khoản người bán rồi đồng ý:\n\n  %s\n", "Open this link as the seller and agree:\n\n  %s\n", channel.Authorizer.AuthorizeURL(redirect, state))
	a.say("Hoặc dán vào đây địa chỉ (hay mã) mà trình duyệt nhận được, rồi Enter:", "Or paste here the address (or the code) that the browser was sent to, then Enter:")
	go pasted(bufio.NewScanner(a.stdin), answers)
	var answer url.Values
	select {
	case answer = <-answers:
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return fmt.Errorf("channel %s: stopped before the seller agreed", id)
		}
		return fmt.Errorf("channel %s: nobody agreed within %s; run the command again", id, c.Wait)
	}
	if got := answer.Get("state"); got != "" && got != state {
		return fmt.Errorf("channel %s: the answer belongs to another attempt; run the command again and use its link", id)
	}
	if why := answer.Get("error"); why != "" {
		return fmt.Errorf("channel %s: the platform says %q; the seller has to agree", id, why)
	}
	account, err := a.grant(ctx, engine, id, values(answer), redirect)
	if err != nil {
		return err
	}
	a.say("Kênh %s đã kết nối: %s", "Channel %s is connected: %s", id, account.Name)
	return nil
}

// grant turns the seller's answer into stored access, unless it is that of
// another shop (invariant I14), and proves that it works.
func (a *app) grant(ctx context.Context, engine *scheduler.Engine, id catalog.ChannelID, answer map[string]string, redirect string) (connectors.Account, error) {
	channel, err := engine.Channel(id)
	if err != nil {
		return connectors.Account{}, err
	}
	token, account, err := channel.Authorizer.Exchange(ctx, answer, redirect)
	if err != nil {
		return account, err
	}
	known, err := engine.State(ctx, id)
	if err != nil {
		return account, err
	}
	if known.Account.ID != "" && known.Account.ID != account.ID {
		return account, fmt.Errorf("channel %s belongs to the shop %q, but %q agreed: nothing was stored; sign in as the right seller, or give the other shop a channel of its own", id, known.Account.ID, account.ID)
	}
	tokens := connectors.NewTokenStore(a.store, id, a.sealer)
	old, err := tokens.Token(ctx)
	if err != nil {
		return account, err
	}
	if _, err := tokens.Replace(ctx, old, func(context.Context, connectors.Token) (connectors.Token, error) { return token, nil }); err != nil {
		return account, err
	}
	return engine.Check(ctx, id)
}

// callback takes the browser's return. One that does not carry the state of
// our link comes from somewhere else and is refused.
func (a *app) callback(answers chan<- url.Values, state string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /callback", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if r.URL.Query().Get("state") != state {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintln(w, a.t("Trang này không thuộc lần kết nối đang chờ. Hãy dùng liên kết vừa in ra.", "This page does not belong to the connection that is waited for. Use the link that was printed."))
			return
		}
		fmt.Fprintln(w, a.t("Đã nhận. Có thể đóng trang này; kết quả hiện ở cửa sổ dòng lệnh.", "Received. You may close this page; the terminal tells the result."))
		select {
		case answers <- r.URL.Query():
		default: // one is enough
		}
	})
	return mux
}

// pasted takes the first line that is an address with a query, or a code.
func pasted(lines *bufio.Scanner, answers chan<- url.Values) {
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		answer := url.Values{"code": {line}}
		if u, err := url.Parse(line); err == nil && u.RawQuery != "" {
			answer = u.Query()
		}
		select {
		case answers <- answer:
		default:
		}
		return
	}
}

// ensureHooks registers our address for webhooks with every channel that takes
// some. What fails is tried again the next time and told once, in told; orders
// are read anyway.
func (a *app) ensureHooks(ctx context.Context, engine *scheduler.Engine, told map[catalog.ChannelID]string) {
	for _, id := range engine.Channels() {
		channel, err := engine.Channel(id)
		if err != nil || channel.Hooks == nil {
			continue
		}
		if state, err := engine.State(ctx, id); err != nil || state.Parked != nil {
			continue // a person has to do something first
		}
		if err := channel.Hooks.EnsureHooks(ctx, a.publicURL+"/hooks/"+string(id)); err == nil {
			delete(told, id)
		} else if ctx.Err() == nil && told[id] != err.Error() {
			told[id] = err.Error()
			a.logger().WarnContext(ctx, "webhooks not registered; orders are read by the schedule", "channel", id, "error", err)
		}
	}
}

// every calls do now and then again and again until ctx ends.
func every(ctx context.Context, pause time.Duration, do func()) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		do()
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
