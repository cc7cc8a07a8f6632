package score

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"chatmrpt/assets/beside"
)

// Each test here carries a defect of the predecessor (spec/analytics.md §11) in
// its own few lines, shows that it breaks the rule, and that ours keeps it.

// theirInverse is 1 ÷ (x + 1e-10), put on 0 to 1.
func theirInverse(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = 1 / (v + 1e-10)
	}
	return minMax(y)
}

// D4: the reciprocal makes a variable with one nought an "is nought" flag and
// loses the order of negative values. The values are those the defect record
// of the predecessor shows (B3 and B3c).
func TestDefect_D4_InverseIsLinear(t *testing.T) {
	raw := map[string]any{}
	beside.JSON(t, "reference/chatmrpt/verified_defects.json", &raw)
	record := map[string]struct{ X, Peer []float64 }{}
	for _, name := range []string{"B3_inverse_with_zero", "B3c_inverse_negative_values_non_monotone"} {
		one := raw[name].(map[string]any)
		record[name] = struct{ X, Peer []float64 }{floats(one["x"]), floats(one["peer"])}
	}
	for name, c := range record {
		theirs := theirInverse(c.X)
		for i := range theirs {
			if math.Abs(theirs[i]-c.Peer[i]) > 1e-6 {
				t.Fatalf("%s: their method gives %v, on record is %v", name, theirs, c.Peer)
			}
		}
		v := full("x", c.X...)
		v.Inverse = true
		ours := mustScale(t, MinMax, v)[0].Values
		if evenlyFalling(c.X, theirs) || !evenlyFalling(c.X, ours) {
			t.Errorf("%s: theirs %v, ours %v", name, theirs, ours)
		}
	}
	distance := full("distance", 0, 3, 20, 60, 95)
	distance.Inverse = true
	for i, want := range []float64{1, .968, .789, .368, 0} {
		if got := mustScale(t, MinMax, distance)[0].Values[i]; math.Abs(got-want) > 5e-4 {
			t.Errorf("%v is %v, want %v", distance.Values[i], got, want)
		}
	}
}

func floats(v any) (out []float64) {
	for _, x := range v.([]any) {
		out = append(out, x.(float64))
	}
	return out
}

// evenlyFalling reports whether y falls in proportion as x rises.
func evenlyFalling(x, y []float64) bool {
	low, high := slices.Min(x), slices.Max(x)
	for i := range x {
		if math.Abs(y[i]-(high-x[i])/(high-low)) > 1e-9 {
			return false
		}
	}
	return true
}

// theirModels are sixteen for six variables and more: ten pairs, the first five
// triplets and the whole of the first five columns.
func theirModels(names []string) (out []Model) {
	all, _ := AllSubsets(names[:5])
	triplets := 0
	for _, m := range all {
		switch len(m.Terms) {
		case 2, 5:
		case 3:
			if triplets++; triplets > 5 {
				continue
			}
		default:
			continue
		}
		out = append(out, m)
	}
	return out
}

// D13: of six variables and more only the first five counted, and the first
// more than the others, so that the order of the columns changed the ranking.
func TestDefect_D13_EveryVariableCountsAlike(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 13))
	var vars []Variable
	for k := range 7 {
		values := make([]float64, 40)
		for i := range values {
			values[i] = rng.Float64()
		}
		vars = append(vars, full(fmt.Sprint("v", k), values...))
	}
	scaled := mustScale(t, MinMax, vars...)
	turned := slices.Clone(scaled)
	slices.Reverse(turned)
	ranks := func(scaled []Scaled, models []Model) (out []int) {
		for _, w := range mustRank(t, wardKeys(40), scaled, models, Options{}).Wards {
			out = append(out, w.Rank)
		}
		return out
	}
	if n := len(theirModels(namesOf(scaled))); n != 16 {
		t.Fatalf("their method has 16 models, not %d", n)
	}
	if slices.Equal(ranks(scaled, theirModels(namesOf(scaled))), ranks(turned, theirModels(namesOf(turned)))) {
		t.Error("their method does not depend on the order of the columns: the test proves nothing")
	}
	if !slices.Equal(ranks(scaled, mustSubsets(t, scaled)), ranks(turned, mustSubsets(t, turned))) {
		t.Error("the order of the columns changes the ranking")
	}
	shares := Shares(mustSubsets(t, scaled))
	for name, s := range shares {
		if math.Abs(s-1.0/7) > 1e-12 {
			t.Errorf("%s has %v of the weight", name, s)
		}
	}
	if theirs := Shares(theirModels(namesOf(scaled))); theirs["v5"] != 0 || theirs["v0"] <= theirs["v4"] {
		t.Errorf("their shares are %v", theirs)
	}
}

// theirCategories sorts by score and then cuts by the labels the rows had
// before: from the top down to the row that was at a third, and from the one at
// two thirds to the bottom.
func theirCategories(scores []float64) []string {
	n := len(scores)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	out := make([]string, n)
	for at, i := range order {
		out[i] = Medium
		if at <= slices.Index(order, n/3-1) {
			out[i] = High
		}
		if at >= slices.Index(order, n-n/3) {
			out[i] = Low
		}
	}
	return out
}

// D2b: categories were cut by labels of unsorted rows and did not follow the
// rank.
func TestDefect_D2b_CategoriesFollowTheRank(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	values := make([]float64, 60)
	for i := range values {
		values[i] = rng.Float64()
	}
	r := mustRank(t, wardKeys(60), mustScale(t, MinMax, full("x", values...)), single("x"), Options{})
	follows := func(categories []string) bool {
		for i, w := range r.Wards {
			want := Medium
			if w.Rank <= 20 {
				want = High
			} else if w.Rank > 40 {
				want = Low
			}
			if categories[i] != want {
				return false
			}
		}
		return true
	}
	if follows(theirCategories(values)) {
		t.Error("their categories follow the rank: the test proves nothing")
	}
	if !follows(categoriesOf(r)) {
		t.Errorf("ours do not: %v", categoriesOf(r))
	}
}

// theirFill goes through the table row by row, takes row i for polygon i and
// values filled in before for observed ones, and the column's mean at last.
func theirFill(v Variable, neighbours [][]int) []float64 {
	values, present := slices.Clone(v.Values), slices.Clone(v.Present)
	for i := range values {
		if present[i] {
			continue
		}
		var near []float64
		for _, j := range neighbours[i] {
			if present[j] {
				near = append(near, values[j])
			}
		}
		values[i], _ = meanOf(near)
		present[i] = true
	}
	return values
}

// D18: a filled-in value was a source for the next one, so that the order of
// the rows changed what was filled in.
func TestDefect_D18_GapsAreFilledFromObservedValuesOnly(t *testing.T) {
	// A row of wards, each beside the next; two gaps side by side.
	values := []float64{1, nan, nan, 9, 4}
	near := [][]int{{1}, {0, 2}, {1, 3}, {2, 4}, {3}}
	turned, turnedNear := slices.Clone(values), make([][]int, 5)
	slices.Reverse(turned)
	for i, list := range near {
		for _, j := range list {
			turnedNear[4-i] = append(turnedNear[4-i], 4-j)
		}
	}
	ours := func(values []float64, near [][]int) []float64 {
		im, err := Impute(t.Context(), gappy("x", values...), Filling{Method: FromNeighbours, Neighbours: near})
		if err != nil {
			t.Fatal(err)
		}
		return im.Variable.Values
	}
	back := func(x []float64) []float64 { x = slices.Clone(x); slices.Reverse(x); return x }
	if slices.Equal(theirFill(gappy("x", values...), near), back(theirFill(gappy("x", turned...), turnedNear))) {
		t.Error("their method does not depend on the order of the rows: the test proves nothing")
	}
	if got := ours(values, near); !slices.Equal(got, back(ours(turned, turnedNear))) || got[1] != 1 || got[2] != 9 {
		t.Errorf("filled in %v", got)
	}
}

// D3: what was missing was given 50, a mean or a random number without a word.
// Ours stays missing, and where the user chose to fill gaps each value that was
// filled in is marked.
func TestDefect_D3_NothingIsMadeUp(t *testing.T) {
	v := gappy("urban", 10, nan, 90, nan, 30)
	theirs := slices.Clone(v.Values)
	for i := range theirs {
		if !v.Present[i] {
			theirs[i] = 50 // missing urban percentage in the net plan
		}
	}
	told := func(values []float64, present, imputed []bool) bool {
		for i := range values {
			if !v.Present[i] && present[i] && (imputed == nil || !imputed[i]) {
				return false
			}
		}
		return true
	}
	if told(theirs, []bool{true, true, true, true, true}, nil) {
		t.Error("their figures are told: the test proves nothing")
	}
	for _, f := range []Filling{{Method: FromNone}, {Method: FromNeighbours, Neighbours: [][]int{{1}, {0, 2}, {1, 3}, {2}, {}}}, {Method: FromLGA, Group: []int{0, 0, 0, 0, 0}}} {
		im, err := Impute(t.Context(), v, f)
		if err != nil {
			t.Fatal(err)
		}
		if !told(im.Variable.Values, im.Variable.Present, im.Variable.Imputed) || (f.Method == FromNone && im.Variable.Present[1]) {
			t.Errorf("%s: %+v", f.Method, im.Variable)
		}
	}
}
