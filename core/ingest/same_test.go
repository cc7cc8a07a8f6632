package ingest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/table"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// madeUp is a facility table from a seed: names with marks and accents,
// decimals, gaps, unknown wards.
func madeUp(seed uint64, rows int) [][]string {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := [][]string{{"State", "LGA", "Ward", "HealthFacility", "FacilityLevel", "periodname", "rdt_tested_u5", "rdt_positive_u5", "Population"}}
	wards := []string{"Gobirawa", "Dala (Dala)", "Ma'ajin, Gari", "Sabon \"Gari\"", "Unknown", "Situé", ""}
	for i := range rows {
		row := []string{"Kano", "Dala", wards[rng.IntN(len(wards))], fmt.Sprint("Clinic ", i%7), "Primary", fmt.Sprintf("2024-%02d", 1+i%12)}
		for range 3 {
			switch rng.IntN(4) {
			case 0:
				row = append(row, "")
			case 1:
				row = append(row, fmt.Sprint(float64(rng.IntN(1000))+0.5))
			default:
				row = append(row, fmt.Sprint(rng.IntN(1000)))
			}
		}
		out = append(out, row)
	}
	return out
}

// asText writes a table with a delimiter, quoting where needed or always.
func asText(rows [][]string, delimiter string, always bool, lineEnd string) string {
	var b strings.Builder
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				b.WriteString(delimiter)
			}
			if always || strings.ContainsAny(cell, delimiter+"\"\n") {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(cell)
		}
		b.WriteString(lineEnd)
	}
	return b.String()
}

func asAny(rows [][]string) [][]any {
	var out [][]any
	for i, row := range rows {
		var cells []any
		for j, cell := range row {
			var v float64
			if _, err := fmt.Sscan(cell, &v); i > 0 && j >= 6 && err == nil {
				cells = append(cells, v)
			} else if cell == "" {
				cells = append(cells, nil)
			} else {
				cells = append(cells, cell)
			}
		}
		out = append(out, cells)
	}
	return out
}

// The same table in any of the forms in which it may come is the same table.
func TestEveryFormOfATableIsTheSameTable(t *testing.T) {
	rows := madeUp(7, 300)
	plain := asText(rows, ",", false, "\n")
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	western, err := charmap.Windows1252.NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	double, err := charmap.Windows1252.NewDecoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	commas := slices.Clone(rows)
	for i := range commas {
		commas[i] = slices.Clone(commas[i])
		for j := 6; j < len(commas[i]); j++ {
			commas[i][j] = strings.ReplaceAll(commas[i][j], ".", ",")
		}
	}
	want := readText(t, plain, Options{}).Table.Hash()
	for name, data := range map[string]string{
		"quoted":          asText(rows, ",", true, "\n"),
		"DOS":             asText(rows, ",", false, "\r\n"),
		"Mac":             asText(rows, ",", false, "\r"),
		"semicolons":      asText(rows, ";", false, "\n"),
		"tabs":            asText(rows, "\t", false, "\n"),
		"pipes":           asText(rows, "|", false, "\n"),
		"decimal commas":  asText(commas, ";", false, "\n"),
		"declared":        "sep=|\n" + asText(rows, "|", false, "\n"),
		"byte order mark": "\xef\xbb\xbf" + plain,
		"UTF-16":          wide,
		"windows-1252":    western,
		"decoded twice":   double,
		"title":           "Malaria in Kano\n\n" + plain,
		"blank lines":     plain + "\n\n,,,\n",
		"workbook":        string(workbookOf(t, map[string][][]any{"S": asAny(rows)})),
	} {
		r := readText(t, data, Options{})
		if r.Table.Hash() != want {
			t.Errorf("%s: another table; report %+v", name, r.Report)
		}
		checkReport(t, r)
	}
}

// Rows in another order give the same rows in that order.
func TestOrderOfRowsDoesNotMatter(t *testing.T) {
	rows := madeUp(11, 200)
	order := rand.New(rand.NewPCG(3, 3)).Perm(200)
	mixed := [][]string{rows[0]}
	for _, i := range order {
		mixed = append(mixed, rows[1+i])
	}
	a := readText(t, asText(rows, ",", false, "\n"), Options{})
	b := readText(t, asText(mixed, ",", false, "\n"), Options{})
	if a.Table.Pick(order).Hash() != b.Table.Hash() {
		t.Error("the cells of a row depend on where it stands")
	}
	if a.Report.Rows != b.Report.Rows || len(a.Report.Warnings) != len(b.Report.Warnings) {
		t.Errorf("reports differ: %+v, %+v", a.Report.Rows, b.Report.Rows)
	}
}

// A column added that nobody reads changes no other.
func TestAnUnreadColumnChangesNothing(t *testing.T) {
	rows := madeUp(13, 100)
	a := readText(t, asText(rows, ",", false, "\n"), Options{})
	for i := range rows {
		note := "note " + fmt.Sprint(i%3)
		if i == 0 {
			note = "remarks"
		}
		rows[i] = append([]string{note}, rows[i]...)
	}
	b := readText(t, asText(rows, ",", false, "\n"), Options{})
	for _, want := range table.Roles() {
		expect(t, string(want), role(b, want), role(a, want))
	}
	if len(b.Report.Unrecognised) != 1+len(a.Report.Unrecognised) {
		t.Errorf("unrecognised %q", b.Report.Unrecognised)
	}
}

// Numbers are read as they are written, to the last digit.
func TestNumbersKeepEveryDigit(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	text, want := "WardName,v\n", []float64{}
	for i := range 500 {
		v := rng.NormFloat64() * float64(uint64(1)<<rng.IntN(40))
		want = append(want, v)
		text += fmt.Sprintf("W%d,%v\n", i, v)
	}
	c, ok := readText(t, text, Options{}).Table.Column("v")
	if !ok {
		t.Fatal("no column")
	}
	for i, v := range want {
		if got, _ := c.Number(i); got != v {
			t.Fatalf("row %d: %v, want %v", i, got, v)
		}
	}
}
