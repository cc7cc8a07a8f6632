package screens

import (
	"context"
	"image"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/ui/bridge"
	"chatmrpt/ui/presenter"
	"chatmrpt/ui/theme"
)

// stage is a window whose posts run when the test turns it: Fyne's test driver
// runs handlers on the test's goroutine, and so do these.
type stage struct {
	t     *testing.T
	win   fyne.Window
	view  *Window
	posts chan func()
	home  *home
	clock *clock
}

func show(t *testing.T, h *home) *stage {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New())
	s := &stage{t: t, posts: make(chan func(), 1024), home: h, clock: &clock{now: time.Unix(1e9, 0)}}
	s.win = test.NewTempWindow(t, widget.NewLabel(""))
	s.win.SetPadded(true)
	s.win.Resize(fyne.NewSize(1024, 680))
	s.view = New(s.win, h, bridge.With(func(f func()) { s.posts <- f }), s.clock)
	return s
}

func (s *stage) until(what string, cond func() bool) {
	s.t.Helper()
	watchdog := time.After(60 * time.Second)
	for !cond() {
		select {
		case f := <-s.posts:
			f()
		case <-watchdog:
			s.t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// each calls f with everything that is shown, popups included.
func (s *stage) each(f func(fyne.CanvasObject)) {
	walk(s.win.Content(), f)
	for _, o := range s.win.Canvas().Overlays().List() {
		walk(o, f)
	}
}

func walk(o fyne.CanvasObject, f func(fyne.CanvasObject)) {
	if o == nil || !o.Visible() {
		return
	}
	f(o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			walk(c, f)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			walk(c, f)
		}
	}
}

// says reports whether a label shows text.
func (s *stage) says(text string) bool {
	found := false
	s.each(func(o fyne.CanvasObject) {
		if l, ok := o.(*widget.Label); ok && strings.Contains(l.Text, text) {
			found = true
		}
	})
	return found
}

// tap taps the button of that text.
func (s *stage) tap(text string) {
	s.t.Helper()
	b := s.button(text)
	if b == nil {
		s.t.Fatalf("no button %q", text)
	}
	test.Tap(b)
}

func (s *stage) button(text string) (found *widget.Button) {
	s.each(func(o fyne.CanvasObject) {
		if b, ok := o.(*widget.Button); ok && b.Text == text && found == nil {
			found = b
		}
	})
	return found
}

func (s *stage) entries() (out []*widget.Entry) {
	s.each(func(o fyne.CanvasObject) {
		if e, ok := o.(*widget.Entry); ok {
			out = append(out, e)
		}
	})
	return out
}

// home has one profile.
type home struct {
	work    *work
	did     []string
	keyring bool
}

func (h *home) Profiles() ([]presenter.Profile, error) {
	return []presenter.Profile{{Name: "Amina", Keyring: h.keyring}, {Name: "stray", Damaged: &presenter.Trouble{Sentence: "It is damaged.", Hint: "Put a copy back."}}}, nil
}

func (h *home) Unlock(_ context.Context, _ string, secret []byte) (presenter.Workspace, error) {
	if string(secret) != "right words" {
		return nil, problem.New(problem.Locked, "unlock", "", "wrong passphrase", "Try again")
	}
	return h.work, nil
}

func (h *home) Recover(_ context.Context, _ string, code, _ []byte) (string, error) {
	if string(code) != "AAAA-BBBB" {
		return "", problem.New(problem.Locked, "recover", "", "wrong recovery code", "Look at the paper again")
	}
	return "EEEE-FFFF-GGGG-HHHH", nil
}

func (h *home) Create(context.Context, string, []byte) (presenter.Workspace, string, error) {
	return h.work, "AAAA-BBBB-CCCC-DDDD", nil
}

func (h *home) Try(context.Context) (presenter.Workspace, error) { return h.work, nil }

// asked notes what is done to a locked profile.
func (h *home) asked(what string, secret []byte) error {
	if string(secret) != "right words" {
		return problem.New(problem.Locked, what, "", "wrong passphrase", "Try again")
	}
	h.did = append(h.did, what)
	return nil
}

func (h *home) Change(_ context.Context, _ string, secret, fresh []byte) error {
	return h.asked("change to "+string(fresh), secret)
}

func (h *home) Rotate(_ context.Context, _ string, secret []byte) (string, error) {
	return "EEEE-FFFF-GGGG-HHHH", h.asked("rotate", secret)
}

func (h *home) Erase(_ context.Context, _ string, secret []byte) error {
	return h.asked("erase", secret)
}

func (h *home) SetKeyring(_ context.Context, _ string, secret []byte, on bool) error {
	err := h.asked("keyring", secret)
	if err == nil {
		h.keyring = on
	}
	return err
}

func (h *home) UnlockByKeyring(context.Context, string) (presenter.Workspace, error) {
	return h.work, nil
}

func (h *home) CodeTold(context.Context, string) error { return h.asked("told", []byte("right words")) }

func (h *home) SavePage(path, name, code string) error {
	return h.asked("page "+filepath.Base(path)+" "+name+" "+code, []byte("right words"))
}

// work is a workspace with a small ranking; its acts wait until they may go on.
type work struct {
	wrong int
	gate  chan struct{} // nil: acts do not wait
	files []string
}

func (w *work) User() string { return "Amina" }

func (w *work) CodeUntold() bool { return false }

func (w *work) CodeTold() error { return nil }

func (w *work) Do(ctx context.Context, name string, a action.Action, tell action.Progress) (*action.Result, error) {
	if name == "data" {
		return data()
	}
	if in, ok := a.(*action.Import); ok {
		w.files = in.Files
	}
	if w.gate != nil {
		tell("working", 1, 4)
		select {
		case <-w.gate:
		case <-ctx.Done():
			return nil, problem.From(ctx.Err(), name)
		}
	}
	return &action.Result{Act: name, Summary: "Did " + name + ".", Notices: []string{"a thing about " + name}}, nil
}

func data() (*action.Result, error) {
	t, err := table.New("data", table.TextOf("kind", "boundaries", "match", "ranking"), table.TextOf("name", "wards", "m", "r"),
		table.NumberOf("rows", 3, 3, 3), table.NumberOf("run", 1, 2, 3))
	if err != nil {
		return nil, err
	}
	v, err := table.New("variables", table.TextOf("variable", "rain_mm", "urban"))
	return &action.Result{Tables: []*table.Table{t, v}}, err
}

func (w *work) WrongTries() (int, time.Time) { return w.wrong, time.Unix(1e9, 0).UTC() }

func (w *work) NextSending(context.Context) (time.Time, error) { return time.Time{}, nil }

func (w *work) Ranking(context.Context) (*presenter.Ranking, error) {
	return &presenter.Ranking{Imputed: 1, Rows: []presenter.RankRow{
		{Rank: "1*", Ward: "Afon", LGA: "Asa", Median: "1.5", Middle: "1 – 2", Category: "High", Nets: "–"},
	}}, nil
}

func (w *work) Draw(_ context.Context, m *action.Map, _ float64) (*image.RGBA, error) {
	return image.NewRGBA(image.Rect(0, 0, m.Width, m.Height)), nil
}

func (w *work) Close() error { return nil }

// unlocked gives the stage with an open desk at rest.
func unlocked(t *testing.T, w *work) *stage {
	t.Helper()
	s := show(t, &home{work: w})
	s.until("the profiles", func() bool { return s.button("Amina") != nil })
	s.tap("Amina")
	test.Type(s.entries()[0], "right words")
	s.tap("Unlock")
	s.until("rest", func() bool {
		d := s.view.session.Desk()
		if d == nil || d.Busy() != nil {
			return false
		}
		img, _ := d.Picture()
		return img != nil
	})
	return s
}

func TestLockScreen(t *testing.T) {
	s := show(t, &home{work: &work{}})
	s.until("the profiles", func() bool { return s.button("Amina") != nil })
	if b := s.button("stray"); b == nil || !b.Disabled() || !s.says("Put a copy back.") {
		t.Error("a damaged profile is not shown as one")
	}
	s.tap("Amina")
	secret := s.entries()[0]
	if !secret.Password {
		t.Error("the passphrase is shown")
	}
	test.Type(secret, "wrong words")
	s.tap("Unlock")
	if !secret.Disabled() || secret.Text != "" || !s.says("Unlocking.") {
		t.Errorf("while unlocking: disabled %v, text %q", secret.Disabled(), secret.Text)
	}
	s.until("the refusal", func() bool { return s.says("Wrong passphrase.") && s.says("Try again.") })
	if secret.Disabled() {
		t.Error("it can't be tried again")
	}
	s.tap("Back")
	if s.says("Wrong passphrase.") || s.button("Amina") == nil {
		t.Error("the trouble follows to another page")
	}
}

func TestCreateAndCodeScreen(t *testing.T) {
	s := show(t, &home{work: &work{}})
	s.until("the profiles", func() bool { return s.button("Amina") != nil })
	s.tap("New profile")
	for i, words := range []string{"Bola", "right words", "right words"} {
		test.Type(s.entries()[i], words)
	}
	s.until("the strength", func() bool { return s.says("Strength 0 of 4: guessed at once.") })
	s.tap("Make the profile")
	if s.says("Strength") {
		t.Error("the strength of a passphrase that was submitted is still shown")
	}
	s.until("the code", func() bool { return s.says("AAAA-BBBB-CCCC-\nDDDD") })
	if next := s.button("I have it on paper"); !next.Disabled() {
		t.Error("the code can be passed over")
	}
	s.each(func(o fyne.CanvasObject) {
		if c, ok := o.(*widget.Check); ok {
			test.Tap(c)
		}
	})
	s.tap("I have it on paper")
	if s.says("AAAA") || s.button("Do everything") == nil {
		t.Error("the code is still there, or the desk is not")
	}
}

func TestBenchShowsRankingMapAndNotes(t *testing.T) {
	s := unlocked(t, &work{})
	for _, words := range []string{"Afon", "Asa", "1.5", "1 – 2", "High", "1*", "1 ward has a value that was filled in", "Median rank"} {
		if !s.says(words) {
			t.Errorf("it does not say %q", words)
		}
	}
	if got := strings.Join(s.view.bench.show.Options, "; "); got != "Risk category; Risk rank; Missing data; Rain mm; Urban" {
		t.Errorf("maps: %s", got)
	}
	s.view.bench.show.SetSelected("Rain mm")
	if s.view.session.Desk().Shown() != "rain_mm" {
		t.Error("choosing a map chooses nothing")
	}
}

// Typing into a form must not exchange the field under the hands.
func TestFormsKeepTheirFields(t *testing.T) {
	s := unlocked(t, &work{})
	s.tap("5  Nets")
	nets := s.entries()[0]
	test.Type(nets, "10000")
	s.view.changed()
	if s.entries()[0] != nets || nets.Text != "10000" {
		t.Error("the field was exchanged")
	}
	s.tap("4  Risk")
	s.each(func(o fyne.CanvasObject) {
		if c, ok := o.(*widget.Check); ok && c.Text == "Rain mm" && !c.Checked {
			test.Tap(c)
		}
	})
	for _, f := range s.view.session.Desk().Fields() {
		if f.Name == "vars" && f.Value != "rain_mm" {
			t.Errorf("ticked %q", f.Value)
		}
	}
	s.tap("5  Nets")
	if got := s.entries()[0].Text; got != "10000" {
		t.Errorf("the answer is now %q", got)
	}
}

func TestProgressCancelAndTrouble(t *testing.T) {
	s := unlocked(t, &work{gate: make(chan struct{})})
	s.tap("2  Places")
	s.tap("Link the places")
	s.until("progress", func() bool { return s.says("Places: working (1 of 4)") })
	if !s.button("Do everything").Disabled() || !s.button("Link the places").Disabled() {
		t.Error("a second act can be started")
	}
	s.tap("Cancel")
	s.until("the end", func() bool { return s.says("Stopped.") })
	if s.button("Cancel") != nil {
		t.Error("there is nothing to cancel, and it can be cancelled")
	}
	s.tap("Do everything")
	if !s.says("Fill in “Level of care”") {
		t.Error("the problem is not shown")
	}
}

func TestDroppedFilesAreImported(t *testing.T) {
	w := &work{}
	s := unlocked(t, w)
	s.view.dropped(fyne.Position{}, []fyne.URI{storage.NewFileURI("/a/x.csv"), storage.NewFileURI("/a/y.zip")})
	s.until("rest", func() bool { return s.says("Did import.") })
	if strings.Join(w.files, " ") != "/a/x.csv /a/y.zip" {
		t.Errorf("imported %v", w.files)
	}
}

func TestSaveDialog(t *testing.T) {
	s := unlocked(t, &work{})
	s.view.session.Desk().SetFolder(t.TempDir())
	s.view.bench.saveAs(s.view.session.Desk().Savings()[1])
	s.until("the folder", func() bool { b := s.button("Save"); return b != nil && !b.Disabled() })
	s.tap("Save")
	s.until("rest", func() bool { return s.says("Did export.") })
	if s.win.Canvas().Overlays().Top() != nil {
		t.Error("the dialog is still open")
	}
}

// Locking leaves neither a dialog nor a word of the user on the screen.
func TestLockClearsTheScreen(t *testing.T) {
	s := unlocked(t, &work{})
	s.view.bench.addFiles()
	s.view.session.Lock()
	if s.says("Afon") || s.win.Canvas().Overlays().Top() != nil || s.view.bench != nil {
		t.Error("something of the user is still shown")
	}
	s.until("the profiles", func() bool { return s.button("Amina") != nil })
	left := false
	s.view.Quit(func() { left = true })
	if !left {
		t.Error("it does not leave")
	}
}

func TestWrongTriesAreToldUntilPutAway(t *testing.T) {
	s := unlocked(t, &work{wrong: 3})
	const words = "3 wrong passphrases were tried since you last opened this profile, the last on 9 September 2001 at 01:46."
	if !s.says(words) {
		t.Fatal("nobody is told")
	}
	test.Tap(s.button(""))
	if s.says(words) {
		t.Error("it can't be put away")
	}
}

func TestRecoverScreen(t *testing.T) {
	s := show(t, &home{work: &work{}})
	s.until("the profiles", func() bool { return s.button("Amina") != nil })
	s.tap("Amina")
	s.tap("Forgot the passphrase?")
	fill := func(code string) {
		for i, words := range []string{code, "right words", "right words"} {
			test.Type(s.entries()[i], words)
		}
		s.until("the strength", func() bool { return s.says("Strength 0 of 4") })
		s.tap("Set the passphrase")
	}
	fill("nonsense")
	for _, e := range s.entries() {
		if e.Text != "" || !e.Disabled() {
			t.Errorf("while it works a field says %q, disabled %v", e.Text, e.Disabled())
		}
	}
	s.until("the refusal", func() bool { return s.says("Wrong recovery code.") })
	fill("AAAA-BBBB")
	s.until("the code", func() bool { return s.says("EEEE-FFFF-GGGG-\nHHHH") && s.says("Your new recovery code") })
	if next := s.button("I have it on paper"); !next.Disabled() || s.button("Lock") != nil {
		t.Error("the code can be passed over")
	}
	s.each(func(o fyne.CanvasObject) {
		if c, ok := o.(*widget.Check); ok {
			test.Tap(c)
		}
	})
	s.tap("I have it on paper")
	s.until("the profiles", func() bool { return s.button("Amina") != nil })
	if s.says("EEEE") || s.view.bench != nil {
		t.Error("the code is still there, or a desk is")
	}
}

// A secret is typed into a masked entry, which is emptied when the form is left.
func TestSecretsAreMasked(t *testing.T) {
	s := unlocked(t, &work{})
	desk := s.view.session.Desk()
	desk.Select(5)
	turn := func(words string) {
		for i, task := range desk.Tasks() {
			if task.Words == words {
				desk.SelectTask(i)
			}
		}
	}
	masked := func() (out []*widget.Entry) {
		for _, e := range s.entries() {
			if e.Password {
				out = append(out, e)
			}
		}
		return out
	}
	turn("Set up where to")
	if len(masked()) == 0 {
		t.Fatal("nothing is masked")
	}
	test.Type(masked()[0], "sesame")
	turn("What lies there")
	turn("Set up where to")
	for _, e := range masked() {
		if e.Text != "" {
			t.Errorf("%q is still there", e.Text)
		}
	}
}
