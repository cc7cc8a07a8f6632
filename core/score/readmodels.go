package score

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"chatmrpt/core/problem"
)

// Limits of a file of models. A thousand models of ten variables take 200 kB.
const (
	mostModelBytes = 4 << 20
	mostModels     = 10_000
)

// ReadModels reads models from CSV with the columns model, variable and
// weight, in any order, one line per term; the lines of a model need not stand
// together, and models keep the order in which they first appear. Everything
// that can't be used is a BadInput problem naming the line. Whether the
// variables exist is found out by Rank.
func ReadModels(r io.Reader) ([]Model, error) {
	limited := &io.LimitedReader{R: r, N: mostModelBytes + 1}
	lines := csv.NewReader(withoutMark(limited))
	lines.FieldsPerRecord = -1
	lines.TrimLeadingSpace = true
	header, err := lines.Read()
	if err != nil {
		return nil, lineProblem(lines, err)
	}
	columns, err := modelColumns(header)
	if err != nil {
		return nil, err
	}
	b := newModelBuilder()
	for {
		record, err := lines.Read()
		if limited.N <= 0 {
			return nil, modelProblem(0, fmt.Sprintf("the file is larger than %d bytes", mostModelBytes), "Give fewer models")
		}
		if errors.Is(err, io.EOF) {
			return b.finish()
		}
		if err != nil {
			return nil, lineProblem(lines, err)
		}
		line, _ := lines.FieldPos(0)
		if err := b.add(line, record, columns); err != nil {
			return nil, err
		}
	}
}

// withoutMark drops the byte order mark that spreadsheets put before UTF-8.
func withoutMark(r io.Reader) io.Reader {
	mark := []byte("\uFEFF")
	b := bufio.NewReader(r)
	if start, err := b.Peek(len(mark)); err == nil && bytes.Equal(start, mark) {
		b.Discard(len(mark)) // never fails: the bytes were just seen
	}
	return b
}

// modelColumns finds the places of model, variable and weight in the header.
func modelColumns(header []string) ([3]int, error) {
	at := [3]int{-1, -1, -1}
	names := [3]string{"model", "variable", "weight"}
	for i, cell := range header {
		name := strings.ToLower(strings.TrimSpace(cell))
		k := slices.Index(names[:], name)
		switch {
		case name == "":
		case k < 0:
			return at, modelProblem(1, fmt.Sprintf("column %q is not known", name), headerHint())
		case at[k] >= 0:
			return at, modelProblem(1, fmt.Sprintf("column %q stands twice", name), headerHint())
		default:
			at[k] = i
		}
	}
	if k := slices.Index(at[:], -1); k >= 0 {
		return at, modelProblem(1, fmt.Sprintf("there is no column %q", names[k]), headerHint())
	}
	return at, nil
}

func headerHint() string {
	return "The first line must read model,variable,weight, and every other line name one variable of one model, such as m1,rainfall,1"
}

// modelBuilder gathers terms under their models.
type modelBuilder struct {
	models []Model
	at     map[string]int     // position of each model
	terms  map[[2]string]bool // model and variable of each term
}

func newModelBuilder() *modelBuilder {
	return &modelBuilder{at: make(map[string]int), terms: make(map[[2]string]bool)}
}

func (b *modelBuilder) add(line int, record []string, columns [3]int) error {
	var cells [3]string
	blank := true
	for _, cell := range record {
		blank = blank && strings.TrimSpace(cell) == ""
	}
	if blank {
		return nil
	}
	for k, c := range columns {
		if c >= len(record) || strings.TrimSpace(record[c]) == "" {
			return modelProblem(line, "a cell is empty", headerHint())
		}
		cells[k] = strings.TrimSpace(record[c])
	}
	weight, err := strconv.ParseFloat(cells[2], 64)
	if err != nil || !validWeight(weight) {
		return modelProblem(line, fmt.Sprintf("%q is not a weight", cells[2]), weightHint())
	}
	return b.addTerm(line, cells[0], Term{Variable: cells[1], Weight: weight})
}

func (b *modelBuilder) addTerm(line int, model string, term Term) error {
	i, known := b.at[model]
	if !known {
		if len(b.models) == mostModels {
			return modelProblem(line, fmt.Sprintf("there are more than %d models", mostModels), "Give fewer models")
		}
		i = len(b.models)
		b.at[model] = i
		b.models = append(b.models, Model{Name: model})
	}
	key := [2]string{model, term.Variable}
	if b.terms[key] {
		return modelProblem(line, fmt.Sprintf("model %s names %q a second time", model, term.Variable), "Name each variable once in a model")
	}
	b.terms[key] = true
	b.models[i].Terms = append(b.models[i].Terms, term)
	return nil
}

func (b *modelBuilder) finish() ([]Model, error) {
	if len(b.models) == 0 {
		return nil, modelProblem(0, "the file holds no models", headerHint())
	}
	return b.models, nil
}

func lineProblem(lines *csv.Reader, err error) error {
	if errors.Is(err, io.EOF) {
		return modelProblem(0, "the file is empty", headerHint())
	}
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		return problem.New(problem.BadInput, op, "models, line "+strconv.Itoa(p.Line), "the line can't be read as CSV",
			"Check the quotation marks of this line").Because(err)
	}
	return fmt.Errorf("score: reading models after %d bytes: %w", lines.InputOffset(), err)
}

// modelProblem names a line of the file of models; line 0 is the whole file.
func modelProblem(line int, message, hint string) error {
	subject := "models"
	if line > 0 {
		subject += ", line " + strconv.Itoa(line)
	}
	return problem.New(problem.BadInput, op, subject, message, hint)
}
