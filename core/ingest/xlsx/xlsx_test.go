package xlsx

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"chatmrpt/core/ingest/archive"
	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/problem"
)

func TestCells(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"numbers":          {`<row r="1"><c r="A1"><v>1.5</v></c><c r="B1" t="n"><v>-2</v></c><c r="C1"><v>1E3</v></c></row>`, "1:#1.5|#-2|#1000"},
		"gaps":             {`<row r="2"><c r="B2"><v>1</v></c><c r="D2"><v>2</v></c></row><row r="5"><c r="A5"><v>3</v></c></row>`, "2:|#1||#2 / 5:#3"},
		"no references":    {`<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>`, "1:#1|#2 / 2:#3"},
		"wide column":      {`<row r="1"><c r="AB1"><v>1</v></c></row>`, "1:" + strings.Repeat("|", 27) + "#1"},
		"row going back":   {`<row r="3"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row>`, "3:#1 / 4:#2"},
		"inline":           {`<row r="1"><c r="A1" t="inlineStr"><is><t>Kano &amp; &#8805;5 &#x2265;</t></is></c></row>`, "1:Kano & ≥5 ≥"},
		"inline rich":      {`<row r="1"><c t="inlineStr"><is><r><rPr><b/></rPr><t>Ka</t></r><r><t xml:space="preserve">no </t></r><rPh sb="0" eb="1"><t>XX</t></rPh></is></c></row>`, "1:Kano "},
		"formula text":     {`<row r="1"><c t="str"><f>A1&amp;"x"</f><v>a_x000D_b</v></c></row>`, "1:a b"},
		"formula number":   {`<row r="1"><c><f>1+1</f><v>2</v></c></row>`, "1:#2"},
		"bool":             {`<row r="1"><c t="b"><v>1</v></c><c t="b"><v>0</v></c></row>`, "1:TRUE|FALSE"},
		"error":            {`<row r="1"><c t="e"><v>#DIV/0!</v></c></row>`, "1:!#DIV/0!"},
		"ISO date":         {`<row r="1"><c t="d"><v>2024-03-05</v></c></row>`, "1:2024-03-05"},
		"empty cells":      {`<row r="1"><c r="A1" s="3"/><c r="B1"></c><c r="C1"><v></v></c><c r="D1" t="inlineStr"><is><t/></is></c></row>`, "1:"},
		"empty row":        {`<row r="1"/><row r="2"><c><v>1</v></c></row>`, "1: / 2:#1"},
		"CDATA":            {`<row r="1"><c t="str"><v><![CDATA[a<b>&amp;]]></v></c></row>`, "1:a<b>&amp;"},
		"comment":          {`<!-- <row r="9"> --><row r="1"><c><!--x--><v>1</v></c></row>`, "1:#1"},
		"quote in a tag":   {`<row r="1" x="a>b" y='"'><c r="A1" z='>'><v>1</v></c></row>`, "1:#1"},
		"unknown entity":   {`<row r="1"><c t="str"><v>a &foo; b & c &#0; &#xZ;</v></c></row>`, "1:a &foo; b & c &#0; &#xZ;"},
		"number too big":   {`<row r="1"><c><v>1E999</v></c><c><v>abc</v></c></row>`, "1:1E999|abc"},
		"other prefix":     {`<x:row r="1" xmlns:x="y"><x:c r="A1" t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c></x:row>`, "1:a"},
		"blanks are kept":  {`<row r="1"><c t="inlineStr"><is><t xml:space="preserve"> a </t></is></c></row>`, "1: a "},
		"cells out of row": {`<row r="1"><c r="B1"><v>2</v></c><c r="A1"><v>1</v></c></row>`, "1:#1|#2"},
	} {
		if got, err := show(pack(t, c.in, nil)); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", name, got, err, c.want)
		}
	}
}

func TestSharedStrings(t *testing.T) {
	parts := map[string]string{"xl/sharedStrings.xml": `<sst><si><t>Kano</t></si><si><r><t>Da</t></r><r><t>la</t></r><rPh><t>no</t></rPh></si><si/><si><t>a_x000D_</t></si></sst>`}
	in := `<row r="1"><c t="s"><v>1</v></c><c t="s"><v>0</v></c><c t="s"><v>2</v></c><c t="s"><v>3</v></c></row>`
	if got, err := show(pack(t, in, parts)); err != nil || got != "1:Dala|Kano||a " {
		t.Errorf("%q, %v", got, err)
	}
	_, err := show(pack(t, `<row r="1"><c t="s"><v>9</v></c></row>`, parts))
	if !problem.Is(err, problem.BadInput) {
		t.Errorf("a string beyond the table gives %v", err)
	}
}

func TestDates(t *testing.T) {
	styles := `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="mmm\-yy"/><numFmt numFmtId="165" formatCode="[Red]0.0 &quot;days&quot;"/><numFmt numFmtId="166" formatCode="[h]:mm:ss"/></numFmts>` +
		`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>`
	parts := map[string]string{"xl/styles.xml": styles}
	in := `<row r="1"><c s="0"><v>45292</v></c><c s="1"><v>45292</v></c><c s="2"><v>45292.5</v></c><c s="3"><v>3</v></c><c s="4"><v>1.5</v></c><c s="99"><v>1</v></c><c s="1"><v>1</v></c><c s="1"><v>-1</v></c></row>`
	if got, err := show(pack(t, in, parts)); err != nil || got != "1:#45292|@45292|@45292.5|#3|#1.5|#1|@2|#-1" {
		t.Errorf("%q, %v", got, err)
	}
	parts["xl/workbook.xml"] = `<workbook xmlns:r="x"><workbookPr date1904="1"/><sheets><sheet name="D" r:id="rId1"/></sheets>` +
		`<extLst><ext><mx:workbookPr defaultImageDpi="32767"/></ext></extLst></workbook>`
	if got, err := show(pack(t, `<row r="1"><c s="1"><v>43830</v></c></row>`, parts)); err != nil || got != "1:@45292" {
		t.Errorf("from 1904: %q, %v", got, err)
	}
}

func TestDateFormats(t *testing.T) {
	for code, want := range map[string]bool{
		"dd/mm/yyyy": true, "mmm-yy": true, "mmmm": true, "yyyy": true, "[$-409]d-mmm-yy;@": true, `d" of "mmmm`: true, "yyyy-mm-dd hh:mm:ss": true,
		"General": false, "0.00": false, "#,##0": false, "h:mm": false, "mm:ss": false, "[h]:mm": false, `0" days"`: false, `\d0`: false, "@": false, "0%": false, `"open`: false, "[Red]0": false,
	} {
		if grid.IsDateFormat(code) != want {
			t.Errorf("format %s: date %v", code, !want)
		}
	}
}

func TestSheets(t *testing.T) {
	parts := map[string]string{
		"xl/workbook.xml": `<workbook xmlns:r="x"><sheets><sheet name="Chart" r:id="rId9"/><sheet name="A &amp; B" r:id="rId2" state="veryHidden"/><sheet name="Data" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": relsHead + `<Relationship Id="rId1" Type="` + relType + `worksheet" Target="/xl/worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + relType + `worksheet" Target="worksheets/other.xml"/><Relationship Id="rId9" Type="` + relType + `chartsheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/other.xml": `<worksheet><sheetData/></worksheet>`,
	}
	w, err := Open(pack(t, "", parts))
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Sheets) != 2 || w.Sheets[0].Name != "A & B" || !w.Sheets[0].Hidden || w.Sheets[1].Name != "Data" || w.Sheets[1].Hidden {
		t.Errorf("sheets %+v", w.Sheets)
	}
	w, err = Open(pack(t, "", map[string]string{"xl/_rels/workbook.xml.rels": "", "_rels/.rels": ""}))
	if err != nil || len(w.Sheets) != 1 {
		t.Errorf("without relationships: %v", err)
	}
}

func TestWhatIsNoWorkbookSaysWhatItIs(t *testing.T) {
	zipOf := func(name, content string) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write([]byte(content))
		}
		if err = errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for name, c := range map[string]struct{ in, says string }{
		"web page":    {"\xef\xbb\xbf \n<!DOCTYPE html><table></table>", "web page"},
		"bare table":  {"<table><tr><td>1</td></tr></table>", "web page"},
		"XML of 2003": {`<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">`, "2003"},
		"PDF":         {"%PDF-1.4", "PDF"},
		"gzip":        {"\x1f\x8b\x08", "packed"},
		"XLSB":        {zipOf("xl/workbook.bin", "x"), "XLSB"},
		"shapefile":   {zipOf("wards.shp", "x"), "zip archive without a workbook"},
		"empty zip":   {"PK\x05\x06" + strings.Repeat("\x00", 18), "zip archive without a workbook"},
		"cut zip":     {"PK\x03\x04abc", "cut short"},
		"no sheets":   {string(pack(t, "", map[string]string{"xl/workbook.xml": "<workbook/>"})), "no sheet"},
	} {
		_, err := Open([]byte(c.in))
		p, ok := errors.AsType[*problem.Problem](err)
		if !Claims([]byte(c.in)) || !ok || !strings.Contains(p.Message, c.says) || p.Hint == "" {
			t.Errorf("%s: %v, want a problem that says %q", name, err, c.says)
		}
	}
	if Claims([]byte("State,LGA\n<table>")) {
		t.Error("a CSV file is taken for a workbook")
	}
}

func TestDamagedSheets(t *testing.T) {
	for name, data := range map[string]string{
		"cut in a tag":      `<row r="1"><c r="A1"`,
		"cut in a cell":     `<row r="1"><c r="A1"><v>1`,
		"document type":     `<!DOCTYPE x [<!ENTITY a "b">]><row/>`,
		"open comment":      `<!-- <row r="1"/>`,
		"open CDATA":        `<row><c><v><![CDATA[x`,
		"token without end": `<row r="` + strings.Repeat("1", maxToken+10) + `"/>`,
	} {
		in := pack(t, "", map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + data})
		if _, err := show(in); !problem.Is(err, problem.BadInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := show(pack(t, "", map[string]string{"xl/worksheets/sheet1.xml": "<worksheet/>"})); !problem.Is(err, problem.BadInput) {
		t.Errorf("a part without sheet data: %v", err)
	}
}

func TestEveryCutOfAWorkbookIsAProblem(t *testing.T) {
	data := pack(t, `<row r="1"><c><v>1</v></c></row>`, nil)
	for n := 4; n < len(data); n++ {
		if _, err := show(data[:n]); !problem.Is(err, problem.BadInput) {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(data), err)
		}
	}
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct{ in, says string }{
		"rows":    {`<row r="2000001"><c><v>1</v></c></row>`, "more than 2000000 rows"},
		"columns": {`<row r="1"><c r="ALM1"><v>1</v></c></row>`, "more than 1000 columns"},
		"cell":    {`<row r="1"><c t="str"><v>` + strings.Repeat("x", grid.MaxCell+1) + `</v></c></row>`, "a cell of more than"},
	} {
		_, err := show(pack(t, c.in, nil))
		if p, ok := errors.AsType[*problem.Problem](err); !ok || !strings.Contains(p.Message, c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Column 1,001 without a value is only a style.
	if _, err := show(pack(t, `<row r="1"><c r="ALM1" s="1"/><c r="XFD1" s="1"/></row>`, nil)); err != nil {
		t.Errorf("styled cells without a value: %v", err)
	}
}

// A part of zeroes packs at 1000 : 1, a sheet at 30 : 1 at most.
func TestBombIsRefused(t *testing.T) {
	row := `<row r="1"><c t="str"><v>` + strings.Repeat("x", 1<<14) + `</v></c></row>`
	data := pack(t, strings.Repeat(row, (16<<20)/len(row)+1), nil)
	_, err := show(data)
	if p, ok := errors.AsType[*problem.Problem](err); !ok || !errors.Is(err, archive.ErrBomb) || p.Hint == "" {
		t.Fatalf("a sheet of %d bytes that unpacks to more than 16 MiB: %v", len(data), err)
	}
}

func TestStopAndCancel(t *testing.T) {
	w, err := Open(pack(t, strings.Repeat(`<row><c><v>1</v></c></row>`, 9000), nil))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := w.Rows(t.Context(), w.Sheets[0], func(grid.Row) error { n++; return grid.ErrStop }); err != nil || n != 1 {
		t.Errorf("stopped after %d rows with %v", n, err)
	}
	mine := errors.New("mine")
	if err := w.Rows(t.Context(), w.Sheets[0], func(grid.Row) error { return mine }); !errors.Is(err, mine) {
		t.Errorf("the caller's error came back as %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.Rows(ctx, w.Sheets[0], func(grid.Row) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled reading ends with %v", err)
	}
}

func TestColumnOf(t *testing.T) {
	for ref, want := range map[string]int{"A1": 0, "z9": 25, "AA1": 26, "XFD1048576": 16383} {
		if got, ok := columnOf([]byte(ref)); !ok || got != want {
			t.Errorf("%s is column %d, %v", ref, got, ok)
		}
	}
	for _, ref := range []string{"", "1", "A", "ZZZZZZZZ1"} {
		if got, ok := columnOf([]byte(ref)); ok {
			t.Errorf("%q is column %d", ref, got)
		}
	}
}

// oneByte hands out a byte at a time, so that every token is cut everywhere.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:1]) }

func TestScannerDoesNotDependOnHowBytesArrive(t *testing.T) {
	const in = `<?xml version="1.0"?><!-- a > b --><a x="1>2"><b:c/>text &amp; more<![CDATA[ <x> ]]></a>`
	list := func(r io.Reader) string {
		var out []string
		s := newScanner(r)
		for {
			k, err := s.next()
			if err != nil {
				return strings.Join(out, ";") + ";" + err.Error()
			}
			if k == chars || k == cdata {
				out = append(out, string(s.text))
			} else {
				out = append(out, string(s.name)+string(s.attrs))
			}
		}
	}
	got, want := list(oneByte{strings.NewReader(in)}), list(strings.NewReader(in))
	if got != want {
		t.Errorf("byte by byte %q, at once %q", got, want)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add(pack(f, `<row r="1"><c t="s"><v>0</v></c><c s="1"><v>1</v></c></row>`, map[string]string{"xl/sharedStrings.xml": "<sst><si><t>a</t></si></sst>"}))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := show(data); err != nil && !problem.Is(err, problem.BadInput) {
			t.Fatalf("not a problem: %v", err)
		}
	})
}

// FuzzSheet is where the bytes really differ: inside the zip.
func FuzzSheet(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="inlineStr"><is><t>a&#8805;</t></is></c></row>`, `<sst><si><t>a</t></si></sst>`, `<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>`)
	f.Add(`<row><c t="s"><v>0</v></c></row><!-- -->`, `<sst><si><r><t>_x000D_</t></r></si></sst>`, `<numFmt formatCode="[x" numFmtId="1"/>`)
	f.Fuzz(func(t *testing.T, sheet, shared, styles string) {
		data := pack(t, sheet, map[string]string{"xl/sharedStrings.xml": shared, "xl/styles.xml": styles})
		if _, err := show(data); err != nil && !problem.Is(err, problem.BadInput) {
			t.Fatalf("not a problem: %v", err)
		}
	})
}
