package action

import (
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/ingest"
	"chatmrpt/core/problem"
	"chatmrpt/core/workspace"
)

// Files of other kinds are called by their name, not damaged texts.
func TestForeignFilesAreNamed(t *testing.T) {
	for _, c := range []struct{ name, data, says string }{
		{"rain.tif", "cut", "raster"},
		{"map.png", "\x89PNG\r\n\x1a\n", "picture"},
		{"map.csv", "\xff\xd8\xff\xe0", "picture"},
		{"t.parquet", "PAR1", "Parquet"},
		{"a.RDS", "\x1f\x8b\x08", "data file of R"},
		{"a.dta", "<stata_dta>", "Stata"},
		{"a.sav", "$FL2", "SPSS"},
		{"a.sas7bdat", "\x00\x00", "SAS"},
		{"a.shp.xml", "<?xml", "XML"},
	} {
		p := foreign(newInputFile(c.name, []byte(c.data)))
		if p == nil || p.Code != problem.BadInput || p.Hint == "" || !strings.Contains(p.Message, c.says) {
			t.Errorf("%s: %v, want a problem that says %q", c.name, p, c.says)
		}
	}
	for _, name := range []string{"a.csv", "a.xlsx", "a.geojson", "a.zip", "a.shp", "noending"} {
		if p := foreign(newInputFile(name, []byte("State,LGA\n"))); p != nil {
			t.Errorf("%s: %v", name, p)
		}
	}
}

// A boundary file is not cut at its commas because the user said it is a
// table.
func TestBoundaryFileIsNoTable(t *testing.T) {
	for _, as := range []string{workspace.KindWards, workspace.KindFacilities, workspace.KindPopulation} {
		a := &Import{As: as}
		_, err := a.read(t.Context(), []inputFile{newInputFile("w.geojson", []byte(`{"type":"FeatureCollection","features":[]}`))}, nil)
		if p := problem.From(err, ""); p == nil || p.Code != problem.BadInput || !strings.Contains(p.Hint, "without --as") {
			t.Errorf("--as %s: %v", as, err)
		}
	}
}

func TestCellsWithoutAValueAreTold(t *testing.T) {
	one := []ingest.CellIssue{{Column: "pop", Problem: "a negative count", Count: 2, Row: 7, Example: "-100"}}
	if got, want := cellNotices(one), []string{"pop: 2 cells left without a value: a negative count, first -100 in row 7"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	many := cellNotices(make([]ingest.CellIssue, 9))
	if len(many) != 7 || !strings.HasPrefix(many[6], "3 further columns") {
		t.Errorf("%q", many)
	}
}
