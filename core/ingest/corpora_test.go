package ingest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/core/ingest/delimited"
	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/ingest/xlsx"
	"chatmrpt/core/problem"
)

// TestCorpora gives every CSV and XLSX file of the shared collections to the
// reader. None is a table of wards, so Read ends in a problem for nearly all
// of them: what counts is that it is one, and that the rows below are those
// which other readers count (reference/corpora.tsv).
func TestCorpora(t *testing.T) {
	seen := 0
	for line := range strings.Lines(string(shared(t, "reference/corpora.tsv"))) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) < 2 || !strings.Contains(f[0], "/csv/") && !strings.Contains(f[0], "/xlsx/") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(sharedDir(t), "data", f[0]))
		if errors.Is(err, os.ErrNotExist) {
			continue // a part of the collection that is not here
		}
		if err != nil {
			t.Fatal(err)
		}
		seen++
		_, err = Read(t.Context(), filepath.Base(f[0]), data, Options{})
		if p, ok := errors.AsType[*problem.Problem](err); err != nil && (!ok || p.Hint == "" || p.Code != problem.BadInput) {
			t.Errorf("%s: %v is no problem with a hint", f[0], err)
		}
		compareRows(t, f[0], data, f[1])
	}
	if seen < 110 {
		t.Errorf("only %d files seen", seen)
	}
}

var (
	csvRecords = regexp.MustCompile(`^(\d+) csv records`)
	sheetSize  = regexp.MustCompile(`^(.+):(\d+)x(\d+)$`)
)

// compareRows compares the number of rows with what another reader counted.
func compareRows(t *testing.T, name string, data []byte, content string) {
	t.Helper()
	if m := csvRecords.FindStringSubmatch(content); m != nil {
		want, _ := strconv.Atoi(m[1])
		if got := countRecords(t, name, data); got != want {
			t.Errorf("%s: %d records, want %d", name, got, want)
		}
		return
	}
	if filepath.Ext(name) != ".xlsx" || !sheetSize.MatchString(strings.Split(content, "; ")[0]) {
		return
	}
	w, err := xlsx.Open(data)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	for part := range strings.SplitSeq(content, "; ") {
		if m := sheetSize.FindStringSubmatch(part); m != nil {
			compareSheet(t, name, w, m)
		}
	}
}

// compareSheet: the other reader counts rows and columns up to the last tag,
// and believes what the file states about its size; ours counts values.
func compareSheet(t *testing.T, name string, w *xlsx.Workbook, m []string) {
	t.Helper()
	rows, _ := strconv.Atoi(m[2])
	columns, _ := strconv.Atoi(m[3])
	for _, s := range w.Sheets {
		if s.Name != m[1] {
			continue
		}
		tags, width := 0, 0
		err := w.Rows(context.Background(), s, func(r grid.Row) error {
			tags, width = r.Number, max(width, r.Width())
			return nil
		})
		if err != nil {
			t.Errorf("%s, %s: %v", name, s.Name, err)
		}
		if rows > 1 && tags != rows && !misstated(name) || width > columns && !misstated(name) {
			t.Errorf("%s, %s: %d rows by %d, want %d by %d", name, s.Name, tags, width, rows, columns)
		}
		return
	}
	t.Errorf("%s: no sheet %s", name, m[1])
}

// misstated lists the files whose stated size is not that of their cells.
func misstated(name string) bool {
	switch filepath.Base(name) {
	case "Book1.xlsx", // Sheet2 states A1:D11 and has a text in E1
		"bad_dimensions.xlsx": // states 1,048,576 rows of 1,024 columns
		return true
	}
	return false
}

func countRecords(t *testing.T, name string, data []byte) (n int) {
	t.Helper()
	f, err := delimited.Open(data)
	if err == nil {
		err = f.Rows(context.Background(), func(grid.Row) error { n++; return nil })
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return n
}
