package bridge_test

import (
	"testing"

	"chatmrpt/ui/bridge"
)

// Work runs elsewhere; what it posts runs on the goroutine that drains the
// queue, in order.
func TestResultsComeBackInOrder(t *testing.T) {
	queue := make(chan func(), 8)
	b := bridge.With(func(f func()) { queue <- f })
	var got []int
	b.Go(func() {
		for i := range 3 {
			b.Post(func() { got = append(got, i) })
		}
		b.Post(func() { close(queue) })
	})
	for f := range queue {
		f()
	}
	if len(got) != 3 || got[0] != 0 || got[1] != 1 || got[2] != 2 {
		t.Errorf("posted in order 0 1 2, ran %v", got)
	}
}

func TestPostDoesNotWait(t *testing.T) {
	var kept func()
	b := bridge.With(func(f func()) { kept = f })
	ran := false
	b.Post(func() { ran = true })
	if ran {
		t.Fatal("ran before the window had its turn")
	}
	kept()
	if !ran {
		t.Error("did not run when the window had its turn")
	}
}
