package s3

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// errPin says that no certificate of the chain has the pinned key.
var errPin = errors.New("the server's certificate is not the one that was pinned")

// errStalled says that no byte went either way for too long.
var errStalled = errors.New("nothing was sent or received for too long")

// newTransport makes the connections of one account: no proxy but that of the
// options, no ambient certificates, no time limit for a whole request, but one
// for a line that has gone quiet.
func newTransport(o Options) (*http.Transport, error) {
	trust, err := trusting(o)
	if err != nil {
		return nil, err
	}
	var limit *rate.Limiter
	if o.Rate > 0 {
		limit = rate.NewLimiter(rate.Limit(o.Rate), max(piece, o.Rate/4))
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dialer.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return watch(c, o.Stall, limit, o.Now), nil
		},
		TLSClientConfig:     trust,
		TLSHandshakeTimeout: 20 * time.Second,
		MaxIdleConnsPerHost: 8,
		IdleConnTimeout:     o.Stall * 9 / 10,
		DisableCompression:  true,
	}
	return t, throughProxy(t, o)
}

// trusting says which servers are trusted: those of the system, or of the given
// authority alone, and of these only one with the pinned key.
func trusting(o Options) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.Now != nil {
		c.Time = o.Now
	}
	if len(o.CA) > 0 {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(o.CA) {
			return nil, errors.New("the certificate file holds no certificate in PEM form")
		}
	}
	if o.Pin == "" {
		return c, nil
	}
	want, err := ParsePin(o.Pin)
	if err != nil {
		return nil, err
	}
	c.VerifyConnection = func(s tls.ConnectionState) error {
		for _, chain := range s.VerifiedChains {
			for _, cert := range chain {
				if sha256.Sum256(cert.RawSubjectPublicKeyInfo) == want {
					return nil
				}
			}
		}
		return errPin
	}
	return c, nil
}

// ParsePin reads the SHA-256 of a public key as 64 hexadecimal digits, colons
// and case as they come.
func ParsePin(text string) (pin [32]byte, err error) {
	b, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(text), ":", ""))
	if err != nil || len(b) != len(pin) {
		return pin, errors.New("a pin is the SHA-256 of a public key: 64 hexadecimal digits")
	}
	return [32]byte(b), nil
}

// piece is how much is sent at a time, so that progress is seen also on a line
// of a few kilobytes a second.
const piece = 8 << 10

// sendBuffer keeps the system from taking a whole part off our hands at once
// and being quiet about it for a minute.
const sendBuffer = 64 << 10

// A connection that took proven bytes at fastRate (a second) or more is one on
// which both would only hold the sending up: from then on they are larger.
// Should it turn so slow that the larger ones seem to be a dead line, it is
// given up, and the next connection begins with the small ones.
const (
	proven         = 512 << 10
	fastRate       = 1 << 20
	fastPiece      = 64 << 10
	fastSendBuffer = 1 << 20
)

// watch gives c a dead man's handle: it is closed when for a while no byte went
// either way. There is no limit to how long a request may take while bytes
// move: at 230 kbit/s one part needs 40 s.
func watch(c net.Conn, stall time.Duration, limit *rate.Limiter, now func() time.Time) net.Conn {
	ctx, cancel := context.WithCancel(context.Background())
	w := &watched{Conn: c, stall: stall, limit: limit, ctx: ctx, cancel: cancel, now: now, piece: piece}
	w.buffer(sendBuffer)
	w.timer = time.AfterFunc(stall, func() {
		w.dead.Store(true)
		c.Close()
		cancel()
	})
	return w
}

type watched struct {
	net.Conn
	stall  time.Duration
	limit  *rate.Limiter
	timer  *time.Timer
	dead   atomic.Bool
	ctx    context.Context // ends with the connection, for whoever waits for the limit
	cancel context.CancelFunc

	now func() time.Time // nil for a connection that stays as it began

	// Of the writer alone, as http.Transport has one for each connection.
	piece  int           // how much is sent at a time
	taken  int           // bytes that the line took
	taking time.Duration // how long it took them
}

// buffer bounds what the system takes off our hands. It is an improvement only,
// so that a refusal is no matter.
func (w *watched) buffer(size int) {
	if t, ok := w.Conn.(*net.TCPConn); ok {
		t.SetWriteBuffer(size)
	}
}

// send sends a piece, and learns from how long the line took it.
func (w *watched) send(p []byte) (int, error) {
	if w.now == nil {
		return w.Conn.Write(p)
	}
	start := w.now()
	n, err := w.Conn.Write(p)
	w.learn(n, w.now().Sub(start))
	return n, err
}

// learn finds out, by what was taken in a time, that the line is a fast one.
func (w *watched) learn(n int, d time.Duration) {
	if w.piece > piece || w.limit != nil {
		return
	}
	w.taken, w.taking = w.taken+n, w.taking+d
	if w.taken < proven {
		return
	}
	if float64(w.taken) >= fastRate*w.taking.Seconds() {
		w.piece = fastPiece
		w.buffer(fastSendBuffer)
	}
	w.taken, w.taking = 0, 0
}

func (w *watched) alive() {
	if !w.dead.Load() {
		w.timer.Reset(w.stall)
	}
}

// Write implements net.Conn.
func (w *watched) Write(p []byte) (n int, err error) {
	for n < len(p) {
		next := p[n:min(len(p), n+w.piece)]
		if err := w.wait(len(next)); err != nil {
			return n, err
		}
		m, err := w.send(next)
		n += m
		if m > 0 {
			w.alive()
		}
		if err != nil {
			return n, w.why(err)
		}
	}
	return n, nil
}

// Read implements net.Conn.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p[:min(len(p), 4*piece)])
	if n > 0 {
		w.alive()
		if e := w.wait(n); e != nil && err == nil {
			err = e
		}
	}
	return n, w.why(err)
}

// wait holds to the limit. Waiting for it is not a dead line.
func (w *watched) wait(n int) error {
	if w.limit == nil {
		return nil
	}
	for n > 0 {
		m := min(n, w.limit.Burst())
		if err := w.limit.WaitN(w.ctx, m); err != nil {
			return net.ErrClosed
		}
		w.alive()
		n -= m
	}
	return nil
}

func (w *watched) why(err error) error {
	if err != nil && w.dead.Load() {
		return errStalled
	}
	return err
}

// Close implements net.Conn.
func (w *watched) Close() error {
	w.timer.Stop()
	w.cancel()
	return w.Conn.Close()
}
