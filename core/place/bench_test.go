package place

import (
	"fmt"
	"strings"
	"testing"
)

// misspell puts a letter into the middle of a name, behind its DHIS2 prefix
// and before what says that it is a ward or an LGA, so that it equals no key.
func misspell(s string) string {
	name, tail, _ := strings.Cut(strings.TrimSuffix(s, " Ward"), " Local")
	i := 3 + (len(name)-3)/2
	return name[:i] + "q" + name[i:] + strings.Repeat(" Local"+tail, min(len(tail), 1))
}

// BenchmarkMatch times the national layer of 9,367 wards; the budget is two
// seconds for the plain case.
func BenchmarkMatch(b *testing.B) {
	units, plain := nationalUnits(b), nationalGiven(b)
	change := func(f func(g Given) Given) []Given {
		out := make([]Given, len(plain))
		for i, g := range plain {
			out[i] = f(g)
		}
		return out
	}
	cases := []struct {
		name  string
		given []Given
	}{
		{"plain", plain},
		{"no LGA", change(func(g Given) Given { g.LGA = ""; return g })},
		{"every ward misspelt", change(func(g Given) Given { g.Ward = misspell(g.Ward); return g })},
		{"every LGA and ward misspelt", change(func(g Given) Given { g.LGA, g.Ward = misspell(g.LGA), misspell(g.Ward); return g })},
		{"no state, no LGA, misspelt", change(func(g Given) Given { return Given{Ward: misspell(g.Ward), Rows: 1} })},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			var rep Report
			for b.Loop() {
				rep, _ = Match(b.Context(), units, c.given, Decisions{})
			}
			b.ReportMetric(float64(rep.MatchedRows)/float64(rep.TotalRows), "matched/row")
		})
	}
	kanoLayer, kano := kanoUnits(b), kanoGiven(b)
	b.Run(fmt.Sprintf("Kano %d", len(kano)), func(b *testing.B) {
		for b.Loop() {
			_, _ = Match(b.Context(), kanoLayer, kano, Decisions{})
		}
	})
}
