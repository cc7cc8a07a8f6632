package action

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"chatmrpt/core/sample"
)

// worker is one user at work: the acts of a chain, one after another, into
// files of his own.
type worker struct {
	b    *bench
	acts []Action
	err  error
}

// newWorker makes the profile of a user in home and lays out his chain. Two
// workers choose differently wherever there is a choice, so that a parameter
// of one that reached the other would show.
func newWorker(t testing.TB, home, user string, state []sample.File, impute, strategy string) *worker {
	t.Helper()
	b := benchOf(t, home, user)
	in := &Import{}
	for _, f := range state {
		if isSampleInput(f.Name) {
			in.Files = append(in.Files, b.write("state/"+f.Name, string(f.Data)))
		}
	}
	picture := b.mapTo("rank", "rank.png")
	picture.Width, picture.Height = 320, 240
	return &worker{b: b, acts: []Action{
		in, &Match{Export: b.path("match.csv")}, allTests(), scoreWith(impute), planOf(7_000, strategy), picture,
		b.mapTo("positivity", "positivity.svg"), &Export{What: "ranking", Out: b.path("ranking.geojson")}, &Export{What: "plan", Out: b.path("plan.csv")},
	}}
}

// step does the next act.
func (w *worker) step(t testing.TB) {
	if len(w.acts) == 0 || w.err != nil {
		return
	}
	a := w.acts[0]
	w.acts = w.acts[1:]
	_, w.err = Do(t.Context(), w.b.w, actName(a), a, nil)
}

// products are the files of a finished chain and the content of the store.
func (w *worker) products() map[string]string {
	w.b.t.Helper()
	if w.err != nil {
		w.b.t.Fatal(w.err)
	}
	out := map[string]string{"store": strings.Join(w.b.hashes(), "\n")}
	for _, name := range []string{"match.csv", "rank.png", "positivity.svg", "ranking.geojson", "plan.csv"} {
		out[name] = w.b.read(name)
	}
	return out
}

// twoWorkers are two users of one home with states and choices of their own.
// Their files have the same names, as those of two health officers would.
func twoWorkers(t testing.TB, one, other []sample.File) (a, b *worker) {
	t.Helper()
	home := t.TempDir()
	return newWorker(t, home, "Amina", one, "neighbours", "priority"), newWorker(t, home, "Bola", other, "none", "proportional")
}

// The small sister of T2 in core/bleed, which does it hundreds of times: two
// users in one process, their chains interleaved in several ways, with steps at
// the same time and one after another. What each gets is byte for byte what he
// gets alone.
func TestTwoUsersInOneProcess(t *testing.T) {
	o := sample.Options{LGAs: 4, Wards: 32, Facilities: 48, Months: 12}
	one, other := filesOf(t, makeState(t, 21, o)), filesOf(t, makeState(t, 22, o))
	alone := [2]map[string]string{}
	for i := range alone {
		a, b := twoWorkers(t, one, other)
		w := [2]*worker{a, b}[i]
		for len(w.acts) > 0 && w.err == nil {
			w.step(t)
		}
		alone[i] = w.products()
	}
	for _, name := range slices.Sorted(maps.Keys(alone[0])) {
		if alone[0][name] == alone[1][name] {
			t.Fatalf("%s is the same for both users: it would show nothing", name)
		}
	}
	chance := rand.New(rand.NewPCG(2026, 10))
	for range 6 {
		a, b := twoWorkers(t, one, other)
		for len(a.acts)+len(b.acts) > 0 && a.err == nil && b.err == nil {
			switch chance.IntN(4) {
			case 0:
				a.step(t)
			case 1:
				b.step(t)
			default:
				var both sync.WaitGroup
				both.Go(func() { a.step(t) })
				both.Go(func() { b.step(t) })
				both.Wait()
			}
		}
		compareProducts(t, "Amina", a.products(), alone[0])
		compareProducts(t, "Bola", b.products(), alone[1])
	}
}

// Acts of one user at the same time, as from a window with a command running:
// each result is that of the act by itself, and every run is recorded once.
func TestActsAtTheSameTime(t *testing.T) {
	b, _ := rankedState(t, 23, small())
	want := map[string]string{}
	for _, show := range []string{"rank", "positivity", "evi", "nets"} {
		b.do(b.mapTo(show, show+".svg"))
		want[show] = b.read(show + ".svg")
	}
	before := len(texts(t, b.do(&Runs{}).Tables[0], "act"))
	// A second opening of the workspace would be refused, a second use is not;
	// what was cached is dropped by taking a new profile with the same state.
	c, _ := rankedState(t, 23, small())
	var all sync.WaitGroup
	errs := make(chan error, 2*len(want))
	for show := range want {
		for range 2 {
			all.Go(func() { _, err := c.try(c.mapTo(show, "")); errs <- err })
		}
	}
	all.Wait()
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	for show := range want {
		all.Go(func() { _, err := c.try(c.mapTo(show, show+".svg")); errs <- err })
	}
	all.Wait()
	for show, picture := range want {
		if err := <-errs; err != nil {
			t.Error(err)
		}
		if got := c.read(show + ".svg"); got != picture {
			t.Errorf("%s drawn beside others differs from drawn alone", show)
		}
	}
	if after := len(texts(t, c.do(&Runs{}).Tables[0], "act")); after != before {
		t.Errorf("%d runs, want %d", after, before)
	}
}
