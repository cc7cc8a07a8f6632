package xlsx

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/core/ingest/grid"

	"github.com/xuri/excelize/v2"
)

// TestAgainstExcelize compares every sheet of the shared collection with
// another reader's cells, value by value.
func TestAgainstExcelize(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "..", "shared", "data", "corpora", "xlsx")
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.xlsx"))
	if err != nil || len(files) == 0 {
		t.Skip("needs the shared reference files, which are not part of the repository")
	}
	compared := 0
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenFile(name, excelize.Options{RawCellValue: true})
		if err != nil {
			continue // ours may be able to, or says why not; see the corpus test of the room above
		}
		w, err := Open(data)
		if err != nil {
			// BadWorkbook.xlsx has no sheets; the other reader opens it as a
			// workbook of nothing.
			if len(f.GetSheetList()) > 0 {
				t.Errorf("%s: %v", filepath.Base(name), err)
			}
			continue
		}
		for _, s := range w.Sheets {
			compared++
			compareSheet(t, filepath.Base(name), w, s, f)
		}
	}
	if compared < 60 {
		t.Errorf("only %d sheets compared", compared)
	}
}

func compareSheet(t *testing.T, name string, w *Workbook, s Sheet, f *excelize.File) {
	t.Helper()
	want, err := f.GetRows(s.Name)
	if err != nil {
		t.Logf("%s, %s: the other reader says %v", name, s.Name, err)
		return
	}
	got := map[string]string{}
	err = w.Rows(t.Context(), s, func(r grid.Row) error {
		for i, c := range r.Cells {
			if c.Kind != grid.Empty {
				got[fmt.Sprint(r.Number, ",", i)] = plainCell(c, w.date1904)
			}
		}
		return nil
	})
	if err != nil {
		t.Errorf("%s, %s: %v", name, s.Name, err)
		return
	}
	for i, row := range want {
		for j, cell := range row {
			key := fmt.Sprint(i+1, ",", j)
			if !sameCell(got[key], cell) {
				t.Errorf("%s, %s, row %d column %d: %q, want %q", name, s.Name, i+1, j+1, got[key], cell)
			}
			delete(got, key)
		}
	}
	for key, cell := range got {
		t.Errorf("%s, %s: cell %s holds %q, the other reader has none", name, s.Name, key, cell)
	}
}

// plainCell is the raw value as stored.
func plainCell(c grid.Cell, from1904 bool) string {
	switch {
	case c.Kind == grid.Number:
		return strconv.FormatFloat(c.Num, 'g', -1, 64)
	case c.Kind != grid.Date:
		return string(c.Text)
	case from1904:
		return strconv.FormatFloat(c.Num-1462, 'g', -1, 64)
	case c.Num < 61:
		return strconv.FormatFloat(c.Num-1, 'g', -1, 64)
	}
	return strconv.FormatFloat(c.Num, 'g', -1, 64)
}

// sameCell: equal as numbers where both are, else as text; the other reader
// keeps 1 for TRUE and drops control characters' marks differently.
func sameCell(got, want string) bool {
	a, errA := strconv.ParseFloat(got, 64)
	b, errB := strconv.ParseFloat(want, 64)
	if errA == nil && errB == nil {
		leapDay := b >= 60 && b < 61 // 29 February 1900, which never was: read as the 28th
		return math.Abs(a-b) < 1e-9 || leapDay && math.Abs(a+1-b) < 1e-9
	}
	if strings.EqualFold(got, want) || got == "TRUE" && want == "1" || got == "FALSE" && want == "0" {
		return true
	}
	return strings.Join(strings.Fields(got), " ") == strings.Join(strings.Fields(want), " ")
}
