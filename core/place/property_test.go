package place

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// madeUp is a layer of made-up names, no two units of one LGA with one key, and
// a table of them, misspelt here and there.
func madeUp(r *rand.Rand, states, lgas, perLGA int) ([]Unit, []Given) {
	var units []Unit
	seen := map[givenKey]bool{}
	for range states {
		state := madeUpName(r, 2)
		for range lgas {
			lga := madeUpName(r, 2)
			for range perLGA {
				u := Unit{State: state, LGA: lga, Ward: madeUpName(r, 1+r.IntN(2))}
				if r.IntN(4) == 0 {
					u.Ward += []string{" I", " II", " North", " A", "/" + madeUpName(r, 1), " (" + madeUpName(r, 1) + ")"}[r.IntN(6)]
				}
				if k := normalised(Given{State: state, LGA: lga, Ward: u.Ward}); !seen[k] {
					seen[k] = true
					units = append(units, u)
				}
			}
		}
	}
	var given []Given
	for i, u := range units {
		if r.IntN(8) > 0 {
			given = append(given, Given{u.State, spoil(r, u.LGA, 20), spoil(r, u.Ward, 3), "", i % 5})
		}
		if r.IntN(20) == 0 {
			given = append(given, Given{u.State, "", u.Ward, "", 1}, Given{"", u.LGA, spoil(r, u.Ward, 2), "", 1}, Given{u.State, u.LGA, "Unknown", "", 2})
		}
	}
	slices.SortFunc(given, func(a, b Given) int {
		return slices.Compare([]string{a.State, a.LGA, a.Ward}, []string{b.State, b.LGA, b.Ward})
	})
	return units, slices.CompactFunc(given, func(a, b Given) bool { return a.State == b.State && a.LGA == b.LGA && a.Ward == b.Ward })
}

func madeUpName(r *rand.Rand, words int) string {
	heads := []string{"da", "ku", "ga", "ba", "ma", "ri", "to", "sha", "ya", "lo", "be", "fu", "za", "nde", "gwa", "ki"}
	name := ""
	for range words {
		if name != "" {
			name += " "
		}
		word := ""
		for range 2 + r.IntN(3) {
			word += heads[r.IntN(len(heads))]
		}
		name += string(word[0]-'a'+'A') + word[1:]
	}
	return name
}

// spoil misspells a name once in a while.
func spoil(r *rand.Rand, s string, oneIn int) string {
	if r.IntN(oneIn) > 0 || len(s) < 4 {
		return s
	}
	i := 1 + r.IntN(len(s)-2)
	switch r.IntN(4) {
	case 0:
		return s[:i] + s[i+1:]
	case 1:
		return s[:i] + s[i:i+1] + s[i:]
	case 2:
		return s[:i] + "'" + s[i:]
	}
	return s[:i] + "e" + s[i+1:]
}

func TestOrderChangesNothing(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 7))
		units, given := madeUp(r, 3, 4, 12)
		base := match(t, units, given)
		pu, pg := r.Perm(len(units)), r.Perm(len(given))
		units2, given2 := make([]Unit, len(units)), make([]Given, len(given))
		for to, from := range pu {
			units2[to] = units[from]
		}
		for to, from := range pg {
			given2[to] = given[from]
		}
		other := match(t, units2, given2)
		if !slices.Equal(base.Warnings, other.Warnings) || base.MatchedRows != other.MatchedRows {
			t.Fatalf("seed %d: warnings or counts changed\n%q\n%q", seed, base.Warnings, other.Warnings)
		}
		for to, from := range pg {
			if a, b := describe(base.Links[from], units), describe(other.Links[to], units2); a != b {
				t.Fatalf("seed %d: order changed a link\n%s\n%s", seed, a, b)
			}
		}
	}
}

// describe writes a link without indices.
func describe(l Link, units []Unit) string {
	s := fmt.Sprintf("%v %s %.12f %.12f %s", l.Given, l.Decision, l.Score, l.Margin, l.Why)
	for _, c := range l.Candidates {
		s += fmt.Sprintf(" | %v %.12f %s", units[c.Unit], c.Score, c.Why)
	}
	return s
}

func TestUnitsMatchThemselves(t *testing.T) {
	for seed := range uint64(8) {
		units, _ := madeUp(rand.New(rand.NewPCG(seed, 9)), 3, 5, 15)
		given := make([]Given, len(units))
		for i, u := range units {
			given[i] = Given{u.State, u.LGA, u.Ward, u.Code, 1}
		}
		rep := match(t, units, given)
		for i, l := range rep.Links {
			if l.Unit != i || l.Decision != Accepted || l.Score != 1 {
				t.Fatalf("seed %d: %v went to %d, %s, %v (%s)", seed, units[i], l.Unit, l.Decision, l.Score, l.Why)
			}
		}
		if len(rep.UnusedUnits) != 0 || rep.MatchedRows != len(units) {
			t.Fatalf("seed %d: %d unused", seed, len(rep.UnusedUnits))
		}
	}
}

func TestNoUnitServesTwoNames(t *testing.T) {
	linked, open := 0, 0
	for seed := range uint64(40) {
		units, given := madeUp(rand.New(rand.NewPCG(seed, 11)), 2, 4, 14)
		rep := match(t, units, given)
		checkReport(t, rep, units)
		name := map[int]string{}
		for _, l := range rep.Links {
			if l.Unit < 0 {
				open++
				continue
			}
			linked++
			key := NormaliseWard(l.Given.Ward)
			if other, ok := name[l.Unit]; ok && other != key {
				t.Fatalf("seed %d: %v serves %q and %q", seed, units[l.Unit], other, key)
			}
			name[l.Unit] = key
		}
	}
	if linked < 1000 || open < 100 {
		t.Fatalf("%d links, %d open: the made-up tables test too little", linked, open)
	}
}

// checkReport holds what is true of every report.
func checkReport(t *testing.T, rep Report, units []Unit) {
	t.Helper()
	used := map[int]bool{}
	matched, total := 0, 0
	for _, l := range rep.Links {
		total += max(l.Given.Rows, 0)
		if (l.Unit >= 0) != (l.Decision == Accepted) || !slices.Contains(Words(), l.Decision) || l.Why == "" {
			t.Fatalf("inconsistent link %+v", l)
		}
		if l.Decision == Accepted {
			used[l.Unit] = true
			matched += max(l.Given.Rows, 0)
		}
		if (l.Decision == Review) != (len(l.Candidates) > 0 && l.Unit < 0) || len(l.Candidates) > maxOffered {
			t.Fatalf("wrong candidates in %+v", l)
		}
		if l.Score < 0 || l.Score > 1 || l.Margin < 0 || l.Margin > l.Score {
			t.Fatalf("score or margin out of range in %+v", l)
		}
		distinctUnits(t, l)
	}
	if matched != rep.MatchedRows || total != rep.TotalRows || len(used)+len(rep.UnusedUnits) != len(units) {
		t.Fatalf("counts: %d/%d matched, %d/%d total, %d used + %d unused of %d", matched, rep.MatchedRows, total, rep.TotalRows, len(used), len(rep.UnusedUnits), len(units))
	}
}

func distinctUnits(t *testing.T, l Link) {
	t.Helper()
	seen := map[int]bool{}
	for _, c := range l.Candidates {
		if seen[c.Unit] || c.Why == "" {
			t.Fatalf("a candidate twice or without a reason in %+v", l)
		}
		seen[c.Unit] = true
	}
}

// FuzzMatch cuts its input into units and given names (lines of state, LGA,
// ward and code between semicolons) and holds what is true of every report.
func FuzzMatch(f *testing.F) {
	f.Add("Kano;Dala;Adakawa;K1\nKano;Dala;Kabuwaya;K2\nKano;Gwale;Adakawa;K3", "kn Kano State;kn Dala LGA;kn Adakawa Ward;\nKano;;Adakawa\n;;Kabuw0;K2")
	f.Add(";;Garta/Ghumchi\n;;Garta (B)\n;A;", "x;y;Garta\n;;Garta/Ghumchi\n;;Unknown")
	f.Add("FCT;AMAC;Ward I\nFCT;AMAC;Ward 1", "Abuja;Municipal;1\nFC;;(AMAC) I")
	f.Fuzz(func(t *testing.T, layer, table string) {
		if len(layer)+len(table) > 2000 {
			return // longer inputs only repeat the shorter ones
		}
		var units []Unit
		for line := range strings.SplitSeq(layer, "\n") {
			g := givenOf(line)
			units = append(units, Unit{g.State, g.LGA, g.Ward, g.Code})
		}
		var given []Given
		var remembered []Remembered
		for line := range strings.SplitSeq(table, "\n") {
			given = append(given, givenOf(line))
		}
		rep := match(t, units, given)
		checkReport(t, rep, units)
		for _, l := range rep.Links {
			if l.Decision == Accepted && l.Unit%2 == 0 {
				remembered = append(remembered, Remembered{l.Given, units[l.Unit], []Decision{Accepted, Rejected, NotAWard}[l.Unit%3]})
			}
		}
		checkReport(t, match(t, units, given, remembered...), units)
	})
}

func givenOf(line string) Given {
	f := append(strings.Split(line, ";"), "", "", "", "")
	return Given{f[0], f[1], f[2], f[3], len(line)}
}
