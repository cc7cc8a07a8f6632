package quality

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/core/ingest"
	"chatmrpt/core/table"
)

func ingested(t testing.TB, name string) *table.Table {
	t.Helper()
	r, err := ingest.Read(t.Context(), strings.TrimSuffix(name, ".gz"), beside.Read(t, name), ingest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r.Table
}

// TestKanoAgainstThePlainFile counts missing cells and impossible rows in the
// CSV itself, cell by cell, without this program's readers.
func TestKanoAgainstThePlainFile(t *testing.T) {
	name := "data/facility/nmep_tpr_kano.csv"
	records := beside.CSV(t, name)
	head := records[0]
	column := func(words ...string) int {
		return slices.IndexFunc(head, func(h string) bool {
			return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(h, w) })
		})
	}
	tested, positive := column("tested by RDT", " <5yrs"), column("positive", "RDT", " <5yrs")
	missing, over := map[string]int{}, 0
	for _, rec := range records[1:] {
		for i, h := range head {
			if (strings.Contains(h, "tested by") || strings.Contains(h, "tested positive")) && strings.TrimSpace(rec[i]) == "" {
				missing[rec[5][:7]]++
			}
		}
		n, errN := strconv.ParseFloat(rec[tested], 64)
		k, errK := strconv.ParseFloat(rec[positive], 64)
		if errN == nil && errK == nil && k > n {
			over++
		}
	}
	p, err := New(ingested(t, name), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range p.Completeness(ByPeriod) {
		if g.Missing != missing[g.Period] || g.Rows != 1272 || g.Cells != 12*1272 {
			t.Errorf("%s: %d cells missing of %d in %d rows, want %d", g.Period, g.Missing, g.Cells, g.Rows, missing[g.Period])
		}
	}
	if checks, _ := p.Cascade(); over == 0 || checks[0].Broken != over {
		t.Errorf("%+v, want %d broken", checks[0], over)
	}
}

// BenchmarkExamine300k times everything the act computes on 300,000 rows.
func BenchmarkExamine300k(b *testing.B) {
	tb := ingested(b, "data/facility/nmep_tpr_300k.csv.gz")
	for b.Loop() {
		p, err := New(tb, nil, nil)
		if err != nil {
			b.Fatal(err)
		}
		examine(b, p)
		p.Completeness(ByPeriod)
		p.Reporting(6)
		p.Volumes()
		p.Grid()
	}
}
