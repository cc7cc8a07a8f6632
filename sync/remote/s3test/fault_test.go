package s3test_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"chatmrpt/core/store"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/remote/remotetest"
	"chatmrpt/sync/remote/s3"
	"chatmrpt/sync/remote/s3test"
	"chatmrpt/sync/share"
)

// row is a line of the table: a fault, how often it was tried, and what of the
// three evils came of it.
type row struct {
	fault  string
	trials int
	lost   int // shipments that could not be completed once the fault was gone, or came out otherwise
	half   int // bundles listed that could not be fetched whole
	silent int // wrong bytes taken for right ones
	note   string
	failed bool
}

type table struct {
	trials int
	rows   []*row
}

func newTable(t *testing.T) *table {
	t.Helper()
	n := 2
	if text := os.Getenv("FAULT_TRIALS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			t.Fatalf("FAULT_TRIALS=%s: not a number from 1", text)
		}
	}
	return &table{trials: n}
}

// try does a fault n times, each with random points of its own. Most of it is
// waiting, for a line that died or a client that starts; so faults are tried
// beside each other, each with users of its own.
func (tb *table) try(t *testing.T, fault string, n int, f func(t *testing.T, r *row, chance *rand.Rand)) {
	t.Helper()
	r := &row{fault: fault}
	tb.rows = append(tb.rows, r)
	place := uint64(len(tb.rows))
	t.Run(strings.ReplaceAll(fault, " ", "_"), func(t *testing.T) {
		t.Parallel()
		defer func() { r.failed = t.Failed() }()
		for i := range n {
			r.trials++
			f(t, r, rand.New(rand.NewPCG(place, uint64(i))))
		}
		if r.lost+r.half+r.silent > 0 {
			t.Errorf("%d lost, %d half visible, %d wrong", r.lost, r.half, r.silent)
		}
	})
}

func (tb *table) print(w io.Writer) {
	const form = "%-44s %6s %6s %6s %6s  %s\n"
	fmt.Fprintf(w, "\nfaults of sharing: FAULT_TRIALS=%d, against versitygw with users and policies\n", tb.trials)
	fmt.Fprintf(w, form, "fault", "trials", "lost", "half", "silent", "result")
	total := 0
	for _, r := range tb.rows {
		result := "ok"
		if r.note != "" {
			result = "ok: " + r.note
		}
		if r.failed || r.trials == 0 || r.lost+r.half+r.silent > 0 {
			result = "FAILED"
		}
		total += r.trials
		fmt.Fprintf(w, form, r.fault, strconv.Itoa(r.trials), strconv.Itoa(r.lost), strconv.Itoa(r.half), strconv.Itoa(r.silent), result)
	}
	fmt.Fprintf(w, "%d trials of sharing in all\n", total)
}

// handler stands between client and server as a reverse proxy that may answer
// itself.
type handler struct {
	next  *httputil.ReverseProxy
	count atomic.Int64
	first func(n int64, w http.ResponseWriter, r *http.Request) (done bool)
}

func newHandler(t *testing.T, first func(n int64, w http.ResponseWriter, r *http.Request) bool) *handler {
	t.Helper()
	return newHandlerTo(t, server(t).Plain, first)
}

func newHandlerTo(t testing.TB, plain string, first func(n int64, w http.ResponseWriter, r *http.Request) bool) *handler {
	t.Helper()
	to, err := url.Parse(plain)
	if err != nil {
		t.Fatal(err)
	}
	return &handler{first: first, next: &httputil.ReverseProxy{ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // it is signed
	}}}
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := h.count.Add(1)
	if h.first != nil && h.first(n, w, r) {
		return
	}
	h.next.ServeHTTP(w, r)
}

func refuse(w http.ResponseWriter, r *http.Request, status int, code string) bool {
	io.Copy(io.Discard, r.Body)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
	return true
}

// trial is one desk with a user of its own, and a bundle that waits.
type trial struct {
	*desk
	s store.Shipment
}

func newTrial(t *testing.T, parts int, seed uint64) *trial {
	t.Helper()
	d := newDesk(t, t.TempDir())
	a := d.setup(t)
	return &trial{d, queue(t, a, files(parts, seed))}
}

// heal sends what is left over a good line and counts what came of it. Before
// that, whatever is listed must be whole.
func (c *trial) heal(t *testing.T, r *row, parts int, seed uint64) {
	t.Helper()
	a := c.open(t, server(t).Plain)
	if !whole(t, a, parts, seed) {
		r.half++
	}
	s, err := c.w.Shared().Shipment(t.Context(), c.s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if s.State == store.Paused {
		s.State = store.Waiting
		if err := c.w.Shared().SetShipment(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if s.State == store.Waiting {
		if err := a.Deliver(t.Context(), s, tell); err != nil {
			t.Errorf("after healing: %v", err)
			r.lost++
			return
		}
	}
	found, err := a.List(t.Context())
	if err != nil || len(found) != 1 || !whole(t, a, parts, seed) {
		t.Errorf("after healing: %v (%v)", found, err)
		r.lost++
	}
	if checked, err := a.Verify(t.Context(), 1, tell); err != nil || len(checked.Faults) > 0 || checked.Unlisted > 0 {
		t.Errorf("after healing: %+v (%v)", checked, err)
		r.lost++
	}
}

// TestShareFaults does all of it and prints the table.
func TestShareFaults(t *testing.T) {
	tb := newTable(t)
	t.Run("rows", func(t *testing.T) { // all have ended when this has
		tb.try(t, "cut at every n-th byte, for ever", 4*tb.trials, cutForEver)
		tb.try(t, "every connection dies after 1.2 MB", 1, diesAfter)
		tb.try(t, "answer lost", 2*tb.trials, answerLost)
		tb.try(t, "503 at random requests", 2*tb.trials, busy)
		tb.try(t, "503 for ever", 1, busyForEver)
		tb.try(t, "230 kbit/s with 5 % loss", 1, slow)
		tb.try(t, "bucket full, then not", tb.trials, fullBucket)
		tb.try(t, "wrong secret", 1, wrongSecret)
		tb.try(t, "certificate expired, unknown, then right", 1, certificates)
		tb.try(t, "clock of the year 2000", 1, skewedClock)
		tb.try(t, "bit flipped in an answer", 4*tb.trials, flipped)
		tb.try(t, "lying: truncated, swapped, replayed", tb.trials, lying)
		tb.try(t, "kill -9 of the client at a random point", 3*tb.trials, killed)
	})
	tb.print(os.Stdout)
}

func cutForEver(t *testing.T, r *row, chance *rand.Rand) {
	seed := chance.Uint64()
	c, l := newTrial(t, 3, seed), newLine(t, server(t).Plain[len("http://"):])
	at := chance.Int64N(1 << (4 + chance.IntN(18)))
	l.set(func(l *line) { l.cut, l.cuts = 1+at, -1 })
	if err := c.open(t, l.url()).Deliver(t.Context(), c.s, tell); err != nil && remote.ClassOf(err) != remote.Offline {
		t.Errorf("cut after %d bytes: %v", at, err)
	}
	c.heal(t, r, 3, seed)
}

func diesAfter(t *testing.T, r *row, chance *rand.Rand) {
	seed := chance.Uint64()
	c, l := newTrial(t, 6, seed), newLine(t, server(t).Plain[len("http://"):])
	l.set(func(l *line) { l.cut, l.cuts = 1_200_000, -1 })
	if err := c.send(t, l.url(), 8); err != nil {
		t.Errorf("it was not delivered: %v", err)
	}
	r.note = fmt.Sprintf("%.2f × the bytes, %d connections", float64(l.up.Load())/float64(c.s.Bytes), l.broken.Load()+1)
	c.heal(t, r, 6, seed)
}

func answerLost(t *testing.T, r *row, chance *rand.Rand) {
	seed := chance.Uint64()
	c, l := newTrial(t, 2, seed), newLine(t, server(t).Plain[len("http://"):])
	l.set(func(l *line) { l.drop = 1 + chance.IntN(4) })
	if err := c.send(t, l.url(), 5); err != nil {
		t.Errorf("it was not delivered: %v", err)
	}
	c.heal(t, r, 2, seed)
}

func busy(t *testing.T, r *row, chance *rand.Rand) {
	seed, share := chance.Uint64(), 2+chance.Int64N(4)
	c := newTrial(t, 3, seed)
	srv := httptest.NewServer(newHandler(t, func(n int64, w http.ResponseWriter, r *http.Request) bool {
		return n%share == 0 && refuse(w, r, 503, "SlowDown")
	}))
	defer srv.Close()
	if err := c.send(t, srv.URL, 10); err != nil {
		t.Errorf("it was not delivered: %v", err)
	}
	c.heal(t, r, 3, seed)
}

func busyForEver(t *testing.T, r *row, chance *rand.Rand) {
	seed := chance.Uint64()
	c := newTrial(t, 1, seed)
	srv := httptest.NewServer(newHandler(t, func(_ int64, w http.ResponseWriter, r *http.Request) bool { return refuse(w, r, 503, "SlowDown") }))
	defer srv.Close()
	if err := c.send(t, srv.URL, 3); remote.ClassOf(err) != remote.Throttled || len(c.waited) != 2 {
		t.Errorf("%v, waited %v", err, c.waited)
	}
	c.heal(t, r, 1, seed)
}

// slow is the line that locked the predecessor's users out. The bundle is small
// so that the test is short; a part of a megabyte takes forty seconds.
func slow(t *testing.T, r *row, chance *rand.Rand) {
	seed := chance.Uint64()
	d := newDesk(t, t.TempDir())
	c := &trial{d, queue(t, d.setup(t), small(100_000, seed))}
	l := newLine(t, server(t).Plain[len("http://"):])
	l.set(func(l *line) { l.rate, l.loss = 230_000/8, 0.05 })
	start := time.Now()
	if err := c.send(t, l.url(), 2); err != nil {
		t.Errorf("it was not delivered: %v", err)
	}
	took := time.Since(start)
	r.note = fmt.Sprintf("%d KB in %.1f s, %d tries", c.s.Bytes>>10, took.Seconds(), len(c.waited)+1)
	if !wholeFiles(t, c.open(t, server(t).Plain), small(100_000, seed)) {
		r.lost++
	}
}

func fullBucket(t *testing.T, r *row, chance *rand.Rand) {
	seed, from := chance.Uint64(), 1+chance.Int64N(8)
	c := newTrial(t, 3, seed)
	puts := int64(0)
	srv := httptest.NewServer(newHandler(t, func(n int64, w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || n < from {
			return false
		}
		puts++
		return refuse(w, r, 507, "XMinioStorageFull")
	}))
	defer srv.Close()
	if err := c.send(t, srv.URL, 5); err != nil && remote.ClassOf(err) != remote.Full {
		t.Errorf("%v", err)
	}
	if s, err := c.w.Shared().Shipment(t.Context(), c.s.ID); err != nil || (puts > 0 && s.State != store.Paused) {
		t.Errorf("the shipment is %s (%v)", s.State, err)
	}
	c.heal(t, r, 3, seed)
}

func wrongSecret(t *testing.T, r *row, chance *rand.Rand) {
	seed := chance.Uint64()
	c := newTrial(t, 1, seed)
	right := c.key.Secret
	c.key.Secret = "wrong"
	if err := c.send(t, server(t).Plain, 5); remote.ClassOf(err) != remote.Credentials || len(c.waited) != 0 {
		t.Errorf("%v, waited %v", err, c.waited)
	}
	c.key.Secret = right
	c.heal(t, r, 1, seed)
}

// certificates puts TLS in front of the server.
func certificates(t *testing.T, r *row, chance *rand.Rand) {
	seed := chance.Uint64()
	c := newTrial(t, 2, seed)
	day := 24 * time.Hour
	_, strangers, err := s3test.Certificate(time.Now().Add(-day), time.Now().Add(day), "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		from, to time.Duration
		ca       []byte
		want     remote.Class
	}{{-2 * day, -day, nil, remote.TLS}, {-day, day, strangers, remote.TLS}, {-day, day, nil, ""}} {
		cert, ca, err := s3test.Certificate(time.Now().Add(one.from), time.Now().Add(one.to), "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		srv := httptest.NewUnstartedServer(newHandler(t, nil))
		srv.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
		srv.Config.ErrorLog = log.New(io.Discard, "", 0)
		srv.StartTLS()
		c.ca = ca
		if one.ca != nil {
			c.ca = one.ca
		}
		if err := c.send(t, srv.URL, 5); remote.ClassOf(err) != one.want || len(c.waited) != 0 {
			t.Errorf("%v, waited %v, want %q", err, c.waited, one.want)
		}
		srv.Close()
	}
	c.ca = nil
	c.heal(t, r, 2, seed)
}

// skewedClock asks in the year 2000, where the clock of a bubble starts.
func skewedClock(t *testing.T, _ *row, _ *rand.Rand) {
	o := options(t, "clock")
	synctest.Test(t, func(t *testing.T) {
		o.Now = time.Now
		b, err := s3.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.Get(t.Context(), remotetest.Key(t, 1))
		if e, ok := errors.AsType[*remote.Error](err); !ok || e.Class != remote.Clock || !strings.Contains(e.Note, "here it is 1 Jan 2000") {
			t.Errorf("%v", err)
		}
		b.Close()
	})
}

func flipped(t *testing.T, r *row, chance *rand.Rand) {
	seed := chance.Uint64()
	c, l := newTrial(t, 2, seed), newLine(t, server(t).Plain[len("http://"):])
	a := c.open(t, server(t).Plain)
	if err := a.Deliver(t.Context(), c.s, tell); err != nil {
		t.Fatal(err)
	}
	found, err := a.List(t.Context())
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	at := 1 + chance.Int64N(1<<(5+chance.IntN(15)))
	l.set(func(l *line) { l.flip = at })
	got, err := c.open(t, l.url()).Fetch(t.Context(), found[0], tell)
	if err == nil && !sameFiles(got, files(2, seed)) {
		t.Errorf("bit %d: wrong files were taken", at)
		r.silent++
	}
	if !whole(t, a, 2, seed) {
		r.lost++
	}
}

func lying(t *testing.T, r *row, chance *rand.Rand) {
	seed := chance.Uint64()
	c := newTrial(t, 3, seed)
	a := c.open(t, server(t).Plain)
	if err := a.Deliver(t.Context(), c.s, tell); err != nil {
		t.Fatal(err)
	}
	found, err := a.List(t.Context())
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	b := open(t, c.options(t))
	key := func(i int) remote.Key {
		k, err := remote.PartKey(found[0].Parts[i].Name)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	first, err := b.Get(t.Context(), key(0))
	if err != nil {
		t.Fatal(err)
	}
	other, err := b.Get(t.Context(), key(1))
	if err != nil {
		t.Fatal(err)
	}
	for what, lie := range map[string][]byte{"truncated": first[:chance.IntN(len(first))], "swapped": other, "junk": []byte("junk")} {
		put(t, "users/"+c.user+"/"+key(0).String(), lie)
		if _, err := a.Fetch(t.Context(), found[0], tell); remote.ClassOf(err) != remote.Integrity {
			t.Errorf("%s: %v", what, err)
			r.silent++
		}
		if checked, err := a.Verify(t.Context(), 1, tell); err != nil || len(checked.Faults) == 0 {
			t.Errorf("%s: %+v (%v)", what, checked, err)
		}
	}
	put(t, "users/"+c.user+"/"+key(0).String(), first)
	// A manifest of before is put at the end of the chain.
	device := a.Settings().Device
	m, err := remote.ManifestKey(remote.Bundles, device, 0)
	if err != nil {
		t.Fatal(err)
	}
	old, err := b.Get(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	next := fmt.Sprintf("users/%s/m/%s/%012d", c.user, device, 1)
	put(t, next, old)
	if _, err := a.List(t.Context()); remote.ClassOf(err) != remote.Integrity {
		t.Errorf("replayed: %v", err)
		r.silent++
	}
	if code, _, err := server(t).AsRoot(http.MethodDelete, "/"+s3test.Private+"/"+next, nil); err != nil || code >= 300 {
		t.Fatal(code, err)
	}
	if !whole(t, a, 3, seed) {
		r.lost++
	}
}

// around is for accounts whose tries take no time.
func around(o func(s share.Settings) s3.Options, waited *[]time.Duration) share.Surroundings {
	return share.Surroundings{
		Dial: func(s share.Settings, _ func() time.Time) (remote.Remote, error) { return s3.Open(o(s)) },
		Wait: func(ctx context.Context, d time.Duration) error {
			*waited = append(*waited, d)
			return ctx.Err()
		},
	}
}
