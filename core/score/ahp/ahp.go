// Package ahp derives expert weights from pairwise comparisons by the analytic
// hierarchy process: experts say how many times more one variable matters than
// another, the principal eigenvector of their matrix gives the weights, and
// the consistency ratio says whether the answers contradict each other
// (Saaty, The Analytic Hierarchy Process, 1980).
package ahp

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"chatmrpt/core/problem"
)

// op is the act named in this package's problems.
const op = "score"

// MostRatio is the consistency ratio above which Saaty advises to ask again.
const MostRatio = 0.1

// mostVariables is as far as Saaty's table of random matrices goes.
const mostVariables = 15

// randomIndex is the mean consistency index of random matrices of order 1 to
// 15 (Saaty 1980, page 21).
var randomIndex = [mostVariables + 1]float64{0, 0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59}

// Comparison is a matrix of pairwise comparisons.
type Comparison struct {
	Names  []string
	Ratios [][]float64 // how many times more the variable of the row matters than that of the column
}

// Weights is what a comparison gives.
type Weights struct {
	Names     []string
	Weights   []float64 // adding up to one
	LambdaMax float64   // the principal eigenvalue, the order of the matrix when fully consistent
	Index     float64   // consistency index (λ − n) ÷ (n − 1)
	Ratio     float64   // consistency ratio, Index ÷ that of random matrices; nought below order 3
}

// Consistent reports whether the answers go together well enough.
func (w Weights) Consistent() bool { return w.Ratio <= MostRatio }

// Compute finds the weights by the power method, which converges for every
// matrix of positive numbers (Perron). The comparison must be as Read gives
// it.
func (c Comparison) Compute() (Weights, error) {
	n := len(c.Names)
	w := Weights{Names: c.Names, Weights: make([]float64, n)}
	for i := range w.Weights {
		w.Weights[i] = 1 / float64(n)
	}
	const most = 10_000
	for range most {
		next, sum := make([]float64, n), 0.0
		for i, row := range c.Ratios {
			for j, r := range row {
				next[i] += float64(r * w.Weights[j])
			}
			sum += next[i]
		}
		moved := 0.0
		for i := range next {
			next[i] /= sum
			moved = max(moved, math.Abs(next[i]-w.Weights[i]))
		}
		w.Weights, w.LambdaMax = next, sum // the weights added up to one before
		if moved < 1e-15 {
			return w.judged(n), nil
		}
	}
	return w, errors.New("ahp: the weights did not settle")
}

func (w Weights) judged(n int) Weights {
	if n > 2 {
		w.Index = max(0, (w.LambdaMax-float64(n))/float64(n-1))
		w.Ratio = w.Index / randomIndex[n]
	}
	return w
}

// mostBytes bounds the file: fifteen variables need a few thousand.
const mostBytes = 1 << 20

// Read reads a comparison from CSV: the names of the variables in the first
// line behind an empty cell, then for each variable a line with its name and
// its ratios, as numbers or as fractions such as 1/3. The half below the
// diagonal may be left empty; what is given there must be the reciprocal of
// the half above. Problems name the line.
func Read(r io.Reader) (Comparison, error) {
	lines := csv.NewReader(io.LimitReader(r, mostBytes))
	lines.FieldsPerRecord = -1
	lines.TrimLeadingSpace = true
	rows, err := lines.ReadAll()
	if err != nil {
		return Comparison{}, bad(0, "the matrix can't be read as CSV").Because(err)
	}
	if len(rows) < 3 {
		return Comparison{}, bad(0, "a comparison needs two variables or more")
	}
	c := Comparison{}
	for _, cell := range rows[0][1:] {
		c.Names = append(c.Names, strings.TrimSpace(cell))
	}
	n := len(c.Names)
	if n > mostVariables {
		return c, bad(1, fmt.Sprintf("%d variables are compared; the table of random matrices ends at %d", n, mostVariables))
	}
	if len(rows) != n+1 {
		return c, bad(0, fmt.Sprintf("%d variables in the first line and %d lines below it", n, len(rows)-1))
	}
	for i, row := range rows[1:] {
		ratios, err := c.readRow(i, row)
		if err != nil {
			return c, err
		}
		c.Ratios = append(c.Ratios, ratios)
	}
	return c, c.complete()
}

func (c Comparison) readRow(i int, row []string) ([]float64, error) {
	line := i + 2
	if strings.TrimSpace(row[0]) != c.Names[i] {
		return nil, bad(line, fmt.Sprintf("it is named %q, but the first line has %q in this place", strings.TrimSpace(row[0]), c.Names[i]))
	}
	if len(row) != len(c.Names)+1 {
		return nil, bad(line, fmt.Sprintf("it has %d ratios for %d variables", len(row)-1, len(c.Names)))
	}
	out := make([]float64, len(c.Names))
	for j, cell := range row[1:] {
		cell = strings.TrimSpace(cell)
		if cell == "" {
			continue // nought until the other half is known
		}
		ratio, ok := parseRatio(cell)
		if !ok {
			return nil, bad(line, fmt.Sprintf("%q is not a ratio", cell))
		}
		out[j] = ratio
	}
	return out, nil
}

// parseRatio reads 3, 0.5 or 1/3.
func parseRatio(s string) (float64, bool) {
	above, below, fraction := strings.Cut(s, "/")
	x, err := strconv.ParseFloat(strings.TrimSpace(above), 64)
	if err == nil && fraction {
		var y float64
		y, err = strconv.ParseFloat(strings.TrimSpace(below), 64)
		x /= y
	}
	return x, err == nil && x >= 1e-6 && x <= 1e6
}

// complete fills the half that was left out and checks that both halves say
// the same.
func (c Comparison) complete() error {
	seen := make(map[string]bool)
	for i, name := range c.Names {
		if name == "" || seen[name] {
			return bad(1, fmt.Sprintf("the variable %q is named twice or not at all", name))
		}
		seen[name] = true
		for j := range i + 1 {
			a, b := c.Ratios[j][i], c.Ratios[i][j] // above the diagonal, below it
			switch {
			case i == j && a == 0:
				c.Ratios[i][i] = 1
			case i == j && a != 1:
				return bad(i+2, fmt.Sprintf("%s is compared with itself as %v", name, a))
			case i == j:
			case a == 0 && b == 0:
				return bad(j+2, fmt.Sprintf("%s and %s are not compared", c.Names[j], name))
			case a == 0:
				c.Ratios[j][i] = 1 / b
			case b == 0:
				c.Ratios[i][j] = 1 / a
			case math.Abs(a*b-1) > 0.02: // 0.33 stands for a third
				return bad(i+2, fmt.Sprintf("%s against %s is %v, and the other way round %v", c.Names[j], name, a, b))
			}
		}
	}
	return nil
}

func bad(line int, message string) *problem.Problem {
	subject := "comparisons"
	if line > 0 {
		subject += ", line " + strconv.Itoa(line)
	}
	return problem.New(problem.BadInput, op, subject, message,
		"The first line is an empty cell and the names; every other line a name and how many times more it matters than each of them, such as 3 or 1/3")
}
