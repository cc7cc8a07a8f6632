package bleed

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// T5, cause 4: what the assistant is told for B holds nothing of A. There is no
// conversation yet.
func TestBleed_T05_AssistantContext(t *testing.T) {
	open(t, "4", "what the assistant is told for B").notBuilt("there is no conversation in the program", "core/ask")
}

// T18, cause 6: no code that was made while the program runs is run. There is
// nothing in the program that could: no package starts another program, loads
// one, or interprets a language; SQLite may load no extension. Were scripting
// ever added, this fails, and the test of what it can reach is due.
func TestBleed_T18_NoGeneratedCodeIsRun(t *testing.T) {
	l := open(t, "6", "no import of a way to run code, in any package or go.mod")
	calls := []string{"os.StartProcess", "syscall.Exec", "syscall.ForkExec", "syscall.StartProcess", "unix.Exec", "plugin.Open"}
	fset := token.NewFileSet()
	for path, file := range programFiles(t, fset) {
		l.trial()
		for _, imp := range file.Imports {
			if name := strings.Trim(imp.Path.Value, `"`); runsCode(name) {
				l.bled("%s imports %s", path, name)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(calls, x.Name+"."+sel.Sel.Name) {
				l.bled("%s calls %s", path, x.Name+"."+sel.Sel.Name)
			}
			if slices.Contains([]string{"LoadExtension", "RegisterFunc", "Extensions"}, sel.Sel.Name) {
				l.bled("%s uses %s of SQLite", path, sel.Sel.Name)
			}
			return true
		})
	}
	for line := range strings.Lines(string(read(t, filepath.Join("..", "..", "go.mod")))) {
		fields := strings.Fields(line)
		if len(fields) < 2 || !strings.HasPrefix(fields[1], "v") {
			continue
		}
		l.trial()
		if runsCode(fields[0]) {
			l.bled("go.mod requires %s", fields[0])
		}
	}
	if l.trials.Load() < 100 {
		t.Errorf("only %d files and modules were looked at", l.trials.Load())
	}
	for _, name := range []string{"os/exec", "plugin", "github.com/dop251/goja", "go.starlark.net/starlark"} {
		if !runsCode(name) {
			t.Errorf("%s would not be noticed", name)
		}
	}
}

// runsCode tells a package or module by which a program can run code it did
// not bring along.
func runsCode(name string) bool {
	if name == "os/exec" || name == "plugin" {
		return true
	}
	for _, part := range []string{
		"yaegi", "goja", "/otto", "gopher-lua", "golua", "go-lua", "starlark", "wazero", "wasmer", "wasmtime", "tengo", "/anko", "v8go", "quickjs",
		"go-python", "gpython", "/cel-go", "expr-lang", "antonmedv/expr", "go-duktape", "purego", "chromedp", "webview",
	} {
		if strings.Contains(strings.ToLower(name), part) {
			return true
		}
	}
	return false
}

// programFiles parses every file of the program but tests.
func programFiles(t *testing.T, fset *token.FileSet) map[string]*ast.File {
	t.Helper()
	out := map[string]*ast.File{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "out") {
			return filepath.SkipDir
		}
		if d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		out[path] = file
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
