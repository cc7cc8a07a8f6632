package sample

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
)

// The workbook is written straight into the zip: five small parts that never
// change, the shared strings, and the sheet. A general library would add the
// time, and a temporary file when the sheet is large.

// workbook writes the facility file as an XLSX workbook of one sheet.
func (h sheet) workbook() ([]byte, error) {
	texts := &shared{index: map[string]int{}}
	body := h.sheetXML(texts)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, part := range append(fixedParts(), [2]string{"xl/worksheets/sheet1.xml", body}, [2]string{"xl/sharedStrings.xml", texts.xml()}) {
		// A header without a time gives the same bytes at any hour.
		w, err := z.CreateHeader(&zip.FileHeader{Name: part[0], Method: zip.Deflate})
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(w, part[1]); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relSpace  = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	relType   = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
	coreType  = `http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties`
	partType  = `application/vnd.openxmlformats-officedocument.spreadsheetml.`
)

// fixedParts are name and content of the parts that hold no data.
func fixedParts() [][2]string {
	return [][2]string{
		{"[Content_Types].xml", xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + partType + `sheet.main+xml"/>` +
			`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + partType + `worksheet+xml"/>` +
			`<Override PartName="/xl/sharedStrings.xml" ContentType="` + partType + `sharedStrings+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="` + partType + `styles+xml"/>` +
			`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`},
		{"_rels/.rels", xmlHead + `<Relationships ` + relSpace + `>` +
			`<Relationship Id="rId1" Type="` + relType + `officeDocument" Target="xl/workbook.xml"/>` +
			`<Relationship Id="rId2" Type="` + coreType + `" Target="docProps/core.xml"/></Relationships>`},
		{"docProps/core.xml", xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">` +
			`<dc:title>` + Label + ` data, made up</dc:title></cp:coreProperties>`},
		{"xl/workbook.xml", xmlHead + `<workbook ` + mainSpace + ` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
			`<sheets><sheet name="Sheet 1" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", xmlHead + `<Relationships ` + relSpace + `>` +
			`<Relationship Id="rId1" Type="` + relType + `worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + relType + `sharedStrings" Target="sharedStrings.xml"/>` +
			`<Relationship Id="rId3" Type="` + relType + `styles" Target="styles.xml"/></Relationships>`},
		{"xl/styles.xml", xmlHead + `<styleSheet ` + mainSpace + `><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
			`<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf/></cellXfs></styleSheet>`},
	}
}

// sheetXML writes the rows: a blank one, the title, the headers, the data.
func (h sheet) sheetXML(texts *shared) string {
	b := &bytes.Buffer{}
	b.WriteString(xmlHead + `<worksheet ` + mainSpace + `><sheetData>`)
	b.WriteString(`<row r="1"></row>`)
	writeRow(b, 2, []cell{words(h.title)}, texts)
	top := make([]cell, len(h.headers))
	for i, t := range h.headers {
		top[i] = words(t)
	}
	writeRow(b, 3, top, texts)
	for i, r := range h.rows {
		writeRow(b, i+4, r.cells, texts)
	}
	b.WriteString(`</sheetData></worksheet>`)
	return b.String()
}

func writeRow(b *bytes.Buffer, n int, cells []cell, texts *shared) {
	line := strconv.Itoa(n)
	b.WriteString(`<row r="` + line + `">`)
	for i, c := range cells {
		switch c.kind {
		case count:
			b.WriteString(`<c r="` + column(i) + line + `"><v>` + strconv.Itoa(c.number) + `</v></c>`)
		case text:
			b.WriteString(`<c r="` + column(i) + line + `" t="s"><v>` + strconv.Itoa(texts.number(c.text)) + `</v></c>`)
		}
	}
	b.WriteString(`</row>`)
}

// column gives the letters of a column counted from 0, up to ZZ.
func column(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return string(rune('A'+i/26-1)) + string(rune('A'+i%26))
}

// shared is the workbook's list of distinct texts.
type shared struct {
	index map[string]int
	list  []string
	used  int
}

func (s *shared) number(t string) int {
	s.used++
	if n, ok := s.index[t]; ok {
		return n
	}
	s.index[t] = len(s.list)
	s.list = append(s.list, t)
	return len(s.list) - 1
}

func (s *shared) xml() string {
	b := &bytes.Buffer{}
	b.WriteString(xmlHead + `<sst ` + mainSpace + ` count="` + strconv.Itoa(s.used) + `" uniqueCount="` + strconv.Itoa(len(s.list)) + `">`)
	for _, t := range s.list {
		b.WriteString(`<si><t xml:space="preserve">`)
		_ = xml.EscapeText(b, []byte(t)) // a bytes.Buffer never fails
		b.WriteString(`</t></si>`)
	}
	b.WriteString(`</sst>`)
	return b.String()
}
