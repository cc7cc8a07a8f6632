package report_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"chatmrpt/core/report"
	"chatmrpt/core/sample"
	"chatmrpt/geo/scene"
	"github.com/paulmach/orb"
)

var keep = flag.String("keep", "", "file to which the brief of the sample state is written, to look at it")

// sampleMap draws the made-up state, with the categories of its true risk or
// its population in classes.
func sampleMap(t *testing.T, state *sample.State, nets bool) *scene.Scene {
	t.Helper()
	m := scene.Map{
		Title: "Risk category", Subtitle: "Zubuma – 220 wards", LegendTitle: "Risk, thirds by rank", Unit: "wards",
		Notes: []string{"MADE-UP DATA: no real place, person or facility.", "Run 7."}, Width: 416, Height: 300,
	}
	low, medium, high := scene.RiskColors()
	m.Classes = []scene.Class{{Label: "Low", Fill: low}, {Label: "Medium", Fill: medium}, {Label: "High", Fill: high}}
	if nets {
		m.Height = 232
		m.Title, m.LegendTitle, m.Classes = "Bed nets allocated", "Nets", nil
		colors, err := scene.YlGnBu.Colors(5)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range colors {
			m.Classes = append(m.Classes, scene.Class{Label: fmt.Sprintf("%d,000 – %d,999", 2*i, 2*i+1), Fill: c})
		}
	}
	var lgas []int
	for i, w := range state.Wards {
		class := 2 - 3*(state.Truth.Risks[i].Rank-1)/len(state.Wards)
		if nets {
			class = min(4, w.Population/6000)
		}
		if i == state.Truth.SparseWard {
			class = -1
		}
		m.Areas, m.Class, lgas = append(m.Areas, w.Area), append(m.Class, class), append(lgas, w.LGA)
	}
	outlines, err := scene.GroupBorders(t.Context(), m.Areas, lgas)
	if err != nil {
		t.Fatal(err)
	}
	m.Outlines = [][]orb.LineString{outlines}
	s, err := scene.Build(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBriefOfTheSampleState sets a brief with maps of 220 wards, sized so
// that the second page holds all of the plan.
func TestBriefOfTheSampleState(t *testing.T) {
	state, err := sample.Make(1, sample.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := report.SampleDocument()
	d.Maps = []*scene.Scene{sampleMap(t, state, false), sampleMap(t, state, true)}
	file := write(t, d)
	if *keep != "" {
		if err := os.WriteFile(*keep, file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pages := extract(t, file)
	if len(pages) != 3 {
		t.Fatalf("%d pages, want 3", len(pages))
	}
	for page, want := range map[int][]string{
		0: {"Risk category", "Choices behind the figures"},
		1: {"Ten wards at highest risk", "Ten wards at lowest risk", "Bed nets for the ten wards at highest risk", "Bed nets allocated"},
		2: {"How the figures were made", "Sources"},
	} {
		all := strings.Join(pages[page], "\n")
		for _, s := range want {
			if !strings.Contains(all, s) {
				t.Errorf("page %d has no %q", page+1, s)
			}
		}
	}
	if len(file) > 400<<10 {
		t.Errorf("the file has %d bytes, too many to send by e-mail from the field", len(file))
	}
}
