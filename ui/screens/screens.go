// Package screens is what the window shows, one file a region.
//
// The rules of this face:
//
//   - The program speaks to one person, in sentences that begin with a capital
//     and end with a stop, in plain words; the method stands behind. It never
//     says "error", "oops" or "please".
//   - A problem says what is wrong in one sentence and what to do in the next,
//     where the person was looking, and stays until it is dealt with or put
//     away. It takes nothing away that was there before.
//   - What runs is told in the status line, with how far it is and Cancel
//     beside it; the rest of the window stays usable. Nothing blinks, nothing
//     opens by itself.
//   - A button says what it does and is never moved or renamed by state; one
//     that can't be used now is grey.
//   - Colour alone never says anything: each state has its word or sign too.
//   - Missing values are shown as a dash, filled-in ones with a star.
//   - Never shown: a passphrase; a recovery code a second time; anything of a
//     user on the lock screen but the profile's name; a user's name or data in
//     the window's title, which other programs can read; paths of the
//     machine, but where the person picks a file.
//
// Screens hold no state of the work. They read the presenter, redraw when it
// tells of a change, and hand every act to it.
package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"chatmrpt/ui/presenter"
)

// Window shows a session in a Fyne window.
type Window struct {
	win     fyne.Window
	loop    presenter.Loop
	session *presenter.Session

	lock  *lockScreen // in the stages Locked and Opening
	bench *bench      // in the stage Open
	code  *codeScreen // in the stage Noting
	shown presenter.Stage
}

// New puts the session of home into win. Everything happens on the window's
// goroutine; loop brings results there. A desk that is left alone is locked by
// clock.
func New(win fyne.Window, home presenter.Home, loop presenter.Loop, clock presenter.Clock) *Window {
	w := &Window{win: win, loop: loop}
	w.session = presenter.NewSession(home, loop, w.changed)
	w.session.LockWhenIdle(clock, presenter.IdleLimit)
	w.showLock()
	win.SetOnDropped(w.dropped)
	w.addShortcuts()
	w.hearKeys()
	w.session.Start()
	return w
}

// Quit locks the profile, then calls leave.
func (w *Window) Quit(leave func()) { w.session.Quit(leave) }

// changed shows what the session now is.
func (w *Window) changed() {
	stage := w.session.Stage()
	if stage != w.shown {
		w.turnTo(stage)
		w.shown = stage
	}
	switch {
	case w.lock != nil:
		w.lock.refresh()
	case w.bench != nil:
		w.bench.refresh()
	case w.code != nil:
		w.code.refresh()
	}
}

// turnTo changes the screen. Objects of the one before are let go, so that
// nothing of a user hangs on in a hidden widget.
func (w *Window) turnTo(stage presenter.Stage) {
	if stage == presenter.Opening || (stage == presenter.Locked && w.lock != nil) {
		return // both are the lock screen
	}
	w.closeOverlays()
	if w.code != nil {
		w.code.forgetCopied()
	}
	w.lock, w.bench, w.code = nil, nil, nil
	switch stage {
	case presenter.Locked:
		w.showLock()
	case presenter.Noting:
		w.code = newCodeScreen(w.win, w.loop, w.session)
		w.win.SetContent(w.code.object)
	case presenter.Open:
		w.bench = newBench(w.win, w.loop, w.session)
		w.win.SetContent(sensed(w.bench.object, w.session.Touch))
	case presenter.Locking:
		w.win.SetContent(container.NewCenter(widget.NewLabel("Locking. Waiting for what runs to end.")))
	}
}

func (w *Window) showLock() {
	w.lock = newLockScreen(w.win.Canvas(), w.session)
	w.win.SetContent(w.lock.object)
	w.lock.refresh()
}

func (w *Window) closeOverlays() {
	overlays := w.win.Canvas().Overlays()
	for top := overlays.Top(); top != nil; top = overlays.Top() {
		overlays.Remove(top)
	}
}

// addShortcuts gives the main acts keys: T tries the made-up state, O adds
// files, R does everything, L locks; each with the system's shortcut key.
func (w *Window) addShortcuts() {
	onDesk := func(act func(*presenter.Desk)) func() {
		return func() {
			if desk := w.session.Desk(); desk != nil && w.win.Canvas().Overlays().Top() == nil {
				act(desk)
			}
		}
	}
	for key, act := range map[fyne.KeyName]func(){
		fyne.KeyT: w.tryKey,
		fyne.KeyO: onDesk(func(*presenter.Desk) { w.bench.addFiles() }),
		fyne.KeyR: onDesk((*presenter.Desk).RunAll),
		fyne.KeyL: w.session.Lock,
	} {
		w.win.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { act() })
	}
}

// hearKeys hears the keys that nothing on the screen is waiting for. Those that
// change something are heard where they do.
func (w *Window) hearKeys() {
	w.win.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { w.session.Touch() })
	if c, ok := w.win.Canvas().(desktop.Canvas); ok {
		c.SetOnKeyDown(func(*fyne.KeyEvent) { w.session.Touch() })
	}
}

func (w *Window) tryKey() {
	if w.lock != nil && w.session.Stage() == presenter.Locked {
		w.lock.try()
	}
}

// dropped imports files dropped on the window while a profile is open.
func (w *Window) dropped(_ fyne.Position, files []fyne.URI) {
	w.session.Touch()
	desk := w.session.Desk()
	if desk == nil {
		return
	}
	var paths []string
	for _, f := range files {
		if f.Scheme() == "file" {
			paths = append(paths, f.Path())
		}
	}
	desk.Import(paths)
}

// title is a line of large letters.
func title(text string) *widget.Label {
	l := widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	l.SizeName = headingSize
	return l
}

const headingSize = fyne.ThemeSizeName("subHeadingText")

// prose is text that runs over as many lines as it needs.
func prose(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// column is a card of fixed width in the middle of the window.
func column(objects ...fyne.CanvasObject) fyne.CanvasObject {
	const width = 440
	card := container.New(&fixedWidth{width}, container.NewVBox(objects...))
	return container.NewVScroll(container.NewCenter(container.NewPadded(card)))
}

// fixedWidth gives its objects one width and the height they need at it.
type fixedWidth struct{ width float32 }

// MinSize implements fyne.Layout.
func (f *fixedWidth) MinSize(objects []fyne.CanvasObject) fyne.Size {
	height := float32(0)
	for _, o := range objects {
		height = max(height, o.MinSize().Height)
	}
	return fyne.NewSize(f.width, height)
}

// Layout implements fyne.Layout.
func (f *fixedWidth) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Resize(size)
		o.Move(fyne.NewPos(0, 0))
	}
}

// buttons stands buttons at the right end of a line.
func buttons(objects ...fyne.CanvasObject) fyne.CanvasObject {
	return container.NewHBox(append([]fyne.CanvasObject{layout.NewSpacer()}, objects...)...)
}
