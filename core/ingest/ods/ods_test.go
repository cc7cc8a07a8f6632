package ods

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/problem"
)

// pack makes a workbook of the tables given as XML; more are parts to add.
func pack(t testing.TB, tables string, more ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	parts := append([]string{"mimetype", mimeType, "content.xml", `<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s">
<office:automatic-styles><style:style style:name="ta1"/><style:style style:name="ta2"><style:table-properties table:display="false"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet>` + tables + `</office:spreadsheet></office:body></office:document-content>`}, more...)
	for i := 0; i < len(parts); i += 2 {
		f, err := z.Create(parts[i])
		if err == nil {
			_, err = f.Write([]byte(parts[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func show(data []byte, sheet int) (string, error) {
	w, err := Open(data)
	if err != nil {
		return "", err
	}
	var rows []string
	err = w.Rows(context.Background(), w.Sheets[sheet], func(r grid.Row) error {
		cells := []string{fmt.Sprint(r.Number)}
		for _, c := range r.Cells[:r.Width()] {
			switch c.Kind {
			case grid.Number:
				cells = append(cells, fmt.Sprint(c.Num))
			case grid.Date:
				cells = append(cells, fmt.Sprint("day ", c.Num))
			case grid.Error:
				cells = append(cells, "error "+string(c.Text))
			default:
				cells = append(cells, string(c.Text))
			}
		}
		rows = append(rows, strings.Join(cells, "|"))
		return nil
	})
	return strings.Join(rows, "/"), err
}

const table = `<table:table table:name="Data" table:style-name="ta1">
<table:table-column table:number-columns-repeated="1024"/>
<table:table-row><table:table-cell office:value-type="string"><text:p>Ward</text:p></table:table-cell><table:table-cell table:number-columns-repeated="2"/><table:table-cell office:value-type="string"><text:p>two</text:p><text:p>li<text:s text:c="2"/>nes</text:p></table:table-cell><table:table-cell table:number-columns-repeated="1020"/></table:table-row>
<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="2.5"><text:p>2,5</text:p></table:table-cell><table:covered-table-cell/><table:table-cell office:value-type="date" office:date-value="2024-01-01"><text:p>01.01.24</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="percentage" office:value="0.12"><text:p>12 %</text:p></table:table-cell><table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>WAHR</text:p></table:table-cell><table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value=""><text:p>#DIV/0!</text:p></table:table-cell><table:table-cell office:value-type="string"><office:annotation><text:p>a comment</text:p></office:annotation><text:p>x &amp; y</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="1048569"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>
</table:table>`

func TestCells(t *testing.T) {
	got, err := show(pack(t, table+`<table:table table:name="Hidden" table:style-name="ta2"><table:table-row><table:table-cell office:value-type="float" office:value="7"/></table:table-row></table:table>`), 0)
	want := "1|Ward|||two\nli  nes/5|2.5|2.5||day 45292/6|2.5|2.5||day 45292/7|0.12|TRUE|error #DIV/0!|x & y"
	if err != nil || got != want {
		t.Errorf("%q (%v), want %q", got, err, want)
	}
}

func TestSheets(t *testing.T) {
	data := pack(t, table+`<table:table table:name="Hidden" table:style-name="ta2"><table:table-row><table:table-cell office:value-type="float" office:value="7"/></table:table-row></table:table>`)
	w, err := Open(data)
	if err != nil || len(w.Sheets) != 2 || w.Sheets[0] != (Sheet{Name: "Data"}) || w.Sheets[1] != (Sheet{Name: "Hidden", Hidden: true}) {
		t.Fatalf("%v, %+v", err, w)
	}
	if got, err := show(data, 1); err != nil || got != "1|7" {
		t.Errorf("%q, %v", got, err)
	}
	if w.Size() < len(table) {
		t.Errorf("%d bytes were read of %d", w.Size(), len(table))
	}
}

func TestWhatIsRefusedSaysWhy(t *testing.T) {
	row := func(cell string) string {
		return `<table:table table:name="D"><table:table-row>` + cell + `</table:table-row></table:table>`
	}
	for name, c := range map[string]struct {
		in   []byte
		says string
	}{
		"a letter":    {pack(t, "", "mimetype", "application/vnd.oasis.opendocument.text"), "not a spreadsheet"},
		"protected":   {pack(t, table, "META-INF/manifest.xml", "<manifest:encryption-data/>"), "password"},
		"no sheets":   {pack(t, ""), "no sheet"},
		"too wide":    {pack(t, row(`<table:table-cell table:number-columns-repeated="2000" office:value-type="float" office:value="1"/>`)), "1000 columns"},
		"too long":    {pack(t, row(`<table:table-cell office:value-type="string"><text:p>`+strings.Repeat("x", 40000)+`</text:p></table:table-cell>`)), "characters"},
		"too many":    {pack(t, `<table:table table:name="D"><table:table-row table:number-rows-repeated="999999999"><table:table-cell office:value-type="float" office:value="1"/></table:table-row></table:table>`), "2000000 rows"},
		"not the end": {pack(t, `<table:table table:name="D"><table:table-row><table:table-cell`), "damaged"},
		"no content":  {[]byte("PK\x03\x04"), "damaged"},
	} {
		_, err := show(c.in, 0)
		p, ok := errors.AsType[*problem.Problem](err)
		if !ok || p.Hint == "" || !strings.Contains(p.Message, c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if Claims([]byte("a,b\n1,2\n")) || Claims([]byte("PK\x03\x04")) || !Claims(pack(t, table)) {
		t.Error("what is an OpenDocument file is told wrongly")
	}
}

func TestCancel(t *testing.T) {
	w, err := Open(pack(t, `<table:table table:name="D"><table:table-row table:number-rows-repeated="99999"><table:table-cell office:value-type="float" office:value="1"/></table:table-row></table:table>`))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := w.Rows(ctx, w.Sheets[0], func(grid.Row) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// FuzzContent: whatever the XML, the answer is rows within the limits or a
// problem with a hint.
func FuzzContent(f *testing.F) {
	f.Add(table)
	f.Add(`<table:table table:name="D"><table:table-row><table:table-cell office:value-type="date" office:date-value="2024-01-01T10:00:00"/></table:table-row>`)
	f.Fuzz(func(t *testing.T, tables string) {
		w, err := Open(pack(t, tables))
		rows := 0
		if err == nil {
			last := 0
			err = w.Rows(context.Background(), w.Sheets[0], func(r grid.Row) error {
				if r.Number <= last || r.Width() == 0 || r.CheckSize() != nil {
					t.Fatalf("row %d after %d, %d wide", r.Number, last, r.Width())
				}
				if last, rows = r.Number, rows+1; rows > 1000 {
					return grid.ErrStop
				}
				return nil
			})
		}
		if p, ok := errors.AsType[*problem.Problem](err); err != nil && (!ok || p.Hint == "" || p.Code != problem.BadInput) {
			t.Fatalf("%v", err)
		}
	})
}
