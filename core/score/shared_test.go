package score

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// sheet is a CSV file of the shared references, by column.
type sheet struct {
	t    testing.TB
	name string
	rows [][]string
}

// sharedPath finds a file of the shared references, beside the repository.
func sharedPath(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the package")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skip("needs the shared reference files, which are not part of the repository")
	}
	return path
}

func shared(t testing.TB, name string) sheet {
	t.Helper()
	f, err := os.Open(sharedPath(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return sheet{t, name, rows}
}

func (s sheet) text(column string) []string {
	s.t.Helper()
	for i, h := range s.rows[0] {
		if h == column {
			out := make([]string, 0, len(s.rows)-1)
			for _, row := range s.rows[1:] {
				out = append(out, row[i])
			}
			return out
		}
	}
	s.t.Fatalf("%s has no column %q", s.name, column)
	return nil
}

// variable reads a column of numbers; "" and NA are missing.
func (s sheet) variable(column string, inverse bool) Variable {
	s.t.Helper()
	v := Variable{Name: column, Inverse: inverse}
	for _, cell := range s.text(column) {
		if cell == "" || cell == "NA" {
			v.Values, v.Present = append(v.Values, 0), append(v.Present, false)
			continue
		}
		x, err := strconv.ParseFloat(cell, 64)
		if err != nil {
			s.t.Fatalf("%s: %v", s.name, err)
		}
		v.Values, v.Present = append(v.Values, x), append(v.Present, true)
	}
	return v
}

func (s sheet) numbers(column string) []float64 { return s.variable(column, false).Values }

// positions maps keys to their places.
func positions(keys []string) map[string]int {
	at := make(map[string]int, len(keys))
	for i, k := range keys {
		at[k] = i
	}
	return at
}

// near reports agreement to 1e-12 relative to the larger of the two or one:
// the references hold 15 digits.
func near(a, b float64) bool {
	return math.Abs(a-b) <= 1e-12*max(1, math.Abs(a), math.Abs(b))
}

// full makes a variable without gaps.
func full(name string, values ...float64) Variable {
	v := Variable{Name: name, Values: values, Present: make([]bool, len(values))}
	for i := range v.Present {
		v.Present[i] = true
	}
	return v
}

// gappy makes a variable whose NaN values are missing.
func gappy(name string, values ...float64) Variable {
	v := full(name, values...)
	for i, x := range values {
		v.Present[i] = !math.IsNaN(x)
	}
	return v
}

func mustScale(t testing.TB, how Scaling, vars ...Variable) []Scaled {
	t.Helper()
	var out []Scaled
	for _, v := range vars {
		s, err := Scale(v, how)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func namesOf(vars []Scaled) []string {
	var out []string
	for _, v := range vars {
		out = append(out, v.Name)
	}
	return out
}

func mustSubsets(t testing.TB, vars []Scaled) []Model {
	t.Helper()
	models, err := AllSubsets(namesOf(vars))
	if err != nil {
		t.Fatal(err)
	}
	return models
}

func mustRank(t testing.TB, keys []string, vars []Scaled, models []Model, o Options) *Ranking {
	t.Helper()
	r, err := Rank(t.Context(), keys, vars, models, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wardKeys makes n different keys.
func wardKeys(n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = "w" + strconv.Itoa(100000+i)
	}
	return keys
}
