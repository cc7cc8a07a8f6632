package house

import (
	"go/ast"
	"regexp"
	"strings"
	"testing"
)

// Every promise of SECURITY.md names a test, and every test it names is there:
// a promise whose test was renamed or removed is not one.
func TestEveryPromiseNamesATestThatIsThere(t *testing.T) {
	tr := readTree(t)
	there := map[string]bool{"T01": true} // the rules of state_test.go
	for _, p := range tr.pkgs {
		for _, f := range p.tests {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok {
					there[fn.Name.Name] = true
					if rest, ok := strings.CutPrefix(fn.Name.Name, "TestBleed_"); ok {
						number, _, _ := strings.Cut(rest, "_")
						there[number] = true
					}
				}
			}
		}
	}
	text := readRootFile(t, tr, "SECURITY.md")
	named := regexp.MustCompile("`(Test[A-Za-z0-9_]+)`|\\bT([0-9]{1,2})\\b")
	seen := 0
	for _, m := range named.FindAllStringSubmatch(text, -1) {
		name := m[1]
		if name == "" {
			name = "T" + strings.Repeat("0", 2-len(m[2])) + m[2]
		}
		seen++
		if !there[name] {
			t.Errorf("SECURITY.md names %s, which is nowhere", m[0])
		}
	}
	if seen < 40 {
		t.Errorf("only %d tests are named: the reader is wrong", seen)
	}
	_, promises, _ := strings.Cut(text, "| promise |")
	promises, _, _ = strings.Cut(promises, "\n\n")
	for row := range strings.Lines(promises) {
		if cells := strings.Split(row, "|"); len(cells) == 5 && !strings.HasPrefix(cells[1], "---") && !named.MatchString(cells[3]) && strings.TrimSpace(cells[3]) != "tried by" {
			t.Errorf("no test is named for: %s", cells[1])
		}
	}
}
