package faults

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/acts"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote"
	dir "chatmrpt/sync/remote/folder"
	"chatmrpt/sync/share"
)

// What the sending of a trial holds, and to whom it leads.
const (
	sending    = "send"
	sentParts  = 6
	sentBundle = "00000000000000aa"
	sentUser   = remote.UserID("amina")
	sentEnough = 64 << 20 // bytes of a stick that has room
	unfinished = ".part-" // how the file of an object begins that is being written
	sentRemote = "stick"
)

func quiet(string, int, int) {}

// stick is a profile with a bundle that waits to be sent to a folder, and that
// folder. Its path stands in the profile, so that every trial has the same.
type stick struct {
	home  string // to be copied for a trial
	dir   string // what is done to
	clean string // what was on it before
	want  []bundle.File
}

// newStick sets up a folder for a profile and leaves a bundle waiting for it.
func newStick(t *testing.T, from, dir string, random *rand.Rand) *stick {
	t.Helper()
	s := &stick{home: copied(t, from), dir: dir, clean: t.TempDir()}
	noise := make([]byte, (sentParts-1)*bundle.PartSize)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	s.want = []bundle.File{{Path: "maps/rank.png", Data: noise}, {Path: "tables/ranking.csv", Data: []byte("ward,rank\nKanariewuri,1\n")}}
	s.with(t, s.home, func(w *workspace.Workspace) {
		a, err := share.Setup(t.Context(), w, sentRemote, share.Settings{User: sentUser, Folder: dir}, nil, vaulttest.Cheap(t), share.Surroundings{})
		must(t, err)
		_, err = a.Queue(t.Context(), bundle.Results, sentBundle, bundle.Entry{Title: "Zubuma", Project: "campaign", Made: noon()}, s.want)
		must(t, errors.Join(err, a.Close()))
	})
	must(t, os.CopyFS(s.clean, os.DirFS(dir)))
	return s
}

// with opens the profile of a home for a while.
func (s *stick) with(t *testing.T, home string, f func(w *workspace.Workspace)) {
	t.Helper()
	w, err := workspace.Open(t.Context(), options(t, home, amina))
	must(t, err)
	f(w)
	must(t, w.Close())
}

// reset gives a home for a trial, and the folder as it was before.
func (s *stick) reset(t *testing.T) (home string) {
	t.Helper()
	entries, err := os.ReadDir(s.dir)
	must(t, err)
	for _, e := range entries {
		must(t, os.RemoveAll(filepath.Join(s.dir, e.Name())))
	}
	must(t, os.CopyFS(s.dir, os.DirFS(s.clean)))
	return copied(t, s.home)
}

// objects are the files of the folder, those that were being written apart.
func (s *stick) objects(t *testing.T) (whole, begun []string) {
	t.Helper()
	must(t, filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
		case strings.HasPrefix(d.Name(), unfinished):
			begun = append(begun, path)
		default:
			whole = append(whole, path)
		}
		return err
	}))
	return whole, begun
}

// check looks at what a fault left in the folder and the profile, counts it, and
// has the sending go on to its end.
func (s *stick) check(t *testing.T, r *row, home string, acked bool) {
	t.Helper()
	s.with(t, home, func(w *workspace.Workspace) {
		shipment := s.shipment(t, w)
		if err := s.checkParts(t, w, shipment); err != nil {
			t.Error(err)
			r.torn++
		}
		visible, err := s.visible(t.Context(), w)
		switch {
		case err != nil:
			t.Errorf("what can be seen: %v (%v)", err, errors.Unwrap(err))
			r.torn++
		case !visible && (acked || shipment.State == store.Delivered):
			r.lost++
		}
		before := infos(t, s)
		if shipment.State != store.Delivered {
			_, err = action.Do(t.Context(), w, "sync send", acts.NewSend(), nil)
			must(t, err)
		}
		if visible, err := s.visible(t.Context(), w); err != nil || !visible {
			t.Errorf("after going on it can be seen: %v (%v)", visible, err)
			r.lost++
		}
		for path, info := range before {
			now, err := os.Stat(path)
			if err != nil || !os.SameFile(info, now) {
				t.Errorf("%s was sent a second time (%v)", filepath.Base(path), err)
			}
		}
	})
	checkSound(t, home)
}

// infos are the objects of the folder.
func infos(t *testing.T, s *stick) map[string]fs.FileInfo {
	t.Helper()
	out := map[string]fs.FileInfo{}
	whole, _ := s.objects(t)
	for _, path := range whole {
		info, err := os.Stat(path)
		must(t, err)
		out[path] = info
	}
	return out
}

// shipment is the one of the trial.
func (s *stick) shipment(t *testing.T, w *workspace.Workspace) store.Shipment {
	t.Helper()
	all, err := w.Shared().Shipments(t.Context())
	must(t, err)
	if len(all) != 1 {
		t.Fatalf("%d shipments, want 1", len(all))
	}
	return all[0]
}

// checkParts finds a part in the folder that is not the one that was sealed.
func (s *stick) checkParts(t *testing.T, w *workspace.Workspace, shipment store.Shipment) error {
	t.Helper()
	parts, err := w.Shared().ShipmentParts(t.Context(), shipment.ID)
	must(t, err)
	f, err := dir.Open(s.dir, sentUser)
	must(t, err)
	defer f.Close()
	list, err := f.List(t.Context(), remote.Parts)
	must(t, err)
	for _, o := range list.Objects {
		data, err := f.Get(t.Context(), o.Key)
		must(t, err)
		sum := sha256.Sum256(data)
		if !slices.ContainsFunc(parts, func(p store.SealedPart) bool {
			return p.Name == remote.PartName(o.Key) && p.SHA256 == hex.EncodeToString(sum[:])
		}) {
			return fmt.Errorf("%s lies there half or changed", o.Key)
		}
	}
	return nil
}

// visible reports whether the bundle is listed; one that is must be whole.
func (s *stick) visible(ctx context.Context, w *workspace.Workspace) (bool, error) {
	a, err := share.Open(ctx, w, sentRemote, share.Surroundings{})
	if err != nil {
		return false, err
	}
	defer a.Close()
	found, err := a.List(ctx)
	if err != nil || len(found) == 0 {
		return false, err
	}
	got, err := a.Fetch(ctx, found[0], quiet)
	if err != nil {
		return false, err
	}
	slices.SortFunc(got, func(a, b bundle.File) int { return strings.Compare(a.Path, b.Path) })
	if len(found) != 1 || found[0].Rev != 1 || !slices.EqualFunc(got, s.want, func(a, b bundle.File) bool { return a.Path == b.Path && string(a.Data) == string(b.Data) }) {
		return false, fmt.Errorf("%w: %d bundles, version %d", errSilent, len(found), found[0].Rev)
	}
	checked, err := a.Verify(ctx, 1, quiet)
	if err != nil || len(checked.Faults) > 0 {
		return false, fmt.Errorf("verify: %v (%w)", checked.Faults, errors.Join(err, errSilent))
	}
	return true, nil
}

// moment is when to kill the sender, by turns: anywhere; as soon as so many
// objects are whole; as soon as another is being written.
func (s *stick) moment(t *testing.T, kind int, lines int, random *rand.Rand) moment {
	t.Helper()
	before, _ := s.objects(t)
	count := func() (whole, begun int) {
		w, b := s.look()
		return w - len(before), b
	}
	after := random.IntN(sentParts + 1)
	switch kind % 3 {
	case 0:
		return moment{line: 1 + random.IntN(lines), spin: random.IntN(1 << random.IntN(25))}
	case 1:
		return moment{round: 1, spin: random.IntN(1 << random.IntN(18)), reached: func() bool { whole, _ := count(); return whole > after }}
	}
	return moment{round: 1, reached: func() bool { whole, begun := count(); return whole >= after && begun > 0 }}
}

// look counts objects while somebody writes them: names come and go.
func (s *stick) look() (whole, begun int) {
	_ = filepath.WalkDir(s.dir, func(_ string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
		case strings.HasPrefix(d.Name(), unfinished):
			begun++
		default:
			whole++
		}
		return nil
	})
	return whole, begun
}

// sendKilled kills the sender at random points.
func (l *ledger) sendKilled(from string) func(*testing.T, *row, *rand.Rand) {
	return func(t *testing.T, r *row, random *rand.Rand) {
		s := newStick(t, from, t.TempDir(), random)
		said, _ := start(t, sending, s.reset(t), nil).end()
		must(t, told(said))
		stopped, halves := map[int]int{}, 0
		for i := 0; r.trials < l.trials && i < 8*l.trials; i++ {
			home := s.reset(t)
			said, was := killed(t, sending, home, nil, s.moment(t, i, len(said), random))
			if !was {
				continue // it was through before
			}
			r.trials++
			parts, begun := s.look()
			stopped[parts]++
			halves += min(begun, 1)
			s.check(t, r, home, acked(sending, said) > 0)
			must(t, os.RemoveAll(home))
		}
		if r.trials < l.trials {
			t.Errorf("only %d of %d senders were killed in time", r.trials, l.trials)
		}
		t.Logf("%d kills; objects in the folder then: %v; %d with one begun", r.trials, stopped, halves)
	}
}

// checkFull: the person is told that there is no room and what to do, and what
// waits is held back until she lets it go on.
func (s *stick) checkFull(t *testing.T, home string, err error) {
	t.Helper()
	wantProblem(t, "full stick", err, problem.Remote)
	if p := problem.From(err, ""); !strings.Contains(p.Message, "no room") {
		t.Errorf("full stick: told %q (%v)", p.Message, p.Err)
	}
	s.with(t, home, func(w *workspace.Workspace) {
		shipment := s.shipment(t, w)
		if shipment.State != store.Paused || shipment.Trouble != string(remote.Full) {
			t.Errorf("full stick: the shipment is %s for %q", shipment.State, shipment.Trouble)
			return
		}
		_, err := action.Do(t.Context(), w, "sync queue", &acts.Queue{Resume: int(shipment.ID.N)}, nil)
		must(t, err)
	})
}

// TestTheSendersCountersCount: a part that is cut, and a listed bundle of which
// one is gone, must be seen, or the rows of the sender prove nothing.
func TestTheSendersCountersCount(t *testing.T) {
	home := t.TempDir()
	addUser(t, home, amina)
	s := newStick(t, home, t.TempDir(), rand.New(rand.NewPCG(1, 2)))
	home = s.reset(t)
	s.with(t, home, func(w *workspace.Workspace) {
		if visible, err := s.visible(t.Context(), w); visible || err != nil {
			t.Errorf("before it was sent: %v, %v", visible, err)
		}
		_, err := action.Do(t.Context(), w, "sync send", acts.NewSend(), nil)
		must(t, err)
		shipment := s.shipment(t, w)
		must(t, s.checkParts(t, w, shipment))
		whole, _ := s.objects(t)
		i := slices.IndexFunc(whole, func(p string) bool { return strings.Contains(filepath.ToSlash(p), "/b/") })
		must(t, os.Truncate(whole[i], 1000))
		if err := s.checkParts(t, w, shipment); err == nil {
			t.Error("a part that is cut is not seen")
		}
		must(t, os.Remove(whole[i]))
		if _, err := s.visible(t.Context(), w); err == nil {
			t.Error("a bundle of which a part is gone passes for whole")
		}
	})
}
