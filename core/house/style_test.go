package house

import (
	"go/ast"
	"strings"
	"testing"
)

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	tr := readTree(t)
	for _, p := range tr.pkgs {
		documented := len(p.files) == 0 // a folder of tests only needs none
		for _, f := range p.files {
			documented = documented || f.Doc != nil
		}
		if !documented {
			t.Errorf("%s has no package comment", p.path)
		}
	}
}

func TestEveryExportedNameIsExplained(t *testing.T) {
	tr := readTree(t)
	for _, p := range tr.pkgs {
		for _, f := range p.files {
			for _, d := range f.Decls {
				for _, n := range undocumented(d) {
					t.Errorf("%s: %s has no comment", tr.at(n), n.Name)
				}
			}
		}
	}
}

func undocumented(d ast.Decl) (out []*ast.Ident) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
			out = append(out, d.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
					out = append(out, s.Name)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					out = append(out, s.Names[0])
				}
			}
		}
	}
	return out
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if ix, ok := typ.(*ast.IndexExpr); ok {
		typ = ix.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && id.IsExported()
}

// The limits are those of the models the house was planned on: no function
// above 80 lines (100 in ui, where layouts are long), no file above 800.
func TestFunctionsAndFilesStayReadable(t *testing.T) {
	tr := readTree(t)
	for _, p := range tr.pkgs {
		limit := 80
		if under(p.path, "ui") {
			limit = 100
		}
		for _, f := range p.files {
			if n := tr.fset.Position(f.FileEnd).Line; n > 800 {
				t.Errorf("%s: file of %d lines", tr.at(f.Name), n)
			}
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && tr.lines(fn) > limit {
					t.Errorf("%s: %s has %d lines, more than %d", tr.at(fn), fn.Name.Name, tr.lines(fn), limit)
				}
			}
		}
	}
}

func (tr *tree) lines(n ast.Node) int {
	return tr.fset.Position(n.End()).Line - tr.fset.Position(n.Pos()).Line + 1
}

// calledOnlyIn lists functions that only some rooms may call.
var calledOnlyIn = []struct {
	name  string
	rooms []string
	why   string
}{
	{"fyne.Do", []string{"ui/bridge"}, "one place hands work to the window's thread"},
	{"fyne.DoAndWait", []string{"ui/bridge"}, "one place hands work to the window's thread"},
	{"sql.Open", nil, "a database is opened encrypted, through encvfs.Open, or not at all"},
	{"os.Exit", []string{"cmd"}, "only a program ends the process"},
	{"time.Now", []string{"cmd", "ui", "core/vault"}, "the clock is handed in (L8); the vault takes it as an option with this default"},
	{"time.Sleep", nil, "nothing waits by guessing"},
}

func TestCallsStayInTheirRooms(t *testing.T) {
	tr := readTree(t)
	for _, p := range tr.pkgs {
		for _, f := range p.files {
			ast.Inspect(f, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				x, ok := sel.X.(*ast.Ident)
				if !ok {
					return true
				}
				for _, rule := range calledOnlyIn {
					if x.Name+"."+sel.Sel.Name == rule.name && !inAny(p.path, rule.rooms) {
						t.Errorf("%s: %s in %s: %s", tr.at(n), rule.name, p.path, rule.why)
					}
				}
				return true
			})
		}
	}
}

// A test that sleeps is slow where it passes and flaky where it does not.
func TestNoTestSleeps(t *testing.T) {
	tr := readTree(t)
	for _, p := range tr.pkgs {
		for _, f := range p.tests {
			ast.Inspect(f, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Sleep" {
					if x, ok := sel.X.(*ast.Ident); ok && x.Name == "time" {
						t.Errorf("%s: a test sleeps", tr.at(n))
					}
				}
				return true
			})
		}
	}
}

// The repository speaks of the project alone.
func TestNoTodoAndNoMachinePaths(t *testing.T) {
	tr := readTree(t)
	for _, p := range tr.pkgs {
		for _, files := range []map[string]*ast.File{p.files, p.tests} {
			for _, f := range files {
				for _, g := range f.Comments {
					if strings.Contains(g.Text(), "TO"+"DO") || strings.Contains(g.Text(), "FIX"+"ME") {
						t.Errorf("%s: a note to self instead of an issue", tr.at(g))
					}
				}
			}
		}
	}
}
