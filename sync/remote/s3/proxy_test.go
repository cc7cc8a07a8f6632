package s3_test

import (
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/remote/remotetest"
	"chatmrpt/sync/remote/s3"
)

const proxyPassword = "pass/word@of:proxy"

// proxy is a small one: it connects to whatever it is asked for, when answer
// gives nil, else it lets answer speak on the connection.
type proxy struct {
	addr     string
	asked    atomic.Int64
	tunnels  atomic.Int64
	saidWho  atomic.Value // string: what the client said who it is
	saidMore atomic.Value // string: headers that are none of a proxy's business
}

func newProxy(t *testing.T, answer func(r *http.Request) string) *proxy {
	t.Helper()
	p := &proxy{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		p.saidWho.Store(r.Header.Get("Proxy-Authorization"))
		p.saidMore.Store(r.Header.Get("Authorization") + r.URL.Path)
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer here.Close()
		text := "HTTP/1.1 405 Method Not Allowed\r\n\r\n"
		if r.Method == http.MethodConnect {
			text = answer(r)
		}
		if text != "" {
			io.WriteString(here, text)
			return
		}
		p.tunnel(here, r.Host)
	}))
	t.Cleanup(s.Close)
	p.addr = s.Listener.Addr().String()
	return p
}

func (p *proxy) tunnel(here net.Conn, host string) {
	there, err := net.Dial("tcp", host)
	if err != nil {
		io.WriteString(here, "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html>no route</html>")
		return
	}
	p.tunnels.Add(1)
	io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
	go func() {
		io.Copy(there, here)
		there.Close()
	}()
	io.Copy(here, there)
}

func letThrough(*http.Request) string { return "" }

// wanting lets through whoever says the name and password.
func wanting(r *http.Request) string {
	if r.Header.Get("Proxy-Authorization") == "Basic "+base64.StdEncoding.EncodeToString([]byte("amina:"+proxyPassword)) {
		return ""
	}
	return "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"office\"\r\nContent-Length: 0\r\n\r\n"
}

// bucket is a server with TLS that has no object.
func bucket(t *testing.T) (*httptest.Server, s3.Options) {
	t.Helper()
	s := httptest.NewTLSServer(xmlError(404, "NoSuchKey"))
	t.Cleanup(s.Close)
	o := options(s.URL)
	o.CA, _ = certificate(s)
	o.Now = nil // its certificate is dated by another clock
	return s, o
}

func TestThroughAProxy(t *testing.T) {
	_, o := bucket(t)
	p := newProxy(t, wanting)
	o.Proxy, o.ProxyUser, o.ProxyPassword = p.addr, "amina", proxyPassword
	_, err := open(t, o).Get(t.Context(), remotetest.Key(t, 1))
	if remote.ClassOf(err) != remote.Absent || p.tunnels.Load() != 1 {
		t.Fatalf("%v, through %d tunnels", err, p.tunnels.Load())
	}
	if more := p.saidMore.Load().(string); more != "" {
		t.Errorf("the proxy was told %q", more)
	}
	// Without it nothing goes there, whatever the surroundings say.
	t.Setenv("HTTPS_PROXY", "http://"+p.addr)
	o.Proxy, o.ProxyUser, o.ProxyPassword = "", "", ""
	before := p.asked.Load()
	if _, err := open(t, o).Get(t.Context(), remotetest.Key(t, 1)); remote.ClassOf(err) != remote.Absent || p.asked.Load() != before {
		t.Errorf("%v; the proxy of the surroundings was asked", err)
	}
}

// Whatever a proxy answers has a class that says what to do; no word of the
// password is in it, and what won't change is not asked for again.
func TestProxiesThatDoNot(t *testing.T) {
	html := "Content-Type: text/html\r\n\r\n<html>Please log in</html>"
	for name, c := range map[string]struct {
		answer   func(*http.Request) string
		user     string
		want     remote.Class
		note     string
		askedFor int64 // at most
	}{
		"wants a name":              {wanting, "", remote.Proxy, "asks for a name", 1},
		"does not know the name":    {wanting, "bisi", remote.Proxy, "does not take", 1},
		"says no":                   {func(*http.Request) string { return "HTTP/1.1 403 Forbidden\r\n" + html }, "", remote.Proxy, "403", 1},
		"answers a page, 200":       {func(*http.Request) string { return "HTTP/1.1 200 OK\r\n" + html }, "", remote.Portal, "a page", 1},
		"sends elsewhere":           {func(*http.Request) string { return "HTTP/1.1 302 Found\r\nLocation: http://login\r\n\r\n" }, "", remote.Portal, "elsewhere", 1},
		"is no proxy":               {func(*http.Request) string { return "SSH-2.0-OpenSSH_9.2\r\n" }, "", remote.Portal, "", 1},
		"claims to, then a page":    {func(*http.Request) string { return "HTTP/1.1 200 OK\r\n\r\n<html>Please log in</html>" }, "", remote.Offline, "", 20}, // the page is never looked at
		"says how long its page is": {func(*http.Request) string { return "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nlog in..." }, "", remote.Portal, "a page", 1},
		"can't reach it":            {func(*http.Request) string { return "HTTP/1.1 502 Bad Gateway\r\n" + html }, "", remote.Offline, "can't reach", 20},
		"hangs up without a word":   {func(*http.Request) string { return "\r\n" }, "", remote.Portal, "", 1},
		"is another's tunnel's TLS": {letThrough, "", remote.TLS, "issued by", 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, o := bucket(t)
			if c.want == remote.TLS && c.note != "" {
				_, other := bucket(t)
				o.CA = nil // somebody on the way shows a certificate of his own
				o.Endpoint = other.Endpoint
			}
			p := newProxy(t, c.answer)
			o.Proxy, o.ProxyUser, o.ProxyPassword = "http://"+p.addr+"/", c.user, proxyPassword
			_, err := open(t, o).Get(t.Context(), remotetest.Key(t, 1))
			if got := remote.ClassOf(err); got != c.want || p.asked.Load() > c.askedFor {
				t.Errorf("%s, want %s, asked %d times (%v)", got, c.want, p.asked.Load(), err)
			}
			told := problem.From(remote.Problem(err, "sync send", "office"), "")
			if !strings.Contains(told.Message, c.note) || told.Hint == "" {
				t.Errorf("told %q", told.Message)
			}
			if text := err.Error() + told.Error(); strings.Contains(text, proxyPassword) || strings.Contains(text, secret) {
				t.Errorf("a secret is in %q", text)
			}
		})
	}
}

func TestAProxyThatIsNotThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, o := bucket(t)
	o.Proxy = l.Addr().String()
	l.Close()
	_, err = open(t, o).Get(t.Context(), remotetest.Key(t, 1))
	told := problem.From(remote.Problem(err, "sync send", "office"), "")
	if remote.ClassOf(err) != remote.Offline || !strings.Contains(told.Message, "the proxy can't be reached") {
		t.Errorf("%v: %q", err, told.Message)
	}
}

func TestProxyAddresses(t *testing.T) {
	for _, good := range []string{"", "proxy.example.org:3128", "http://10.0.0.1:8080", "http://proxy:80/", "[::1]:3128"} {
		if err := s3.CheckProxy(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"proxy", "https://proxy:3128", "socks5://proxy:1080", "amina:pw@proxy:3128", "proxy:0", "proxy:99999", ":3128", "proxy:3128/x", "http://"} {
		if err := s3.CheckProxy(bad); err == nil && bad != "http://" {
			t.Errorf("%q is taken", bad)
		} else if err != nil && strings.Contains(err.Error(), "pw") {
			t.Errorf("%v", err)
		}
	}
}
