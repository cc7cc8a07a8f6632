package dbf

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/geo/feature"
)

// spec is a field to write.
type spec struct {
	name  string
	kind  byte
	width int
}

// build writes a table of the given records, each the bytes behind the mark of
// deletion; a record that starts with '*' in place of a blank is deleted.
func build(page byte, fields []spec, records ...string) []byte {
	size := 1
	var list bytes.Buffer
	for _, f := range fields {
		d := make([]byte, fieldSize)
		copy(d[:11], f.name)
		d[11], d[16], d[17] = f.kind, byte(f.width), byte(f.width>>8)
		list.Write(d)
		size += f.width
	}
	head := make([]byte, headerSize)
	head[0], head[29] = 3, page
	binary.LittleEndian.PutUint32(head[4:], uint32(len(records)))
	binary.LittleEndian.PutUint16(head[8:], uint16(headerSize+list.Len()+1))
	binary.LittleEndian.PutUint16(head[10:], uint16(size))
	out := slices.Concat(head, list.Bytes(), []byte{endOfList})
	for _, r := range records {
		out = append(out, r...)
	}
	return append(out, 0x1A)
}

func read(t *testing.T, data []byte, cpg string) *Table {
	t.Helper()
	table, err := Read(t.Context(), data, cpg)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// texts shows a column with missing values as "-".
func texts(c feature.Column) []string {
	out := make([]string, len(c.Present))
	for i := range out {
		switch {
		case !c.Present[i]:
			out[i] = "-"
		case c.IsNumber:
			out[i] = fmt.Sprint(c.Numbers[i])
		default:
			out[i] = c.Texts[i]
		}
	}
	return out
}

func TestValues(t *testing.T) {
	cases := []struct {
		name  string
		field spec
		cells []string
		want  []string
		says  string // in a notice
	}{
		{"text", spec{"A", 'C', 6}, []string{"Ajingi", " a b  ", "      ", "ab\x00cde"}, []string{"Ajingi", " a b", "-", "ab"}, ""},
		{"number", spec{"A", 'N', 6}, []string{"    42", "-1.5  ", "  0   ", "      ", "******", "1,5   ", "\x00\x00\x00\x00\x00\x00", "1e3   "},
			[]string{"42", "-1.5", "0", "-", "-", "1.5", "-", "1000"}, ""},
		{"odd number", spec{"A", 'F', 6}, []string{"1.#IND", "nan   ", "inf   ", "1e999 ", "-1e305", "12x   "},
			[]string{"-", "-", "-", "-", "-", "-"}, "5 values"},
		{"date", spec{"A", 'D', 8}, []string{"20130102", "        ", "00000000", "2013-1-2", "2013    "}, []string{"2013-01-02", "-", "-", "-", "-"}, "2 values"},
		{"logical", spec{"A", 'L', 1}, []string{"T", "y", "F", "n", "?", " ", "x"}, []string{"true", "true", "false", "false", "-", "-", "-"}, "1 values"},
	}
	for _, c := range cases {
		var records []string
		for _, cell := range c.cells {
			records = append(records, " "+cell)
		}
		table := read(t, build(0, []spec{c.field}, records...), "")
		if got := texts(table.Columns[0]); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if all := strings.Join(table.Notices, "\n"); (c.says == "") != (all == "") || !strings.Contains(all, c.says) {
			t.Errorf("%s: notices %q", c.name, all)
		}
	}
}

func TestCodePages(t *testing.T) {
	cases := []struct {
		name, cpg string
		page      byte
		text      string
		want      string
		says      string
	}{
		{"utf-8 by cpg", "UTF-8\r\n", 0x03, "Ẹ̀kọ́  ", "Ẹ̀kọ́", ""},
		{"65001", "65001", 0, "é", "é", ""},
		{"1252 by cpg", "ANSI 1252", 0, "caf\xe9 \x80", "café €", ""},
		{"cp1252", "CP1252", 0x01, "\xe9", "é", ""},
		{"esri's 88591", "ISO 88591", 0, "\xe9", "é", ""},
		{"hyphens", "ISO-8859-1", 0, "\xe9", "é", ""},
		{"oem", "OEM 437", 0, "\x82", "é", ""},
		{"cyrillic", "windows-1251", 0, "\xc0", "А", ""},
		{"driver 1252", "", 0x03, "\xe9", "é", ""},
		{"driver 437", "", 0x01, "\x82", "é", ""},
		{"driver says ANSI, text says UTF-8", "", 0x57, "Ọ̀yọ́", "Ọ̀yọ́", ""},
		{"driver says ANSI, text isn't UTF-8", "", 0x57, "\xe9", "é", ""},
		{"nothing, UTF-8", "", 0, "é", "é", ""},
		{"nothing, not UTF-8", "", 0, "M\xe9xico", "México", ""},
		{"empty cpg", "", 0, "\xe9", "é", ""},
		{"unknown cpg", "MARTIAN", 0, "\xe9", "é", "MARTIAN"},
		{"cpg lies", "UTF-8", 0, "caf\xe9s", "cafés", "1 values"},
		{"ends in é", "", 0, "caf\xe9", "café", ""},
		{"ends in é and fills the field", "", 0, "aaaaaaaaaabbbbbbcaf\xe9", "aaaaaaaaaabbbbbbcafé", ""},
		{"UTF-8 without a name, cut in a letter", "", 0, "éaaaaaaaabbbbbbbbb\xe1", "éaaaaaaaabbbbbbbbb", ""},
		{"cut in a letter", "UTF-8", 0, "abcdefghijklmnopqr\xe1\xba", "abcdefghijklmnopqr", ""},
	}
	for _, c := range cases {
		record := " " + c.text + strings.Repeat(" ", 20-len(c.text))
		table := read(t, build(c.page, []spec{{"A", 'C', 20}}, record), c.cpg)
		if got := table.Columns[0].Texts[0]; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if all := strings.Join(table.Notices, "\n"); (c.says == "") != (all == "") || !strings.Contains(all, c.says) {
			t.Errorf("%s: notices %q", c.name, all)
		}
	}
}

func TestDeletedRecordsAreMarked(t *testing.T) {
	table := read(t, build(0, []spec{{"A", 'C', 1}}, " a", "*b", " c"), "")
	if !slices.Equal(table.Deleted, []bool{false, true, false}) || table.Rows != 3 {
		t.Errorf("%+v", table)
	}
}

func TestNames(t *testing.T) {
	table := read(t, build(0, []spec{{"WARD", 'C', 1}, {"WARD", 'N', 1}, {"", 'C', 1}, {"\xc3\xa9t\xe9s", 'C', 1}, {"Orthograph\xc3", 'C', 1}, {"MEMO", 'M', 2}, {"NONE", 'C', 0}}, " a1bcdmm"), "")
	var got []string
	for _, c := range table.Columns {
		got = append(got, c.Name)
	}
	if !slices.Equal(got, []string{"WARD", "WARD_2", "column_3", "Ã©tés", "OrthographÃ"}) {
		t.Errorf("%q", got)
	}
	if len(table.Notices) != 3 {
		t.Errorf("%q", table.Notices)
	}
}

func TestTextWiderThan255(t *testing.T) {
	long := strings.Repeat("x", 300)
	table := read(t, build(0, []spec{{"A", 'C', 300}, {"B", 'N', 2}}, " "+long+"42"), "")
	if table.Columns[0].Texts[0] != long || table.Columns[1].Numbers[0] != 42 {
		t.Errorf("%d characters, %v", len(table.Columns[0].Texts[0]), table.Columns[1].Numbers)
	}
}

func TestBrokenTables(t *testing.T) {
	good := build(0, []spec{{"A", 'C', 4}, {"B", 'N', 4}}, " abcd1234", " efgh5678")
	change := func(at int, b ...byte) []byte {
		out := slices.Clone(good)
		copy(out[at:], b)
		return out
	}
	cases := []struct {
		name string
		data []byte
		says string
	}{
		{"empty", nil, "ends after 0 bytes"},
		{"cut in the header", good[:20], "ends after 20 bytes"},
		{"cut in the fields", good[:70], "header"},
		{"cut in a record", good[:len(good)-5], "announces 2 records, but only 1"},
		{"record length 0", change(10, 0, 0), "length of 0"},
		{"header beyond the file", change(8, 0xff, 0xff), "65535 bytes long"},
		{"header too short", change(8, 3, 0), "3 bytes long"},
		{"four thousand million records", change(4, 0xff, 0xff, 0xff, 0xff), "announces 4294967295"},
		{"field beyond the record", change(headerSize+16, 200), "field A"},
		{"dBase 7", change(0, 4), "dBase 7"},
	}
	for _, c := range cases {
		table, err := Read(t.Context(), c.data, "")
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v; should say %q", c.name, table, err, c.says)
		}
	}
}

// A field of no width takes no byte of a record, so it may take no memory.
func TestFieldsWithoutWidthTakeNoMemory(t *testing.T) {
	fields := make([]spec, 1000)
	for i := range fields {
		fields[i] = spec{"A", 'C', 0}
	}
	records := make([]string, 100_000)
	for i := range records {
		records[i] = " "
	}
	if table := read(t, build(0, fields, records...), ""); len(table.Columns) != 0 {
		t.Errorf("%d columns", len(table.Columns))
	}
}

func TestReadStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, build(0, []spec{{"A", 'C', 1}}, " a"), ""); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// corpus is the folder of shapefiles of other projects' tests, or skips.
func corpus(t *testing.T) string {
	t.Helper()
	return filepath.Join(beside.Folder(t), "data", "corpora", "shp")
}

// The .json files beside the tables of the mbostock collection say what each
// attribute is.
func TestAgainstTheJSONBeside(t *testing.T) {
	dir := filepath.Join(corpus(t), "mbostock")
	for _, name := range []string{"boolean-property", "date-property", "latin1-property", "utf8-property",
		"mixed-properties", "number-null-property", "number-property", "string-property"} {
		data, err := os.ReadFile(filepath.Join(dir, name+".dbf"))
		if err != nil {
			t.Fatal(err)
		}
		cpg, _ := os.ReadFile(filepath.Join(dir, name+".cpg")) // most have none
		table := read(t, data, string(cpg))
		want := propertiesIn(t, filepath.Join(dir, name+".json"))
		if len(want) != table.Rows {
			t.Errorf("%s: %d rows, want %d", name, table.Rows, len(want))
			continue
		}
		for row, properties := range want {
			if got := rowOf(table, row); !sameProperties(got, properties) {
				t.Errorf("%s row %d: %v, want %v", name, row, got, properties)
			}
		}
	}
}

func propertiesIn(t *testing.T, file string) []map[string]any {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Features []struct{ Properties map[string]any }
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	var out []map[string]any
	for _, f := range doc.Features {
		out = append(out, f.Properties)
	}
	return out
}

func rowOf(table *Table, row int) map[string]string {
	out := map[string]string{}
	for _, c := range table.Columns {
		if c.Present[row] {
			out[c.Name] = strings.ReplaceAll(texts(c)[row], "-01-", "01") // dates
		}
	}
	return out
}

func sameProperties(got map[string]string, want map[string]any) bool {
	for key, v := range want {
		text := strings.ReplaceAll(got[key], "2013-02-02", "20130202")
		if v != nil && text != fmt.Sprint(v) {
			return false
		}
		if v != nil {
			delete(got, key)
		}
	}
	return len(got) == 0
}

// reference/corpora.tsv: the number of records GDAL 3.6.2 finds in each .dbf.
func TestRowsAgreeWithGDAL(t *testing.T) {
	root := filepath.Join(corpus(t), "..", "..", "..")
	list, err := os.ReadFile(filepath.Join(root, "reference", "corpora.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for line := range strings.Lines(string(list)) {
		columns := strings.Split(line, "\t")
		var want int
		if n, _ := fmt.Sscanf(columns[1], "%d records", &want); n != 1 || !strings.HasSuffix(columns[0], ".dbf") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(root, "data", columns[0]))
		if err != nil {
			t.Fatal(err)
		}
		table, err := Read(t.Context(), data, "")
		if err != nil || table.Rows != want {
			t.Errorf("%s: %v, want %d rows", columns[0], err, want)
		}
		compared++
	}
	if compared < 20 {
		t.Errorf("only %d tables were compared", compared)
	}
}

// The pyshp collection's latin1.dbf holds one word in Latin-1: ñandú.
func TestLatin1(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(corpus(t), "pyshp", "latin1.dbf"))
	if err != nil {
		t.Fatal(err)
	}
	if got := texts(read(t, data, "").Columns[1]); got[0] != "Ñandú" {
		t.Errorf("%q", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(build(0, []spec{{"A", 'C', 4}, {"B", 'N', 4}, {"C", 'D', 8}, {"D", 'L', 1}}, " abcd123420240101T", "*efgh    00000000?"), "")
	f.Add(build(0x57, []spec{{"A", 'C', 300}}, " "+strings.Repeat("é", 150)), "UTF-8")
	f.Add(build(3, []spec{{"A", 'M', 10}, {"A", 'C', 0}}, " 0123456789"), "1252")
	f.Fuzz(func(t *testing.T, data []byte, cpg string) {
		table, err := Read(context.Background(), data, cpg)
		if err != nil {
			return
		}
		l := feature.Layer{Areas: nil, Columns: table.Columns}
		for _, c := range l.Columns {
			if len(c.Present) != table.Rows || len(c.Texts)+len(c.Numbers) != table.Rows {
				t.Fatalf("column %s has %d values for %d rows", c.Name, len(c.Present), table.Rows)
			}
			for i, v := range c.Numbers {
				if math.IsNaN(v) || math.IsInf(v, 0) || (!c.Present[i] && v != 0) {
					t.Fatalf("value %v, present %v", v, c.Present[i])
				}
			}
		}
	})
}
