package delimited

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/problem"
)

// records reads everything as texts.
func records(data []byte) ([][]string, *File, error) {
	f, err := Open(data)
	if err != nil {
		return nil, nil, err
	}
	var out [][]string
	err = f.Rows(context.Background(), func(r grid.Row) error {
		var row []string
		for _, c := range r.Cells {
			row = append(row, string(c.Text))
		}
		out = append(out, row)
		return nil
	})
	return out, f, err
}

func TestRecords(t *testing.T) {
	for name, c := range map[string]struct{ in, delimiter, want string }{
		"comma":               {"a,b\n1,2\n", ",", "a|b/1|2"},
		"no last line end":    {"a,b\n1,2", ",", "a|b/1|2"},
		"line ends of DOS":    {"a,b\r\n1,2\r\n", ",", "a|b/1|2"},
		"line ends of Mac":    {"a,b\r1,2\r", ",", "a|b/1|2"},
		"semicolon":           {"a;b\n1,5;2,5\n", ";", "a|b/1,5|2,5"},
		"tab":                 {"a\tb\n1\t2,3\n", "\t", "a|b/1|2,3"},
		"pipe":                {"a|b|c\n1|2|3\n", "|", "a|b|c/1|2|3"},
		"declared":            {"sep=;\na;b,c\n1;2,3\n", ";", "a|b,c/1|2,3"},
		"declared, DOS":       {"sep=|\r\na|b\r\n", "|", "a|b"},
		"quoted delimiter":    {"a,b\n\"1,5\",2\n", ",", "a|b/1,5|2"},
		"quoted line end":     {"a,b\n\"1\n5\",2\n", ",", "a|b/1\n5|2"},
		"doubled quote":       {"a,b\n\"say \"\"ha\"\"\",2\n", ",", "a|b/say \"ha\"|2"},
		"two doubled quotes":  {"a,b\n\"\"\"x\"\"\",\"y\"\"\"\n", ",", "a|b/\"x\"|y\""},
		"quote inside":        {"a,b\nJiba\"wa,2\n", ",", "a|b/Jiba\"wa|2"},
		"text after quote":    {"a,b\n\"1\"x,2\n", ",", "a|b/1x|2"},
		"empty quoted":        {"a,b\n\"\",2\n", ",", "a|b/|2"},
		"single quotes":       {"'a','b'\n'1,5','2'\n", ",", "a|b/1,5|2"},
		"apostrophe":          {"a,b\nN'Djamena,2\n", ",", "a|b/N'Djamena|2"},
		"empty lines":         {"a,b\n\n1,2\n", ",", "a|b//1|2"},
		"trailing delimiter":  {"a,b,\n1,2,", ",", "a|b|/1|2|"},
		"ragged":              {"a,b,c\n1\n1,2,3,4\n", ",", "a|b|c/1/1|2|3|4"},
		"one column":          {"a\n1\n", ",", "a/1"},
		"title before header": {"Report; of 2024\n\na,b,c\n1,2,3\n4,5,6\n", ",", "Report; of 2024//a|b|c/1|2|3/4|5|6"},
		"commas in semicolon": {"a;b\n\"x, y, z\";1\n\"p, q, r\";2\n", ";", "a|b/x, y, z|1/p, q, r|2"},
	} {
		got, f, err := records([]byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var rows []string
		for _, r := range got {
			rows = append(rows, strings.Join(r, "|"))
		}
		if s := strings.Join(rows, "/"); s != c.want || f.Delimiter != c.delimiter {
			t.Errorf("%s: %q cut by %q, want %q by %q", name, s, f.Delimiter, c.want, c.delimiter)
		}
	}
}

func TestRowNumbersAreThoseOfASpreadsheet(t *testing.T) {
	f, err := Open([]byte("sep=,\na,b\n\n\"1\n1\",2\n3,4\n"))
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int
	if err := f.Rows(t.Context(), func(r grid.Row) error { numbers = append(numbers, r.Number); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(numbers, []int{2, 3, 4, 5}) {
		t.Errorf("rows %v, want 2 3 4 5: the sep line is row 1, a line end in quotes counts for nothing", numbers)
	}
}

func wide(s string, big bool) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}

func TestEncodings(t *testing.T) {
	const text = "State,≥5yrs\nKano,12\nKwara,13\n"
	for name, c := range map[string]struct {
		data     []byte
		encoding string
		want     string
		strays   int
	}{
		"UTF-8":              {[]byte(text), "UTF-8", "≥5yrs", 0},
		"UTF-8 with BOM":     {[]byte("\xef\xbb\xbf" + text), "UTF-8", "≥5yrs", 0},
		"UTF-16LE with BOM":  {append([]byte("\xff\xfe"), wide(text, false)...), "UTF-16LE", "≥5yrs", 0},
		"UTF-16BE with BOM":  {append([]byte("\xfe\xff"), wide(text, true)...), "UTF-16BE", "≥5yrs", 0},
		"UTF-16LE":           {wide("State,ward\nKano,Dala\n", false), "UTF-16LE", "ward", 0},
		"UTF-16BE":           {wide("State,ward\nKano,Dala\n", true), "UTF-16BE", "ward", 0},
		"windows-1252":       {[]byte("State,Situ\xe9 \x96 r\xe9gion\nKano,1\nSant\xe9,2\n"), "windows-1252", "Situé – région", 0},
		"a stray byte":       {[]byte("≥5,≥5,≥5,≥5,caf\xe9\n1,2,3,4,5\n"), "UTF-8", "≥5", 1},
		"UTF-16LE, cut byte": {append(append([]byte("\xff\xfe"), wide(text, false)...), 0x41), "UTF-16LE", "≥5yrs", 0},
	} {
		got, f, err := records(c.data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if f.Encoding != c.encoding || got[0][1] != c.want || f.Strays != c.strays {
			t.Errorf("%s: read as %s, %q, %d strays; want %s, %q, %d", name, f.Encoding, got[0][1], f.Strays, c.encoding, c.want, c.strays)
		}
	}
}

func TestProblems(t *testing.T) {
	for name, c := range map[string]struct{ in, says string }{
		"NUL":             {"a,b\n1,2\n3,\x004\n", "zero byte near line 3"},
		"open quote":      {"a,b\n1,2\n\"3,4\n5,6\n", "opened in row 3"},
		"too long a cell": {"a,b\n" + strings.Repeat("x", grid.MaxCell+1) + ",2\n", "row 2 has a cell"},
		"too wide":        {"a,b\n" + strings.Repeat("1,", grid.MaxColumns) + "1\n", "row 2 has more than"},
	} {
		_, _, err := records([]byte(c.in))
		p, ok := errors.AsType[*problem.Problem](err)
		if !ok || !strings.Contains(p.Message, c.says) || p.Hint == "" {
			t.Errorf("%s: %v, want a problem that says %q", name, err, c.says)
		}
	}
	p := parser{text: bytes.Repeat([]byte{','}, 100*grid.MaxColumns), dialect: dialect{delimiter: ',', quote: '"'}}
	if fields, _, err := p.next(); err != nil || len(fields) > grid.MaxColumns+1 {
		t.Errorf("%d fields of a row of commas are kept, %v", len(fields), err)
	}
	if _, _, err := records([]byte("a,b\n1" + strings.Repeat(",", 2*grid.MaxColumns) + "x\n")); err == nil {
		t.Error("a value far beyond the limit of columns was dropped")
	}
	if _, _, err := records([]byte("a,b\n1,2" + strings.Repeat(",", 2*grid.MaxColumns) + "\n")); err != nil {
		t.Errorf("empty fields beyond the limit are refused: %v", err)
	}
}

func TestStopAndCancel(t *testing.T) {
	f, err := Open([]byte(strings.Repeat("a,b\n", 10_000)))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := f.Rows(t.Context(), func(grid.Row) error { n++; return grid.ErrStop }); err != nil || n != 1 {
		t.Errorf("stopped after %d rows with %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Rows(ctx, func(grid.Row) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled reading ends with %v", err)
	}
}

// FuzzRows compares with the standard library's strict reader wherever that
// one accepts the text, and looks for panics everywhere else.
func FuzzRows(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\"a\"\"b\",c\r\n", "a;b\n1;2", "sep=;\n", "\xff\xfea\x00", "\"", "a,\"b\nc\",d\n", "'a','b'\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, file, err := records(data)
		if err != nil || file.Encoding != "UTF-8" || file.dialect != (dialect{delimiter: ',', quote: '"'}) || file.Strays > 0 {
			return
		}
		r := csv.NewReader(strings.NewReader(string(file.text)))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		if err != nil || strings.ContainsRune(string(data), '\r') {
			return
		}
		got = slices.DeleteFunc(got, func(r []string) bool { return len(r) == 1 && r[0] == "" })
		want = slices.DeleteFunc(want, func(r []string) bool { return len(r) == 1 && r[0] == "" })
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%q: read %q, want %q", data, got, want)
		}
	})
}
