package presenter

import (
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/vault"
)

// judging gives a session whose judge answers when the test lets it.
func judging(t *testing.T) (s *Session, q *queue, asked chan string, answer chan int) {
	t.Helper()
	q = newQueue(t)
	s = NewSession(&fakeHome{work: &fakeWork{}, code: "CODE"}, q, func() {})
	asked, answer = make(chan string, 16), make(chan int)
	s.gauge.judge = func(passphrase []byte, words []string) vault.Quality {
		asked <- string(passphrase) + "/" + strings.Join(words, "+")
		return vault.Quality{Score: <-answer, CrackTime: "3 hours", Advice: "add a word"}
	}
	return s, q, asked, answer
}

func TestStrengthIsSaidInWords(t *testing.T) {
	s, q, asked, answer := judging(t)
	secret := []byte("lantern")
	s.Judge(secret, "Bola")
	if s.Strength() != nil {
		t.Error("a judgement before there is one")
	}
	answer <- 1
	q.until("the judgement", func() bool { return s.Strength() != nil })
	want := Strength{Words: "Strength 1 of 4: too easy to guess. A thief with the file and many computers needs 3 hours.", Advice: "Add a word."}
	if got := *s.Strength(); got != want || <-asked != "lantern/Bola" {
		t.Errorf("got %+v", got)
	}
	if !slices.Equal(secret, make([]byte, len(secret))) {
		t.Error("the passphrase is still in memory")
	}
	s.Judge(nil, "Bola")
	if s.Strength() != nil {
		t.Error("nothing was typed, and it is judged")
	}
}

// The newest input wins: what was typed while another was judged is judged
// next, those between never, and no old answer is shown.
func TestTheNewestPassphraseWins(t *testing.T) {
	s, q, asked, answer := judging(t)
	secrets := [][]byte{[]byte("a"), []byte("ab"), []byte("abc")}
	s.Judge(secrets[0], "")
	<-asked
	s.Judge(secrets[1], "")
	s.Judge(secrets[2], "")
	if secrets[1][0] != 0 {
		t.Error("a passphrase nobody will judge is kept")
	}
	answer <- 0
	q.until("the next", func() bool { return s.gauge.waiting == nil })
	if s.Strength() != nil {
		t.Error("the judgement of an older passphrase is shown")
	}
	if got := <-asked; got != "abc/" {
		t.Errorf("judged %q next", got)
	}
	answer <- 4
	q.until("the judgement", func() bool { return s.Strength() != nil })
	if !s.Strength().Enough || !strings.HasPrefix(s.Strength().Words, "Strength 4 of 4") || len(asked) > 0 {
		t.Errorf("got %+v", s.Strength())
	}
}

// After submitting nothing is kept and no late answer is shown.
func TestStrengthIsForgottenOnSubmit(t *testing.T) {
	s, q, asked, answer := judging(t)
	waiting := []byte("second")
	s.Judge([]byte("first"), "Bola")
	<-asked
	s.Judge(waiting, "Bola")
	s.Create("Bola", []byte("same words"), []byte("same words"))
	if s.gauge.waiting != nil || waiting[0] != 0 {
		t.Error("a passphrase waits to be judged after it was submitted")
	}
	answer <- 3
	q.until("the code", func() bool { return s.Stage() == Noting && !s.gauge.running })
	if s.Strength() != nil || len(asked) > 0 {
		t.Error("a judgement came after the passphrase was submitted")
	}
	late := []byte("late")
	s.Judge(late, "Bola")
	if late[0] != 0 || s.gauge.running {
		t.Error("a passphrase is judged where none is asked for")
	}
}

func TestTheRealJudge(t *testing.T) {
	for secret, enough := range map[string]bool{"password": false, "lanterns over wet fields": true} {
		q := newQueue(t)
		s := NewSession(&fakeHome{}, q, func() {})
		s.Judge([]byte(secret), "Bola")
		q.until("the judgement", func() bool { return s.Strength() != nil })
		if got := s.Strength(); got.Enough != enough || (got.Advice == "") == !enough {
			t.Errorf("%+v", got)
		}
	}
}
