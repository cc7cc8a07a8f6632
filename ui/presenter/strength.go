package presenter

import (
	"fmt"
	"strings"

	"chatmrpt/core/vault"
)

// Strength says how hard a passphrase is to guess, in words.
type Strength struct {
	Words  string // a sentence with the score
	Advice string // what to do better, "" when nothing
	Enough bool   // whether a profile can be made with it
}

const (
	strengthTop    = 4 // the vault's highest score
	strengthEnough = 2 // the lowest that the vault takes
)

// strengthOf puts a judgement into words.
func strengthOf(q vault.Quality) Strength {
	score := min(max(q.Score, 0), strengthTop)
	words := [...]string{"guessed at once", "too easy to guess", "fair", "strong", "very strong"}[score]
	return Strength{
		Words:  fmt.Sprintf("Strength %d of %d: %s. A thief with the file and many computers needs %s.", score, strengthTop, words, strings.TrimRight(q.CrackTime, ".")),
		Advice: sentence(q.Advice),
		Enough: score >= strengthEnough,
	}
}

// gauge judges passphrases beside the window while they are typed: judging one
// may take longer than typing a letter. One is judged at a time; of those that
// come meanwhile only the newest waits, and a judgement that is out of date is
// never shown. No passphrase is kept longer than it takes to judge it.
type gauge struct {
	judge   func(passphrase []byte, words []string) vault.Quality
	running bool
	waiting *guess
	newest  int // counts what was asked and what was forgotten
	shown   *Strength
}

// guess is a passphrase to be judged.
type guess struct {
	number     int
	passphrase []byte
	name       string
}

// Judge asks how strong a passphrase is for the profile of that name; the
// answer is had from Strength. It takes the passphrase over and clears it. An
// empty one is not judged.
func (s *Session) Judge(passphrase []byte, name string) {
	g := &s.gauge
	g.forget()
	if len(passphrase) == 0 || s.stage != Locked {
		clear(passphrase)
		s.tell()
		return
	}
	next := &guess{number: g.newest, passphrase: passphrase, name: name}
	if g.running {
		g.waiting = next
		return
	}
	s.judge(next)
}

func (s *Session) judge(next *guess) {
	g := &s.gauge
	g.running = true
	judge := g.judge
	s.loop.Go(func() {
		q := judge(next.passphrase, []string{next.name})
		clear(next.passphrase)
		s.loop.Post(func() { s.judged(next.number, q) })
	})
}

// judged takes in a judgement, unless it is of an older passphrase.
func (s *Session) judged(number int, q vault.Quality) {
	g := &s.gauge
	g.running = false
	if next := g.waiting; next != nil {
		g.waiting = nil
		s.judge(next)
	}
	if number != g.newest {
		return
	}
	now := strengthOf(q)
	g.shown = &now
	s.tell()
}

// forget drops what is shown, what waits, and the answer that is on its way.
func (g *gauge) forget() {
	g.newest++
	g.shown = nil
	if g.waiting != nil {
		clear(g.waiting.passphrase)
		g.waiting = nil
	}
}

// Strength is how strong the passphrase is that was last typed, nil while that
// is not known.
func (s *Session) Strength() *Strength { return s.gauge.shown }
