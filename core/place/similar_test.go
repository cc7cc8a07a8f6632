package place

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func like(a, b string) likeness {
	x, _ := wardName(a, nil)
	y, _ := wardName(b, nil)
	return similar(&x, &y)
}

// TestSistersStayApart holds real neighbours that a plain comparison of
// letters takes for one another: none may be linked without review.
func TestSistersStayApart(t *testing.T) {
	pairs := [][2]string{
		{"Agbarho 1", "Agbarho II"}, {"Danmusa A", "Danmusa B"}, {"Tudun Wada North", "Tudun Wada South"},
		{"Rumueme (7a)", "Rumueme (7b)"}, {"Mgbundukwu (One)", "Mgbundukwu (Two)"},
		{"Auno / Chabbol B", "Auno / Chabbol"}, {"Kayode/Fadeyi", "Igbobi/Fadeyi"}, {"Ajign (A)", "Ajign (B)"},
		{"Ward 6 NW3 (Part I)", "Ward 5 NW3 (Part I)"}, {"Odi (North) I", "Odi (South) III"},
		{"Southern Ukanafun I", "Northern Ukanafun I"}, {"Nkpolu Oroworukwo Two", "Nkpolu Oroworukwo"},
		{"Abraka", "Abraka I"}, {"Pina", "Pina Kolu"}, {"Kudu B", "Kudu Birni"}, {"Amachi (Ndegu)", "Amachi (Ndebo)"},
	}
	for _, p := range pairs {
		for _, q := range [][2]string{p, {p[1], p[0]}} {
			if l := like(q[0], q[1]); l.score >= acceptScore {
				t.Errorf("%q and %q are worth %.3f (%s)", q[0], q[1], l.score, l.why)
			}
		}
	}
}

func TestWhatALikenessIsWorth(t *testing.T) {
	tests := []struct {
		a, b string
		want float64
		why  string
	}{
		{"Girei I", "Girei 1", 1, "the same name"},
		{"Dan Kum", "Dankum", worthApart, "blanks"},
		{"Jama'A", "Jama A", worthApart, "blanks"},
		{"Sungul Koka", "Koka Sungul", worthOrder, "order"},
		{"Garta/Ghumchi", "Garta", worthPart, "slash"},
		{"Kawna (Tegina West)", "Tegina West", worthPart, "brackets"},
		{"U/Shanu", "Unguwar Shanu", worthShort, "cut short"},
		{"ade0", "Adena", 0.95, "0 read as na"},
		{"ajan0ku", "Ajanaku", 0.90, "0 read as a,"},
	}
	for _, test := range tests {
		got := like(test.a, test.b)
		if got.score != test.want || !strings.Contains(got.why, test.why) {
			t.Errorf("%q, %q: %.3f (%s), want %.3f (…%s…)", test.a, test.b, got.score, got.why, test.want, test.why)
		}
	}
}

// A 0 is only read as letters in the table's name: boundary files lose none.
func TestRepairIsOneSided(t *testing.T) {
	if l := like("Adena", "ade0"); l.score >= acceptScore {
		t.Errorf("a unit's name was repaired: %.3f (%s)", l.score, l.why)
	}
	if l := like("Afon 10", "Afon na"); l.score >= acceptScore {
		t.Errorf("a number was read as letters: %.3f (%s)", l.score, l.why)
	}
}

func FuzzSimilar(f *testing.F) {
	seeds := seedNames()
	for i, s := range seeds {
		f.Add(s, seeds[len(seeds)-1-i])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := like(a, b), like(b, a)
		if !(x.score >= 0 && x.score <= 1) {
			t.Errorf("%q, %q: score %v", a, b, x.score)
		}
		if x.score == 1 && NormaliseWard(a) != NormaliseWard(b) {
			t.Errorf("%q, %q: different keys, score 1 (%s)", a, b, x.why)
		}
		if !strings.Contains(a+b, "0") && x.score != y.score {
			t.Errorf("%q, %q: %v one way, %v the other", a, b, x.score, y.score)
		}
	})
}

// TestAssignIsOptimal compares with trying every assignment.
func TestAssignIsOptimal(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		score := make([][]float64, 1+r.IntN(6))
		cols := 1 + r.IntN(6)
		for i := range score {
			score[i] = make([]float64, cols)
			for j := range score[i] {
				score[i][j] = max(0, float64(r.IntN(12)-3)/8)
			}
		}
		got, used := 0.0, map[int]bool{}
		for i, j := range assign(score) {
			if j < 0 {
				continue
			}
			if used[j] || score[i][j] == 0 {
				t.Fatalf("column %d given twice or for nothing in %v", j, score)
			}
			used[j] = true
			got += score[i][j]
		}
		if want := bestSum(score, 0, make([]bool, cols)); got != want {
			t.Fatalf("sum %v, want %v for %v", got, want, score)
		}
	}
}

func bestSum(score [][]float64, row int, used []bool) float64 {
	if row == len(score) {
		return 0
	}
	best := bestSum(score, row+1, used)
	for j, s := range score[row] {
		if !used[j] {
			used[j] = true
			best = max(best, s+bestSum(score, row+1, used))
			used[j] = false
		}
	}
	return best
}

func TestAssignChoicesSolvesTanglesApart(t *testing.T) {
	c := func(to int, score float64) choice { return choice{to, likeness{score: score}} }
	rows := [][]choice{
		{c(7, 0.9), c(8, 0.88)}, // would take 7, but the next row has only that
		{c(7, 0.89)},
		{c(3, 0.95)}, // taken
		{},
	}
	free := func(col int) bool { return col != 3 }
	picks := assignChoices(rows, free)
	for i, want := range []int{1, 0, -1, -1} {
		if picks[i] != want {
			t.Errorf("row %d: pick %d, want %d", i, picks[i], want)
		}
	}
	for i, m := range leadsOf(rows, picks, free) {
		if m.all != 0 {
			t.Errorf("row %d: margin %v although a rival is as near", i, m)
		}
	}
}

func TestHugeTangleIsSettledGreedily(t *testing.T) {
	rows := make([][]choice, 600)
	for i := range rows {
		for j := range 600 {
			s := 0.7
			if i == j {
				s = 0.9
			}
			rows[i] = append(rows[i], choice{j, likeness{score: s}})
		}
	}
	for i, k := range assignChoices(rows, func(int) bool { return true }) {
		if k != i {
			t.Fatalf("row %d got column %d", i, k)
		}
	}
}
