package action

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/core/table"
)

func TestSmallCells(t *testing.T) {
	num := table.NewNumber("numerator")
	for _, v := range []float64{0, 1, 4, 4.9, 5, 12} {
		num.AppendNumber(v)
	}
	num.AppendMissing()
	rank := table.NewNumber("rank")
	people := table.NewNumber("denominator")
	people.Unit = "inhabitants"
	tests := table.NewNumber("Tested u5")
	tests.Role = table.TestedRole(table.RDT, table.Under5)
	for range 7 {
		rank.AppendNumber(2)
		people.AppendNumber(3)
		tests.AppendNumber(2)
	}
	for name, c := range map[string]struct {
		columns       []*table.Column
		small, counts int
	}{
		"zero and five are not small": {[]*table.Column{num}, 3, 6},
		"ranks count nobody":          {[]*table.Column{rank, num}, 3, 6},
		"inhabitants are no secret":   {[]*table.Column{people}, 0, 0},
		"what facilities report":      {[]*table.Column{tests, num}, 10, 13},
	} {
		tab, err := table.New("t", c.columns...)
		if err != nil {
			t.Fatal(err)
		}
		if small, counts := (Published{table: tab}).SmallCells(SmallCell); small != c.small || counts != c.counts {
			t.Errorf("%s: %d of %d, want %d of %d", name, small, counts, c.small, c.counts)
		}
	}
	if small, counts := (Published{Data: []byte("1,2,3")}).SmallCells(SmallCell); small != 0 || counts != 0 {
		t.Errorf("a file that is no table: %d of %d", small, counts)
	}
}

// What is counted is what the file says: the same cells are counted again in the
// bytes that leave.
func TestSmallCellsAreThoseOfTheFile(t *testing.T) {
	b, _ := rankedState(t, 3, small())
	found := 0
	for _, f := range b.compose(Choice{}).Files {
		small, counts := f.SmallCells(300)
		if !strings.HasSuffix(f.Path, ".csv") {
			if counts != 0 {
				t.Errorf("%s: %d counts", f.Path, counts)
			}
			continue
		}
		rows, err := csv.NewReader(bytes.NewReader(f.Data)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		wantSmall, want := 0, 0
		for i, name := range rows[0] {
			if name != "numerator" && name != "denominator" {
				continue
			}
			for _, row := range rows[1:] {
				if v, err := strconv.ParseFloat(row[i], 64); err == nil {
					want++
					if v > 0 && v < 300 {
						wantSmall++
					}
				}
			}
		}
		if small != wantSmall || counts != want {
			t.Errorf("%s: %d of %d, the file has %d of %d", f.Path, small, counts, wantSmall, want)
		}
		found += small
	}
	if found == 0 {
		t.Error("the made-up state has no count below 300, so that nothing was shown")
	}
}
