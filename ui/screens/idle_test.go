package screens

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"chatmrpt/ui/presenter"
)

// clock moves when the test says so.
type clock struct {
	now   time.Time
	timer func()
}

func (c *clock) Now() time.Time { return c.now }

func (c *clock) After(_ time.Duration, f func()) func() {
	c.timer = f
	return func() { c.timer = nil }
}

// pass lets time go by until the one timer goes off.
func (s *stage) pass(d time.Duration) {
	s.clock.now = s.clock.now.Add(d)
	s.clock.timer()
	s.turn()
}

// turn does what is posted already.
func (s *stage) turn() {
	for {
		select {
		case f := <-s.posts:
			f()
		default:
			return
		}
	}
}

const warned = "Locks in 1 minute"

// idle gives an open desk that says it will be locked.
func idle(t *testing.T) *stage {
	t.Helper()
	s := unlocked(t, &work{})
	s.pass(time.Second) // takes in the inputs so far
	s.pass(presenter.IdleLimit - 30*time.Second)
	if !s.says(warned) {
		t.Fatal("nobody is warned")
	}
	return s
}

func TestAnIdleWindowLocks(t *testing.T) {
	s := idle(t)
	s.pass(time.Minute)
	s.until("the profiles", func() bool { return s.button("Amina") != nil })
	if s.says("Afon") || s.says(warned) || s.view.bench != nil {
		t.Error("something of the user is still shown")
	}
}

func TestEveryInputIsFelt(t *testing.T) {
	for name, input := range map[string]func(*stage){
		"move": func(s *stage) { s.sensor().Cursor() },
		"click": func(s *stage) {
			s.sensor().MouseDown(&desktop.MouseEvent{})
		},
		"wheel": func(s *stage) { s.sensor().Scrolled(&fyne.ScrollEvent{}) },
		"key":   func(s *stage) { s.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyDown}) },
		"typing": func(s *stage) {
			s.tap("5  Nets")
			test.Type(s.entries()[0], "1")
		},
		"drop": func(s *stage) { s.view.dropped(fyne.Position{}, nil) },
		"name of a file": func(s *stage) {
			s.view.bench.saveAs(s.view.session.Desk().Savings()[1])
			test.Type(s.entries()[len(s.entries())-1], "a")
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := idle(t)
			s.view.session.Desk().SetFolder(t.TempDir())
			input(s)
			s.until("the warning goes", func() bool { return !s.says(warned) })
		})
	}
}

// sensor finds the topmost sensor: that of a dialog, else that of the screen.
func (s *stage) sensor() (found *sensor) {
	s.each(func(o fyne.CanvasObject) {
		if x, ok := o.(*sensor); ok {
			found = x
		}
	})
	return found
}

// The sensor must lie beneath all of the screen, or it would take the clicks.
func TestTheSensorCoversTheScreenFromBelow(t *testing.T) {
	s := unlocked(t, &work{})
	content := s.win.Content().(*fyne.Container)
	if content.Objects[0] != fyne.CanvasObject(s.sensor()) || s.sensor().Size() != content.Size() {
		t.Errorf("the sensor is %v of %v", s.sensor().Size(), content.Size())
	}
	s.view.bench.addFiles()
	if got := s.sensor(); got == nil || got.Size().Width < 500 {
		t.Error("the dialog has none")
	}
}
