package xlsx

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"chatmrpt/core/ingest/grid"
)

const (
	relsHead = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	relType  = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
)

// pack makes a workbook of one sheet whose data is given as XML; parts adds or
// replaces parts, "" removing one.
func pack(t testing.TB, sheetData string, parts map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"_rels/.rels":                relsHead + `<Relationship Id="r1" Type="` + relType + `officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns:r="x"><sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": relsHead + `<Relationship Id="rId1" Type="` + relType + `worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml":   `<?xml version="1.0"?><worksheet><sheetData>` + sheetData + `</sheetData></worksheet>`,
	}
	for name, content := range parts {
		all[name] = content
	}
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, content := range all {
		if content == "" {
			continue
		}
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// show writes the cells of the first sheet as one line: row:cell|cell / …
func show(data []byte) (string, error) {
	w, err := Open(data)
	if err != nil {
		return "", err
	}
	var rows []string
	err = w.Rows(context.Background(), w.Sheets[0], func(r grid.Row) error {
		var cells []string
		for _, c := range r.Cells {
			cells = append(cells, showCell(c))
		}
		rows = append(rows, fmt.Sprintf("%d:%s", r.Number, strings.Join(cells, "|")))
		return nil
	})
	return strings.Join(rows, " / "), err
}

func showCell(c grid.Cell) string {
	switch c.Kind {
	case grid.Number:
		return fmt.Sprintf("#%v", c.Num)
	case grid.Date:
		return fmt.Sprintf("@%v", c.Num)
	case grid.Error:
		return "!" + string(c.Text)
	}
	return string(c.Text)
}
