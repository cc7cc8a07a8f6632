package action

import (
	"fmt"
	"image/color"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
	"chatmrpt/geo/scene"
)

// pageText is all that is written on a picture, in the order of drawing.
func pageText(s *scene.Scene) string {
	var out []string
	for _, item := range s.Items {
		if text, ok := item.(scene.Text); ok {
			out = append(out, text.Text)
		}
	}
	return strings.Join(out, " ")
}

// legendCount is a row of the legend as a reader sees it: a label and, on the
// same line at the right, how many wards.
type legendCount struct {
	label string
	wards int
}

// legendOf reads the rows of the legend: a number with a text on its line to
// the left of it. The scale bar looks the same but begins with 0.
func legendOf(s *scene.Scene) []legendCount {
	lines := map[float64][]scene.Text{}
	for _, item := range s.Items {
		if text, ok := item.(scene.Text); ok {
			lines[text.Y] = append(lines[text.Y], text)
		}
	}
	var out []legendCount
	for _, item := range s.Items {
		count, ok := item.(scene.Text)
		n, err := strconv.Atoi(strings.ReplaceAll(count.Text, ",", ""))
		if !ok || err != nil {
			continue
		}
		for _, label := range lines[count.Y] {
			if label.X < count.X && label.Text != "0" {
				out = append(out, legendCount{label.Text, n})
			}
		}
	}
	return out
}

// fills are the colours of the wards on a picture; a ward without data has
// none.
func fills(s *scene.Scene, hatched color.NRGBA) map[int]color.NRGBA {
	out := map[int]color.NRGBA{}
	for _, item := range s.Items {
		if tiling, ok := item.(scene.Tiling); ok {
			for _, tile := range tiling.Tiles {
				if tile.Fill != hatched {
					out[tile.Area] = tile.Fill
				}
			}
		}
	}
	return out
}

func brightness(c color.NRGBA) float64 {
	return 0.2126*float64(c.R) + 0.7152*float64(c.G) + 0.0722*float64(c.B)
}

// Whatever is shown and however it is classed, the legend counts every ward
// once, and the classes asked for are there.
func TestLegendCountsEveryWard(t *testing.T) {
	b, s := rankedState(t, 13, small())
	b.do(scoreWith("none"))
	b.do(planOf(20_000, "priority"))
	for _, c := range []struct {
		show, classes string
		rows          int // of the legend, without that of no data; 0: any
	}{
		{"rank", "quantile:5", 5}, {"rank", "equal:4", 4}, {"rank", "fixed:10,20", 3}, {"category", "quantile:5", 3}, {"missing", "quantile:5", 2},
		{"nets", "equal:3", 3}, {"coverage", "fixed:50", 2}, {"positivity", "quantile:4", 4}, {"positivity", "fixed:20,40,60", 4},
		{"rainfall", "equal:7", 7}, {"wards_environment:evi", "quantile:12", 12}, {"UrbanPercent", "quantile:5", 0}, {"population", "fixed:1e3,1e4,1e5", 4},
		{"positivity", "jenks:5", 5}, {"rainfall", "jenks:3", 3}, {"rank", "jenks:4", 4}, {"rainfall", "pretty:4", 0}, {"positivity", "sd", 5}, {"population", "percentile", 6},
		{"population", "box", 6}, {"rainfall", "box:3", 6}, {"population", "headtail", 0},
	} {
		a := NewMap()
		a.Show, a.Classes = c.show, c.classes
		r := b.do(a)
		what := c.show + " by " + c.classes
		legend := legendOf(r.Scene)
		total, rows := 0, 0
		for _, row := range legend {
			total += row.wards
			if row.label != "No data" {
				rows++
			}
			if strings.Contains(row.label, "Inf") || strings.Contains(row.label, "NaN") {
				t.Errorf("%s: the legend says %q", what, row.label)
			}
		}
		if total != len(s.Wards) || c.rows > 0 && rows != c.rows {
			t.Errorf("%s: %d rows with %d of %d wards: %v", what, rows, total, len(s.Wards), legend)
		}
		missing := 0
		for _, row := range legend {
			if row.label == "No data" {
				missing = row.wards
			}
		}
		if want := fmt.Sprintf("%s with a value, %d without.", counted(len(s.Wards)-missing, "ward"), missing); !strings.HasSuffix(r.Summary, want) {
			t.Errorf("%s: summary %q, want %q", what, r.Summary, want)
		}
		if r.Run != 0 || len(r.Files) != 0 {
			t.Errorf("%s: a picture for the screen was recorded", what)
		}
	}
}

// On the map of ranks the ward of rank 1 is the darkest, on that of categories
// the wards of high risk, and on that of a number the highest.
func TestDarkIsHigh(t *testing.T) {
	b, _ := rankedState(t, 13, small())
	rank := numbers(t, b.table(workspace.KindRanking, ""), "rank")
	rate := numbers(t, b.table(workspace.KindPositivity, ""), "value")
	for _, c := range []struct {
		show   string
		values []float64
		high   func(a, b float64) bool // a is the higher risk
	}{
		{"rank", rank, func(a, b float64) bool { return a < b }},
		{"category", rank, func(a, b float64) bool { return a < b }},
		{"positivity", rate, func(a, b float64) bool { return a > b }},
	} {
		r := b.do(mapOf(c.show))
		shown := fills(r.Scene, color.NRGBA{})
		for i := range c.values {
			for k := range c.values {
				if c.high(c.values[i], c.values[k]) && brightness(shown[i]) > brightness(shown[k]) {
					t.Fatalf("%s: %v is lighter than %v", c.show, c.values[i], c.values[k])
				}
			}
		}
		if legend := legendOf(r.Scene); c.show == "rank" && (len(legend) < 5 || !strings.HasPrefix(legend[0].label, "1 ")) {
			t.Errorf("rank 1 is not on top of the legend: %v", legend)
		}
	}
}

// The legend of ranks names whole ranks, each once, those that the class holds.
func TestRankLegendNamesTheRanksItHolds(t *testing.T) {
	b := newBench(t)
	b.do(&Import{Files: []string{b.write("wards.geojson", squares("lga,name,a,b", "A,One,9,9", "A,Two,8,8", "A,Three,7,7", "A,Four,6,6", "A,Five,5,5", "A,Six,,"))}})
	s := NewScore()
	s.Vars, s.Impute = []string{"a", "b"}, "none"
	b.do(s)
	for classes, want := range map[string][]legendCount{
		"equal:2":       {{"1 – 3", 3}, {"4 – 5", 2}, {"No data", 1}},
		"quantile:5":    {{"1", 1}, {"2", 1}, {"3", 1}, {"4", 1}, {"5", 1}, {"No data", 1}},
		"equal:1":       {{"1 – 5", 5}, {"No data", 1}},
		"fixed:2,4":     {{"1 – 2", 2}, {"3 – 4", 2}, {"> 4", 1}, {"No data", 1}},
		"fixed:1":       {{"1", 1}, {"> 1", 4}, {"No data", 1}},
		"fixed:2,2.5,4": {{"1 – 2", 2}, {"–", 0}, {"3 – 4", 2}, {"> 4", 1}, {"No data", 1}},
	} {
		a := mapOf("rank")
		a.Classes = classes
		if got := legendOf(b.do(a).Scene); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", classes, got, want)
		}
	}
}

// Positivity is shown in per cent, and classed so.
func TestPositivityIsShownInPerCent(t *testing.T) {
	b, _ := rankedState(t, 13, small())
	var want [3]int
	for _, v := range numbers(t, b.table(workspace.KindPositivity, ""), "value") {
		switch {
		case v <= 0.35:
			want[0]++
		case v <= 0.5:
			want[1]++
		case v > 0.5:
			want[2]++
		}
	}
	a := mapOf("positivity")
	a.Classes = "fixed:35,50"
	r := b.do(a)
	legend := legendOf(r.Scene)
	if len(legend) != 4 || legend[0].wards != want[2] || legend[1].wards != want[1] || legend[2].wards != want[0] {
		t.Errorf("legend %v, want %v from below", legend, want)
	}
	if !strings.Contains(pageText(r.Scene), "Positives per 100 tests") {
		t.Error("the unit is not said")
	}
}

// The map of filled-in values shows wards without a rank as no data, those
// with marks and those without.
func TestMapOfMissing(t *testing.T) {
	b, _ := rankedState(t, 13, small())
	marked := 0
	for _, m := range texts(t, b.table(workspace.KindRanking, ""), "imputed") {
		if m != "" {
			marked++
		}
	}
	all := b.table(workspace.KindRanking, "").Rows()
	want := []legendCount{{"Some filled in", marked}, {"All observed", all - marked}}
	if got := legendOf(b.do(mapOf("missing")).Scene); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	b.do(scoreWith("none"))
	unranked := 0
	for _, reason := range texts(t, b.table(workspace.KindRanking, ""), "reason") {
		if reason != "" {
			unranked++
		}
	}
	want = []legendCount{{"Some filled in", 0}, {"All observed", all - unranked}, {"No data", unranked}}
	if got := legendOf(b.do(mapOf("missing")).Scene); !slices.Equal(got, want) {
		t.Errorf("gaps open: %v, want %v", got, want)
	}
}

// Every picture of the made-up state says that it is made up, no other does.
func TestMadeUpDataIsLabelled(t *testing.T) {
	b, _ := rankedState(t, 13, small())
	for _, show := range []string{"rank", "category", "missing", "nets", "coverage", "positivity", "evi"} {
		if got := pageText(b.do(mapOf(show)).Scene); !strings.Contains(got, "MADE-UP DATA") {
			t.Errorf("%s: %s", show, got)
		}
	}
	b.do(b.mapTo("rank", "rank.svg"))
	if !strings.Contains(b.read("rank.svg"), "MADE-UP DATA") {
		t.Error("the file does not say it")
	}
	other := withTables(t, map[string][]string{"env": {"State,LGA,Ward,evi,note", "Kwara,Asa,Afon,1,FICTIONAL", "Kwara,Asa,Budo,2,FICTIONAL"}})
	if got := pageText(other.do(mapOf("evi")).Scene); strings.Contains(got, "MADE-UP") {
		t.Errorf("a real layer is called made up: %s", got)
	}
	// One ward that does not say so makes the layer real.
	mixed := newBench(t)
	mixed.do(&Import{Files: []string{mixed.write("w.geojson", squares("name,evi,note", "Afon,1,FICTIONAL", "Budo,2,"))}})
	if got := pageText(mixed.do(mapOf("evi")).Scene); strings.Contains(got, "MADE-UP") {
		t.Errorf("a mixed layer is called made up: %s", got)
	}
}

func TestUnknownVariableListsWhatThereIs(t *testing.T) {
	b, _ := rankedState(t, 13, small())
	p := b.refuse(mapOf("rainfal"), problem.NotFound)
	for _, name := range []string{"rainfall", "evi", "positivity", "UrbanPercent"} {
		if !strings.Contains(p.Hint, name) {
			t.Errorf("%s is not in the hint %q", name, p.Hint)
		}
	}
	if p.Subject != "rainfal" {
		t.Errorf("%+v", p)
	}
}

func TestMapRefusesWhatCantBeDrawn(t *testing.T) {
	b := withTables(t, map[string][]string{"env": {"State,LGA,Ward,evi,rainfall", "Kwara,Asa,Afon,1,", "Kwara,Asa,Budo,2,", "Kwara,Asa,Elsewhere,2,7"}})
	b.refuse(mapOf("rainfall"), problem.NotFound) // no ward has a value
	for _, classes := range []string{"fixed:5,3", "fixed:1,1", "fixed:NaN", "fixed:Inf", "fixed:-Inf"} {
		a := mapOf("evi")
		a.Classes = classes
		b.refuse(a, problem.Usage)
	}
	small := mapOf("evi")
	small.Width, small.Height = 100, 100
	small.Out = b.path("small.png")
	p := b.refuse(small, problem.BadInput)
	if !strings.Contains(p.Hint, "--width") {
		t.Errorf("%+v", p)
	}
	a := b.mapTo("evi", "no/folder/map.svg")
	b.refuse(a, problem.BadInput)
	if got := b.files(); !slices.Equal(got, []string{"env.csv", "wards.geojson"}) {
		t.Errorf("left: %v", got)
	}
}

// A layer of two states has the layer's name below the title, one of one state
// that state's.
func TestSubtitleNamesThePlace(t *testing.T) {
	for want, layer := range map[string]string{
		"Kwara – 3 wards":  threeWards(),
		"layer":            squares("state,name,evi", "Kwara,Afon,1", "Niger,Agaie,2"),
		"layer (no state)": squares("name,evi", "Afon,1", "Agaie,2"),
	} {
		b := newBench(t)
		b.do(&Import{Files: []string{b.write("layer.geojson", layer)}})
		f, err := loadFrame(t.Context(), b.w, "map")
		if err != nil {
			t.Fatal(err)
		}
		if got := f.subtitle(); got != strings.TrimSuffix(want, " (no state)") {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTitleOf(t *testing.T) {
	for name, want := range map[string]string{"": "", "rainfall": "Rainfall", "distance_to_waterbodies": "Distance to waterbodies", "évi": "Évi"} {
		if got := titleOf(name); got != want {
			t.Errorf("%q gives %q, want %q", name, got, want)
		}
	}
}
