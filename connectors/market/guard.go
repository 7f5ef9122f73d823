package market

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// forbiddenNets are address blocks no page on the public web lives in, beyond
// what netip's own predicates tell (IANA special-purpose registries, read
// 2026-11-23). The IPv6 ones embed IPv4 addresses.
var forbiddenNets = func() []netip.Prefix {
	var nets []netip.Prefix
	for _, s := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		nets = append(nets, netip.MustParsePrefix(s))
	}
	return nets
}()

// publicAddr tells whether an address may be dialed for a URL that a user gave.
func publicAddr(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" || a.IsLoopback() || a.IsPrivate() || a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast() || a.IsLinkLocalMulticast() || a.IsInterfaceLocalMulticast() {
		return false
	}
	for _, n := range forbiddenNets {
		if n.Contains(a) {
			return false
		}
	}
	return true
}

// guardedTransport dials public addresses only. The check sits on the address
// that is really connected to, after name resolution, so a name that answers
// differently the second time does not get past it. There is no proxy: it
// would dial for us. With loopback this machine is public too.
func guardedTransport(loopback bool) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: func(network, address string, _ syscall.RawConn) error {
		target, err := netip.ParseAddrPort(address)
		if err != nil || !publicAddr(target.Addr()) && !(loopback && target.Addr().Unmap().IsLoopback()) {
			return fmt.Errorf("%w: %s", errPrivate, address)
		}
		return nil
	}}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           32,
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  20 * time.Second,
		MaxResponseHeaderBytes: 256 << 10,
	}
}

// checkURL refuses addresses that a page to watch cannot have.
func checkURL(u *url.URL, anyPort bool) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("%q: only http and https pages can be read", u.Scheme)
	case u.Hostname() == "":
		return fmt.Errorf("the address has no host")
	case u.User != nil:
		return fmt.Errorf("the address holds a user name")
	case !anyPort && u.Port() != "" && u.Port() != "80" && u.Port() != "443":
		return fmt.Errorf("port %s: only 80 and 443 can be read", u.Port())
	}
	return nil
}
