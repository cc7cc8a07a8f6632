package vault

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"time"

	"chatmrpt/core/problem"
)

// attemptsName is the small file that counts wrong secrets since the last
// right one. It is not sealed, as nobody has a key before the right secret:
// whoever can write to the folder can remove it. It slows the person at the
// keyboard, and the honest one can see that somebody tried. It does nothing
// against a thief with the files, whom only the cost of the key derivation and
// the passphrase slow down.
const attemptsName = "attempts.json"

// The delay begins with the fourth failure in a row and doubles up to its
// longest.
const (
	freeFailures  = 3
	firstDelay    = 2 * time.Second
	longestDelay  = 5 * time.Minute
	attemptsBytes = 1024
)

// attempts is the content of attemptsName.
type attempts struct {
	Failures int       `json:"failures"` // since the last success
	Last     time.Time `json:"last"`     // when the last one was
}

// TooSoon is the cause of the Locked problem that a secret gets which was given
// before the delay after earlier failures is over. Nothing was tried.
type TooSoon struct {
	Wait     time.Duration // until the next try, more than zero
	Failures int           // wrong secrets since the last right one
}

// Error says how long to wait, in whole seconds.
func (e *TooSoon) Error() string {
	return fmt.Sprintf("%d wrong tries, wait %d seconds", e.Failures, e.seconds())
}

func (e *TooSoon) seconds() int { return int(math.Ceil(e.Wait.Seconds())) }

// delayAfter is how long to wait after that many failures in a row: nothing
// for three, then 2 s, 4 s, 8 s, up to 5 min.
func delayAfter(failures int) time.Duration {
	if failures <= freeFailures {
		return 0
	}
	d := firstDelay
	for range failures - freeFailures - 1 {
		if d *= 2; d >= longestDelay {
			return longestDelay
		}
	}
	return d
}

// readAttempts gives what the file says; one that is missing or can't be
// understood says nothing.
func readAttempts(root *os.Root) attempts {
	var a attempts
	data, err := readFile(root, attemptsName, attemptsBytes)
	if err != nil || json.Unmarshal(data, &a) != nil || a.Failures < 1 || a.Last.IsZero() {
		return attempts{}
	}
	return a
}

func (a attempts) write(root *os.Root, f fault) error {
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = replaceFile(root, attemptsName, append(data, '\n'), f)
	return err
}

// mayTry gives the failures so far, or a Locked problem when it is too soon
// for another try. A clock that was put back since the last failure begins the
// delay anew, once: it then neither lasts until that day comes again nor is
// it over.
func (e *entry) mayTry(name string) (attempts, error) {
	a := readAttempts(e.root)
	now := e.o.Now().UTC()
	if a.Last.After(now) {
		a.Last = now
		if err := a.write(e.root, e.o.fault); err != nil {
			return a, unwritable(e.op, name, err)
		}
	}
	if wait := a.Last.Add(delayAfter(a.Failures)).Sub(now); a.Failures > 0 && wait > 0 {
		return a, tooSoon(e.op, name, &TooSoon{Wait: wait, Failures: a.Failures})
	}
	return a, nil
}

func tooSoon(op, name string, e *TooSoon) error {
	return problem.New(problem.Locked, op, name,
		fmt.Sprintf("%d wrong tries in a row: wait %d seconds before the next", e.Failures, e.seconds()),
		"Wait, then check the keyboard layout and Caps Lock; the recovery code opens the profile too").Because(e)
}

// countFailure notes one more failure. A disk that can't take the note does
// not turn a wrong passphrase into something else.
func (e *entry) countFailure(a attempts) error {
	a.Failures++
	a.Last = e.o.Now().UTC()
	return a.write(e.root, e.o.fault)
}
