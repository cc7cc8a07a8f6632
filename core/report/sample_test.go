package report_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"chatmrpt/core/report"
	"chatmrpt/core/sample"
	"chatmrpt/geo/scene"
	"github.com/paulmach/orb"
)

// sampleMap draws the made-up state, with the categories of its true risk or
// its population in classes.
func sampleMap(t *testing.T, state *sample.State, nets bool) *scene.Scene {
	t.Helper()
	m := scene.Map{
		Title: "Risk category", Subtitle: "Zubuma – 220 wards", LegendTitle: "Risk, thirds by rank", Unit: "wards",
		Notes: []string{"MADE-UP DATA: no real place, person or facility.", "Run 7."}, Width: 520, Height: 400,
	}
	low, medium, high := scene.RiskColors()
	m.Classes = []scene.Class{{Label: "Low", Fill: low}, {Label: "Medium", Fill: medium}, {Label: "High", Fill: high}}
	if nets {
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

func TestLook(t *testing.T) {
	state, err := sample.Make(1, sample.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := report.SampleDocument()
	d.Maps = []*scene.Scene{sampleMap(t, state, false), sampleMap(t, state, true)}
	var b bytes.Buffer
	if err := report.PDF(t.Context(), &b, d); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(os.Getenv("LOOK"), "report.pdf"), b.Bytes(), 0o600)
}
