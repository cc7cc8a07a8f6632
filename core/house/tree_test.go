package house

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

// pkg is one folder of Go files, parsed.
type pkg struct {
	path  string // from the repository's root, with slashes: core/table
	files map[string]*ast.File
	tests map[string]*ast.File
}

type tree struct {
	root string
	fset *token.FileSet
	pkgs []*pkg
}

// readTree parses every Go file of the repository.
func readTree(t *testing.T) *tree {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tr := &tree{root: root, fset: token.NewFileSet()}
	byPath := map[string]*pkg{}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "out") {
			return filepath.SkipDir
		}
		if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && d.IsDir() && path != root {
			return filepath.SkipDir // a module of its own, of tests that need a server
		}
		if d.IsDir() || filepath.Ext(name) != ".go" {
			return nil
		}
		return tr.add(byPath, path)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.pkgs) < 5 {
		t.Fatalf("only %d packages found below %s: the walk is wrong", len(tr.pkgs), root)
	}
	return tr
}

func (tr *tree) add(byPath map[string]*pkg, path string) error {
	file, err := parser.ParseFile(tr.fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(tr.root, filepath.Dir(path))
	if err != nil || rel == "." {
		return err
	}
	rel = filepath.ToSlash(rel)
	p := byPath[rel]
	if p == nil {
		p = &pkg{path: rel, files: map[string]*ast.File{}, tests: map[string]*ast.File{}}
		byPath[rel] = p
		tr.pkgs = append(tr.pkgs, p)
	}
	if strings.HasSuffix(path, "_test.go") {
		p.tests[path] = file
	} else {
		p.files[path] = file
	}
	return nil
}

// at names a place for a message.
func (tr *tree) at(n ast.Node) string {
	pos := tr.fset.Position(n.Pos())
	rel, err := filepath.Rel(tr.root, pos.Filename)
	if err != nil {
		rel = pos.Filename
	}
	pos.Filename = filepath.ToSlash(rel)
	return pos.String()
}

func importsOf(f *ast.File) []string {
	var out []string
	for _, s := range f.Imports {
		out = append(out, strings.Trim(s.Path.Value, `"`))
	}
	return out
}

func readRootFile(t *testing.T, tr *tree, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(tr.root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
