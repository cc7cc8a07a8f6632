package s3_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chatmrpt/core/problem"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/remote/remotetest"
	"chatmrpt/sync/remote/s3"
)

const secret = "a-very-secret-secret"

func options(endpoint string) s3.Options {
	return s3.Options{Endpoint: endpoint, Bucket: "runs", User: "amina", AccessKey: "AKAMINA", SecretKey: secret, Now: func() time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC) }}
}

func open(t *testing.T, o s3.Options) *s3.Bucket {
	t.Helper()
	b, err := s3.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// answers is a server that gives one answer to everything and counts.
func answers(t *testing.T, h http.HandlerFunc) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	var n atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.Add(1)
		io.Copy(io.Discard, r.Body)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s, &n
}

func xmlError(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		w.Header().Set("Date", "Sat, 28 Nov 2026 15:00:00 GMT")
		w.WriteHeader(status)
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>m</Message></Error>", code)
	}
}

func page(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(status)
		io.WriteString(w, "<html>Please accept the terms</html>")
	}
}

// all calls every method and gives the class of each answer.
func all(t *testing.T, b *s3.Bucket) map[string]error {
	t.Helper()
	k := remotetest.Key(t, 1)
	_, put := b.Create(t.Context(), k, remote.BodyOf([]byte("x")))
	_, get := b.Get(t.Context(), k)
	_, list := b.List(t.Context(), remote.Parts)
	return map[string]error{"put": put, "overwrite": b.Overwrite(t.Context(), k, remote.BodyOf([]byte("x"))), "get": get, "list": list, "delete": b.Delete(t.Context(), k)}
}

// Every answer of a server has its class, the same for every call; what can't
// get better by itself is asked for once.
func TestAnswersHaveTheirClass(t *testing.T) {
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		want remote.Class
		once bool
	}{
		"denied":         {xmlError(403, "AccessDenied"), remote.Denied, true},
		"no bucket":      {xmlError(404, "NoSuchBucket"), remote.Denied, true},
		"wrong secret":   {xmlError(403, "SignatureDoesNotMatch"), remote.Credentials, true},
		"unknown key":    {xmlError(403, "InvalidAccessKeyId"), remote.Credentials, true},
		"clock":          {xmlError(403, "RequestTimeTooSkewed"), remote.Clock, true},
		"full (minio)":   {xmlError(507, "XMinioStorageFull"), remote.Full, true},
		"quota":          {xmlError(403, "QuotaExceeded"), remote.Full, true},
		"too busy":       {xmlError(503, "SlowDown"), remote.Throttled, false},
		"failing":        {xmlError(500, "InternalError"), remote.Server, false},
		"behind a proxy": {page(502), remote.Portal, false},
		"a portal's 403": {page(403), remote.Portal, true},
		"moved": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
		}, remote.Portal, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, n := answers(t, c.h)
			for call, err := range all(t, open(t, options(s.URL))) {
				if got := remote.ClassOf(err); got != c.want {
					t.Errorf("%s: %s, want %s (%v)", call, got, c.want, err)
				}
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("%s: the secret is in the error", call)
				}
			}
			if c.once && n.Load() != 5 {
				t.Errorf("%d requests for 5 calls", n.Load())
			}
		})
	}
}

// A login page that answers everything with 200 stores nothing, lists nothing
// and deletes nothing, and is told as what it is. Over TLS it can't answer at
// all; this is the loopback.
func TestAPortalIsNoBucket(t *testing.T) {
	s, _ := answers(t, page(200))
	for call, err := range all(t, open(t, options(s.URL))) {
		if remote.ClassOf(err) != remote.Portal {
			t.Errorf("%s: %v", call, err)
		}
	}
	s, _ = answers(t, func(http.ResponseWriter, *http.Request) {}) // not even a page
	for call, err := range all(t, open(t, options(s.URL))) {
		if err == nil {
			t.Errorf("%s: taken for done", call)
		}
	}
}

func TestBothClocksAreTold(t *testing.T) {
	s, _ := answers(t, xmlError(403, "RequestTimeTooSkewed"))
	_, err := open(t, options(s.URL)).Get(t.Context(), remotetest.Key(t, 1))
	p, ok := errors.AsType[*problem.Problem](remote.Problem(err, "sync push", "office"))
	if !ok || !strings.Contains(p.Message, "here it is 28 Nov 2026 12:00 UTC, there 28 Nov 2026 15:00 UTC") {
		t.Errorf("%v", p)
	}
}

func TestRetryAfterIsPassedOn(t *testing.T) {
	s, _ := answers(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "77")
		xmlError(503, "SlowDown")(w, r)
	})
	_, err := open(t, options(s.URL)).Get(t.Context(), remotetest.Key(t, 1))
	if e, ok := errors.AsType[*remote.Error](err); !ok || e.After != 77*time.Second {
		t.Errorf("%+v", err)
	}
}

// A server that lists what is not the user's, what is no key, or without end.
func TestListingsAreNotBelieved(t *testing.T) {
	entry := func(key string) string {
		return "<Contents><Key>" + key + "</Key><Size>5</Size><LastModified>2026-11-28T12:00:00Z</LastModified></Contents>"
	}
	ours := "users/amina/" + remotetest.Key(t, 1).String()
	listing := func(more string, entries ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/xml")
			io.WriteString(w, "<ListBucketResult><Name>runs</Name>"+more+strings.Join(entries, "")+"</ListBucketResult>")
		}
	}
	s, _ := answers(t, listing("<IsTruncated>false</IsTruncated>", entry("users/amina/b/../../bola/format"), entry(ours), entry("users/bola/"+remotetest.Key(t, 1).String()), entry("users/zzz")))
	l, err := open(t, options(s.URL)).List(t.Context(), remote.Parts)
	if err != nil || len(l.Objects) != 1 || l.Strange != 3 {
		t.Errorf("%+v (%v)", l, err)
	}
	s, _ = answers(t, listing("<IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken>", entry(ours)))
	if _, err := open(t, options(s.URL)).List(t.Context(), remote.Parts); remote.ClassOf(err) != remote.Integrity {
		t.Errorf("a listing without end: %v", err)
	}
	s, _ = answers(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/xml")
		junk := strings.Repeat("x", 1<<20)
		for range 64 {
			if _, err := io.WriteString(w, junk); err != nil {
				return
			}
		}
	})
	if _, err := open(t, options(s.URL)).List(t.Context(), remote.Parts); err == nil {
		t.Error("64 MB of junk passed for a listing")
	}
}

// An object larger than any of ours is not read to its end.
func TestAnEndlessObject(t *testing.T) {
	var sent atomic.Int64
	s, _ := answers(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"x"`)
		w.Header().Set("Last-Modified", "Sat, 28 Nov 2026 12:00:00 GMT")
		w.WriteHeader(200)
		junk := make([]byte, 64<<10)
		for range 1000 {
			n, err := w.Write(junk)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	if data, err := open(t, options(s.URL)).Get(t.Context(), remotetest.Key(t, 1)); err == nil {
		t.Errorf("%d bytes were taken", len(data))
	}
	if sent.Load() > 40<<20 {
		t.Errorf("%d bytes were read", sent.Load())
	}
}

// certificate is a TLS server's own, in PEM form, and the pin of its key.
func certificate(s *httptest.Server) (ca []byte, pin string) {
	cert := s.Certificate()
	sum := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw}), hex.EncodeToString(sum[:])
}

// A server that can't show who it is gets nothing, at the first try; the right
// one is trusted by the office's authority, and by the pin.
func TestOnlyTheRightServerIsTrusted(t *testing.T) {
	var asked atomic.Int64
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		xmlError(404, "NoSuchKey")(w, r)
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of clients that do not trust it
	s.StartTLS()
	defer s.Close()
	ca, pin := certificate(s)
	at := time.Now
	expired := func() time.Time { return time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		endpoint string
		ca       []byte
		pin      string
		now      func() time.Time
		want     remote.Class
		note     string
	}{
		"its authority":        {s.URL, ca, "", at, remote.Absent, ""},
		"pinned":               {s.URL, ca, strings.ToUpper(pin), at, remote.Absent, ""},
		"an unknown authority": {s.URL, nil, "", at, remote.TLS, "issued by"},
		"another pin":          {s.URL, ca, strings.Repeat("ab", 32), at, remote.TLS, "pinned"},
		"expired":              {s.URL, ca, "", expired, remote.TLS, "expired"},
		"another host":         {strings.Replace(s.URL, "127.0.0.1", "localhost", 1), ca, "", at, remote.TLS, "another host"},
	} {
		before := asked.Load()
		o := options(c.endpoint)
		o.CA, o.Pin, o.Now = c.ca, c.pin, c.now
		_, err := open(t, o).Get(t.Context(), remotetest.Key(t, 1))
		e, ok := errors.AsType[*remote.Error](err)
		if !ok || e.Class != c.want || !strings.Contains(e.Note, c.note) {
			t.Errorf("%s: %v (%+v)", name, err, e)
		}
		if sent := asked.Load() - before; sent != 0 && c.want == remote.TLS {
			t.Errorf("%s: %d requests were sent", name, sent)
		}
	}
}

func TestTLSIsRequired(t *testing.T) {
	for _, bad := range []string{
		"http://storage.example.org", "http://192.168.1.5:9000", "http://127.0.0.1.example.org", "ftp://x", "storage.example.org", "https://", "https://user:pw@host", "https://host/path", "https://host?x=1", "",
	} {
		if _, err := s3.Open(options(bad)); remote.ClassOf(err) != remote.Denied {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"https://storage.example.org:9000", "http://127.0.0.1:7000", "http://localhost:1/", "http://[::1]:9000"} {
		if err := s3.CheckEndpoint(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	s, _ := answers(t, page(200))
	o := options(strings.Replace(s.URL, "http:", "https:", 1))
	if _, err := open(t, o).Get(t.Context(), remotetest.Key(t, 1)); remote.ClassOf(err) != remote.TLS {
		t.Errorf("a server that speaks no TLS: %v", err)
	}
	o = options("https://127.0.0.1:1")
	o.CA = []byte("no certificate")
	if _, err := s3.Open(o); remote.ClassOf(err) != remote.TLS {
		t.Errorf("a file without certificate: %v", err)
	}
}

// A server that takes the connection and goes quiet, before or amid an upload:
// the line is dead after the stall, and not before.
func TestADeadLineIsNoticed(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Read(make([]byte, 4096)) // and never again
			t.Cleanup(func() { c.Close() })
		}
	}()
	o := options("http://" + l.Addr().String())
	o.Stall = 150 * time.Millisecond
	for call, err := range all(t, open(t, o)) {
		if remote.ClassOf(err) != remote.Offline {
			t.Errorf("%s: %v", call, err)
		}
	}
	_, err = open(t, o).Create(t.Context(), remotetest.Key(t, 1), remote.BodyOf(make([]byte, remote.MaxObject)))
	if remote.ClassOf(err) != remote.Offline || !strings.Contains(err.Error(), "too long") {
		t.Errorf("amid an upload: %v", err)
	}
	l.Close()
	_, err = open(t, o).Get(t.Context(), remotetest.Key(t, 1))
	if remote.ClassOf(err) != remote.Offline {
		t.Errorf("refused: %v", err)
	}
}

// A line that is slow, but alive, is never given up: an upload that takes ten
// times the stall goes through. The limit makes the line slow.
func TestASlowLineIsNotDead(t *testing.T) {
	var got atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		got.Store(n)
		w.Header().Set("ETag", `"x"`)
	}))
	defer s.Close()
	o := options(s.URL)
	o.Stall, o.Rate = 200*time.Millisecond, 64<<10
	data := make([]byte, 160<<10) // two seconds, ten stalls
	start := time.Now()
	created, err := open(t, o).Create(t.Context(), remotetest.Key(t, 1), remote.BodyOf(data))
	if err != nil || !created || got.Load() < int64(len(data)) {
		t.Errorf("%v, %v, %d bytes", created, err, got.Load())
	}
	if took := time.Since(start); took < time.Second {
		t.Errorf("160 KB at 64 KB a second took %v: the limit does not hold", took)
	}
}

// A server that refuses an object because it has it, and hangs up without
// reading the rest: the line looks broken, and is not.
func TestARefusalAmidAnUpload(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.Header().Set("ETag", `"x"`)
			w.Header().Set("Last-Modified", "Sat, 28 Nov 2026 12:00:00 GMT")
			return
		}
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	}))
	defer s.Close()
	created, err := open(t, options(s.URL)).Create(t.Context(), remotetest.Key(t, 1), remote.BodyOf(make([]byte, remote.MaxObject)))
	if err != nil || created {
		t.Errorf("%v, %v", created, err)
	}
}
