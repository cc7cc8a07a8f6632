package ingest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/core/ingest/grid"
)

// sheetCells is every cell of every sheet of a workbook, as kind and value.
func sheetCells(t *testing.T, data []byte) map[string]string {
	t.Helper()
	sources, err := open(data, "", &Report{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, s := range sources {
		err := s.rows(t.Context(), func(r grid.Row) error {
			for i, c := range r.Cells {
				key := fmt.Sprintf("%s!%d,%d", s.sheet, r.Number, i+1)
				switch c.Kind {
				case grid.Empty:
				case grid.Text, grid.Error:
					out[key] = fmt.Sprintf("%d %s", c.Kind, strings.ReplaceAll(string(c.Text), "\r\n", "\n"))
				default:
					out[key] = fmt.Sprintf("%d %.10g", c.Kind, c.Num)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestOldWorkbooksEqualTheirNewTwins: the collection of readxl keeps many
// workbooks in the old and in the new format, written by a spreadsheet program
// from one table. The reader of the new format is held against another library
// cell by cell elsewhere, so it is the oracle of the old one's.
func TestOldWorkbooksEqualTheirNewTwins(t *testing.T) {
	twins, cells := 0, 0
	for _, c := range beside.Corpora(t, func(name string) bool { return strings.Contains(name, "/readxl/") && strings.HasSuffix(name, ".xls") }) {
		stem := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(c.Name), ".xls"), "-xls")
		var twin *beside.Corpus
		for _, d := range beside.Corpora(t, func(name string) bool {
			base := filepath.Base(name)
			return base == stem+".xlsx" || base == stem+"-xlsx.xlsx"
		}) {
			twin = &d
		}
		if twin == nil {
			continue
		}
		twins++
		want, got := sheetCells(t, twin.Data), sheetCells(t, c.Data)
		cells += len(want)
		n := 0
		for key, w := range want {
			if strings.HasPrefix(key, "warning_AKE6!") {
				continue // column 967, of which the old format knows 256
			}
			if got[key] != w {
				if n++; n <= 5 {
					t.Errorf("%s, %s: %q, the new one has %q", stem, key, got[key], w)
				}
			}
		}
		for key, g := range got {
			if _, ok := want[key]; !ok {
				if n++; n <= 5 {
					t.Errorf("%s, %s: %q, the new one has nothing", stem, key, g)
				}
			}
		}
	}
	if twins < 25 || cells < 6000 {
		t.Errorf("only %d twins with %d cells", twins, cells)
	}
}
