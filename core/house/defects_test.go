package house

import (
	"go/ast"
	"strings"
	"testing"
)

// defects are those of the predecessors that spec/analytics.md §11 numbers.
var defects = strings.Fields("D1 D2 D2b D3 D4 D5 D6 D6b D6c D7 D8 D9 D10 D10b D11 D11b D12 D13 D14 D15 D16 D17 D18 D18b D19 D20 D21 D22 D23 D24")

// notBuilt are defects of work this program does not do yet. Whoever builds it
// takes the line out and writes the test.
var notBuilt = map[string]string{
	"D17":  "areas in Web Mercator fed a density; no area or density of a ward is computed",
	"D18b": "a grid in degrees always made four cells; there are no settlement grids",
}

// Each defect has a test named after it somewhere, which repeats the method that
// failed and shows that ours does not.
func TestEveryDefectHasItsTest(t *testing.T) {
	tr := readTree(t)
	found := map[string]bool{}
	for _, p := range tr.pkgs {
		for _, f := range p.tests {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					if rest, ok := strings.CutPrefix(fn.Name.Name, "TestDefect_"); ok {
						name, _, _ := strings.Cut(rest, "_")
						found[name] = true
					}
				}
			}
		}
	}
	for _, d := range defects {
		switch why, excused := notBuilt[d]; {
		case !found[d] && !excused:
			t.Errorf("no test is named TestDefect_%s_…", d)
		case found[d] && excused:
			t.Errorf("%s has a test now: take it out of the list (%s)", d, why)
		}
	}
}
