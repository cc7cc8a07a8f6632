package s3test_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// line is a TCP connection to the server on which things go wrong.
type line struct {
	listener net.Listener
	to       string

	mu     sync.Mutex
	cut    int64         // cut a connection after so many bytes up; 0 for never
	cuts   int           // how many connections are cut; negative for all
	rate   int64         // bytes a second, up, of all connections together; 0 for no limit
	free   time.Time     // when the line can take the next piece
	loss   float64       // of the pieces up, how many wait for a second sending
	drop   int           // how many answers are swallowed, the connection with them
	flip   int64         // change a byte of an answer at this place; 0 for never
	up     atomic.Int64  // bytes
	broken atomic.Int64  // connections
	random *rand.Rand    // under mu
	pause  time.Duration // how long a lost piece takes
}

// newLine listens in front of the server.
func newLine(t testing.TB, to string) *line {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &line{listener: l, to: to, random: rand.New(rand.NewPCG(1, 2)), pause: 200 * time.Millisecond}
	t.Cleanup(func() { l.Close() })
	go p.serve()
	return p
}

func (p *line) url() string { return "http://" + p.listener.Addr().String() }

func (p *line) serve() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		s, err := net.Dial("tcp", p.to)
		if err != nil {
			c.Close()
			continue
		}
		c.(*net.TCPConn).SetReadBuffer(16 << 10) // so that the sender feels how slow the line is
		end := func() {
			c.(*net.TCPConn).SetLinger(0)
			s.(*net.TCPConn).SetLinger(0)
			c.Close()
			s.Close()
		}
		go p.copy(s, c, true, end)
		go p.copy(c, s, false, end)
	}
}

var errCut = errors.New("cut")

func (p *line) copy(to, from net.Conn, up bool, end func()) {
	buf := make([]byte, 8<<10)
	passed := int64(0)
	for {
		n, err := from.Read(buf)
		if n > 0 && p.pass(to, buf[:n], up, passed) != nil {
			end()
			return
		}
		passed += int64(n)
		if err != nil {
			if err != io.EOF {
				end()
			} else if t, ok := to.(*net.TCPConn); ok {
				t.CloseWrite()
			}
			return
		}
	}
}

// pass sends a piece on, or does to it what the line does.
func (p *line) pass(to net.Conn, piece []byte, up bool, passed int64) error {
	p.mu.Lock()
	var wait time.Duration
	keep, broken := len(piece), false
	switch {
	case up:
		p.up.Add(int64(len(piece)))
		if p.cut > 0 && p.cuts != 0 && passed+int64(len(piece)) > p.cut {
			keep, broken = int(max(0, p.cut-passed)), true
			p.cuts--
		}
		if p.rate > 0 {
			now := time.Now()
			if p.free.Before(now) {
				p.free = now
			}
			p.free = p.free.Add(time.Duration(float64(len(piece)) / float64(p.rate) * float64(time.Second)))
			wait = p.free.Sub(now)
			for range (len(piece) + 1459) / 1460 { // a lost packet holds up those behind it
				if p.random.Float64() < p.loss {
					wait += p.pause
				}
			}
		}
	case p.drop > 0:
		p.drop--
		keep, broken = 0, true
	case p.flip > 0 && p.flip >= passed && p.flip < passed+int64(len(piece)):
		piece[p.flip-passed] ^= 0x40
	}
	p.mu.Unlock()
	if wait > 0 {
		<-time.After(wait)
	}
	if _, err := to.Write(piece[:keep]); err != nil {
		return err
	}
	if broken {
		p.broken.Add(1)
		return errCut
	}
	return nil
}

// set changes what the line does.
func (p *line) set(f func(p *line)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(p)
}
