package vault

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	kdfPath  = "chatmrpt/core/vault/internal/kdf"
	testPath = "chatmrpt/core/vault/vaulttest"
)

// moduleRoot walks up to go.mod.
func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	must(t, err)
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the package")
		}
		dir = filepath.Dir(dir)
	}
}

// programFiles calls visit for every Go file of the module that is not a test.
func programFiles(t *testing.T, visit func(path string, f *ast.File)) {
	t.Helper()
	root := moduleRoot(t)
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		seen++
		rel, err := filepath.Rel(root, path)
		visit(filepath.ToSlash(rel), f)
		return err
	})
	if err != nil || seen < 20 {
		t.Fatalf("%d files read, %v", seen, err)
	}
}

// importName is the name by which f refers to the package path, "" when it
// does not import it.
func importName(f *ast.File, path string) string {
	for _, i := range f.Imports {
		if strings.Trim(i.Path.Value, `"`) != path {
			continue
		}
		if i.Name != nil {
			return i.Name.Name
		}
		return path[strings.LastIndex(path, "/")+1:]
	}
	return ""
}

// The cheap key derivation can't be reached from a program: its one door is
// imported by tests only, and nothing but that door names it.
func TestCheapDerivationIsForTestsOnly(t *testing.T) {
	doors := 0
	programFiles(t, func(path string, f *ast.File) {
		if importName(f, testPath) != "" {
			t.Errorf("%s imports %s, which is for tests only", path, testPath)
		}
		if usesCheap(f) {
			doors++
			if path != "core/vault/vaulttest/vaulttest.go" {
				t.Errorf("%s names the cheap derivation", path)
			}
		}
	})
	if doors != 1 {
		t.Errorf("%d files name the cheap derivation: this test does not see what it should", doors)
	}
}

// usesCheap reports whether a file outside the kdf package names kdf.Cheap, or
// imports kdf in a way that would hide it.
func usesCheap(f *ast.File) (found bool) {
	name := importName(f, kdfPath)
	if name == "." {
		return true
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == "Cheap" {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == name {
				found = true
			}
		}
		return true
	})
	return found
}
