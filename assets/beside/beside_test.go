package beside

import (
	"strings"
	"testing"
)

func TestReadsPackedAndPlain(t *testing.T) {
	if !strings.HasPrefix(string(Read(t, "reference/README.md")), "# ") {
		t.Error("a plain file was not read as it is")
	}
	rows := CSV(t, "reference/geo/ward_measures.csv.gz")
	if len(rows) < 9000 || len(rows[0]) < 2 {
		t.Errorf("a packed table has %d rows", len(rows))
	}
	names := Glob(t, "reference/ilorin/*.csv")
	if len(names) != 3 || names[0] != "reference/ilorin/medians_10_models.csv" {
		t.Errorf("the pattern gave %v", names)
	}
}
