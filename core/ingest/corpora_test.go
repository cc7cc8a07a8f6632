package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"chatmrpt/assets/beside"
	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/problem"
)

// tabular: the text tables and workbooks of the collections. JSON is the
// boundary reader's.
func tabular(name string) bool {
	switch filepath.Ext(name) {
	case ".csv", ".txt", ".tsv", ".xlsx", ".xls", ".ods", ".yaml":
		return strings.Contains(name, "/csv/") || strings.Contains(name, "/xlsx/")
	}
	return false
}

// TestCorpora gives every file of the collections of text tables and workbooks
// to the reader. None is a table of wards, so Read ends in a problem for nearly
// all of them; what counts is that it does end, within ten seconds of which
// most need a hundredth, in a problem with a hint and within its memory, and
// that the rows below are those which other readers count.
func TestCorpora(t *testing.T) {
	files := beside.Corpora(t, tabular)
	if len(files) < 100 {
		t.Errorf("only %d files seen", len(files))
	}
	for _, c := range files {
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		size := len(c.Data)
		beside.WithinMemory(t, c, unpacked(ctx, c.Data), func() {
			_, err := Read(ctx, filepath.Base(c.Name), c.Data, Options{})
			if p, ok := errors.AsType[*problem.Problem](err); err != nil && (!ok || p.Hint == "" || p.Code != problem.BadInput && p.Code != problem.Usage) {
				t.Errorf("%s (%d bytes): %v is no problem with a hint", c.Name, size, err)
			}
		})
		ours, verdict := compareShape(ctx, c)
		beside.Outcome(t, c, ours, verdict)
		stop()
	}
}

// unpacked is the size of all sheets of a file as text: a workbook is packed,
// and ten times the packed size would forbid reading any.
func unpacked(ctx context.Context, data []byte) (size int) {
	sources, err := open(data, "", &Report{})
	if err != nil {
		return 0
	}
	for _, s := range sources {
		_ = s.rows(ctx, func(grid.Row) error { return nil })
		size += s.size()
	}
	return size
}

// shape is what a reader counts: records of a text file; rows and columns of
// each sheet, rows up to the last that is written, empty or not.
func shape(ctx context.Context, data []byte) (string, map[string][2]int, error) {
	sources, err := open(data, "", &Report{})
	if err != nil {
		return "", nil, err
	}
	var parts []string
	sizes := map[string][2]int{}
	for _, s := range sources {
		rows, width := 0, 0
		err := s.rows(ctx, func(r grid.Row) error {
			rows, width = r.Number, max(width, r.Width())
			return nil
		})
		if err != nil {
			return "", nil, err
		}
		if s.csv != nil {
			return fmt.Sprintf("%d csv records incl. header", rows), nil, nil
		}
		sizes[s.sheet] = [2]int{rows, width}
		parts = append(parts, fmt.Sprintf("%s:%dx%d", s.sheet, rows, width))
	}
	return strings.Join(parts, "; "), sizes, nil
}

var sheetSize = regexp.MustCompile(`^(.+):(\d+|None)x(\d+|None)$`)

// compareShape gives what ours found and the verdict.
func compareShape(ctx context.Context, c beside.Corpus) (ours, verdict string) {
	ours, sizes, err := shape(ctx, c.Data)
	if err != nil {
		return err.Error(), beside.Refused
	}
	switch {
	case strings.HasSuffix(c.Reference, "csv records incl. header"):
		return ours, same(ours == c.Reference)
	case !reads(c.Reference):
		return ours, beside.More
	}
	for part := range strings.SplitSeq(c.Reference, "; ") {
		m := sheetSize.FindStringSubmatch(part)
		size, ok := sizes[m[1]]
		if m == nil || !ok || !sameSheet(size, m[2], m[3]) {
			if why := otherSize(c.Name); why != "" {
				return ours + ": " + why, beside.Differs
			}
			return ours, beside.Wrong
		}
	}
	return ours, beside.Same
}

// reads: the reference reader made a table of it.
func reads(reference string) bool {
	first, _, _ := strings.Cut(reference, "; ")
	return strings.HasSuffix(reference, "csv records incl. header") || sheetSize.MatchString(first)
}

func same(ok bool) string {
	if ok {
		return beside.Same
	}
	return beside.Wrong
}

// sameSheet compares sizes: the other readers count columns up to the last tag
// or record, empty or not, and say 1 × 1 of a sheet without any; ours counts
// values.
func sameSheet(size [2]int, rows, columns string) bool {
	r, err := strconv.Atoi(rows)
	if err != nil {
		return true // the file states no size, and the reader didn't count
	}
	c, _ := strconv.Atoi(columns)
	return (size[0] == r || r <= 1 && size[0] == 0) && size[1] <= c
}

// otherSize explains files whose stated size is not that of their cells.
func otherSize(name string) string {
	switch filepath.Base(name) {
	case "Book1.xlsx":
		return "Sheet2 states A1:D11 and has a text in E1"
	case "bad_dimensions.xlsx":
		return "the file states 1,048,576 rows of 1,024 columns"
	}
	return ""
}

// TestCorporaCells holds every cell of csv-spectrum against the answers that
// collection gives.
func TestCorporaCells(t *testing.T) {
	n := 0
	for _, c := range beside.Corpora(t, func(name string) bool { return strings.Contains(name, "/csvs/") }) {
		var want []map[string]string
		text := beside.Read(t, "data/"+strings.ReplaceAll(strings.Replace(c.Name, "/csvs/", "/json/", 1), ".csv", ".json"))
		if err := json.Unmarshal(text, &want); err != nil {
			continue // location_coordinates.json holds other things than its table
		}
		n++
		sources, err := open(c.Data, "", &Report{})
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		var names []string
		row := 0
		err = sources[0].rows(t.Context(), func(r grid.Row) error {
			if names == nil {
				for _, cell := range r.Cells {
					names = append(names, string(cell.Text))
				}
				return nil
			}
			for i, name := range names {
				got := ""
				if i < len(r.Cells) {
					got = strings.ReplaceAll(string(r.Cells[i].Text), "\r\n", "\n")
				}
				if w := strings.ReplaceAll(want[row][name], "\r\n", "\n"); got != w {
					t.Errorf("%s, row %d, %s: %q, want %q", c.Name, row+1, name, got, w)
				}
			}
			row++
			return nil
		})
		if err != nil || row != len(want) {
			t.Errorf("%s: %d rows of %d, %v", c.Name, row, len(want), err)
		}
	}
	if n < 10 {
		t.Errorf("only %d files with answers", n)
	}
}
