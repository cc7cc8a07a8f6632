package s3

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"chatmrpt/sync/remote"
)

// proxyError is what kept a proxy from letting a connection through.
type proxyError struct {
	class remote.Class
	note  string
	err   error // the cause; may be nil
}

// Error implements error.
func (e *proxyError) Error() string {
	if e.err != nil {
		return e.note + ": " + e.err.Error()
	}
	return e.note
}

// Unwrap returns the cause.
func (e *proxyError) Unwrap() error { return e.err }

// CheckProxy reports why a proxy can't be used, nil when it can and for none.
func CheckProxy(text string) error {
	_, err := parseProxy(text)
	return err
}

// parseProxy takes host:port, with or without http:// before it; nil for "".
func parseProxy(text string) (*url.URL, error) {
	text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "http://"), "/")
	if text == "" {
		return nil, nil
	}
	host, port, err := net.SplitHostPort(text)
	if n, e := strconv.ParseUint(port, 10, 16); err != nil || e != nil || n == 0 || host == "" || strings.ContainsAny(host, "@/?# ") {
		return nil, errors.New("a proxy is host:port, with nothing before or behind it")
	}
	return &url.URL{Scheme: "http", Host: text}, nil
}

// throughProxy has connections to servers go through the proxy of the options:
// it is asked to connect to the server and passes on what it can't read, for the
// server's certificate is checked behind it as ever. The name and password go to
// the proxy alone.
func throughProxy(t *http.Transport, o Options) error {
	u, err := parseProxy(o.Proxy)
	if err != nil || u == nil {
		return err
	}
	if o.ProxyUser != "" {
		u.User = url.UserPassword(o.ProxyUser, o.ProxyPassword)
	}
	t.Proxy = func(r *http.Request) (*url.URL, error) {
		if r.URL.Scheme != "https" { // this computer itself
			return nil, nil
		}
		return u, nil
	}
	t.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
		return proxyAnswer(resp, o.ProxyUser != "")
	}
	dial := t.DialContext
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err != nil && addr == u.Host {
			err = &proxyError{remote.Offline, "the proxy can't be reached", err}
		}
		return c, err
	}
	return nil
}

// proxyAnswer sorts what a proxy says when it is asked to connect; nil when it
// did. known is whether it was told a name and a password.
func proxyAnswer(resp *http.Response, known bool) error {
	length := resp.Header.Get("Content-Length") // of a tunnel it says nothing
	page := strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") || (length != "" && length != "0")
	switch {
	case resp.StatusCode == http.StatusOK && !page:
		return nil
	case resp.StatusCode == http.StatusOK:
		return &proxyError{class: remote.Portal, note: "the proxy answered with a page of its own"}
	case resp.StatusCode == http.StatusProxyAuthRequired && known:
		return &proxyError{class: remote.Proxy, note: "it does not take the name and password"}
	case resp.StatusCode == http.StatusProxyAuthRequired:
		return &proxyError{class: remote.Proxy, note: "it asks for a name and a password"}
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return &proxyError{class: remote.Portal, note: "the proxy sends us elsewhere"}
	case resp.StatusCode >= 500:
		return &proxyError{class: remote.Offline, note: "the proxy can't reach the server"}
	}
	return &proxyError{class: remote.Proxy, note: "it says no: " + strconv.Itoa(resp.StatusCode)}
}
