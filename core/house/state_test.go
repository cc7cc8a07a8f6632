package house

import (
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"
)

// allowedState lists the package-level variables that are state in spite of
// law L1, each with its reason.
var allowedState = map[string]string{
	"core/store/encvfs.registerOnce": "SQLite knows its file systems per process; registered once, holds nothing of a user",
	"core/store/encvfs.ring":         "SQLite opens files by name; the ring maps a random token to a key only between open and close",
}

// Law L1: no mutable package-level state. Errors, compiled regular
// expressions, embedded files and tables that nothing writes are not state.
func TestNoMutableStateAtPackageLevel(t *testing.T) {
	tr := readTree(t)
	used := map[string]bool{}
	for _, p := range tr.pkgs {
		written := writtenNames(p)
		for _, f := range p.files {
			for _, v := range packageVars(f) {
				name := p.path + "." + v.name
				switch {
				case v.name == "_" || v.embedded || isConstantValue(v.value):
				case allowedState[name] != "":
					used[name] = true
				case isTable(v.value) && !written[v.name]:
				default:
					t.Errorf("%s: %s is state at package level (L1): make it a function, a field or a constant", tr.at(v.node), name)
				}
			}
		}
	}
	for name := range allowedState {
		if !used[name] {
			t.Errorf("%s is allowed but not there: strike it off the list", name)
		}
	}
}

func TestNoInitFunctions(t *testing.T) {
	tr := readTree(t)
	for _, p := range tr.pkgs {
		for _, f := range p.files {
			for _, d := range f.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					t.Errorf("%s: an init function acts before anyone asked (L1)", tr.at(fn))
				}
			}
		}
	}
}

type packageVar struct {
	name     string
	value    ast.Expr
	embedded bool
	node     ast.Node
}

func packageVars(f *ast.File) (out []packageVar) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			spec := s.(*ast.ValueSpec)
			embedded := strings.Contains(commentText(g.Doc)+commentText(spec.Doc), "//go:embed")
			for i, n := range spec.Names {
				v := packageVar{name: n.Name, embedded: embedded, node: n}
				if i < len(spec.Values) {
					v.value = spec.Values[i]
				}
				out = append(out, v)
			}
		}
	}
	return out
}

func commentText(c *ast.CommentGroup) string {
	if c == nil {
		return ""
	}
	var sb strings.Builder
	for _, l := range c.List {
		sb.WriteString(l.Text + "\n")
	}
	return sb.String()
}

// isConstantValue: an error or a regular expression, made once and never
// changed by its own methods.
func isConstantValue(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && slices.Contains([]string{"errors.New", "fmt.Errorf", "regexp.MustCompile"}, x.Name+"."+sel.Sel.Name)
}

// isTable: a literal of values (slice, array, map or struct).
func isTable(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		// strings.NewReplacer builds a table that has no way to be changed.
		sel, ok := e.Fun.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "NewReplacer"
	}
	return false
}

// writtenNames collects every name that the package assigns to, takes the
// address of, or hands to a builtin that changes it.
func writtenNames(p *pkg) map[string]bool {
	out := map[string]bool{}
	mark := func(e ast.Expr) {
		if n := rootName(e); n != "" {
			out[n] = true
		}
	}
	for _, f := range slices.Collect(maps.Values(p.files)) {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, l := range n.Lhs {
						mark(l)
					}
				}
			case *ast.IncDecStmt:
				mark(n.X)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					mark(n.X)
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && slices.Contains([]string{"delete", "clear", "copy"}, id.Name) && len(n.Args) > 0 {
					mark(n.Args[0])
				}
			}
			return true
		})
	}
	return out
}

func rootName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.IndexExpr:
		return rootName(e.X)
	case *ast.SelectorExpr:
		return rootName(e.X)
	case *ast.ParenExpr:
		return rootName(e.X)
	case *ast.StarExpr:
		return rootName(e.X)
	}
	return ""
}
