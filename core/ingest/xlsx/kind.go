package xlsx

import (
	"bytes"

	"chatmrpt/core/ingest/grid"
)

// Claims reports whether data begins like a workbook of any kind, new or old,
// or like one of the things that are renamed to look like one. Open then
// reads it or says what it really is.
func Claims(data []byte) bool {
	return isZip(data) || isOLE(data) || impostor(data) != nil
}

func isZip(data []byte) bool {
	return bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("PK\x05\x06"))
}

func isOLE(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
}

// oldWorkbook tells the two things that come in the old compound format: an
// encrypted new workbook, and an old one. The names of the streams inside are
// written in UTF-16.
func oldWorkbook(data []byte) error {
	if bytes.Contains(data, wide("EncryptedPackage")) {
		return grid.Bad("the workbook is protected with a password",
			"Open it in a spreadsheet program with its password, remove the password (File, Info, Protect Workbook), save it and import it again")
	}
	return grid.Bad("the file is a workbook of the old XLS format, whatever its name says",
		"Open it in a spreadsheet program and save it as XLSX or CSV")
}

func wide(s string) []byte {
	out := make([]byte, 0, 2*len(s))
	for _, c := range []byte(s) {
		out = append(out, c, 0)
	}
	return out
}

// impostor recognises files that are not tables of ours by how they begin, or
// returns nil.
func impostor(data []byte) error {
	head := bytes.ToLower(bytes.TrimLeft(data[:min(len(data), 1024)], "\xef\xbb\xbf \t\r\n"))
	switch {
	case startsWithAny(head, "<!doctype html", "<html", "<table", "<head", "<meta"):
		return grid.Bad("the file is a web page, though its name says it is a table",
			"Open it in a spreadsheet program and save it as XLSX or CSV; in DHIS2 choose the download as XLSX or CSV")
	case startsWithAny(head, "<?xml") && bytes.Contains(head, []byte("spreadsheet")):
		return grid.Bad("the file is a workbook of the XML format of 2003",
			"Open it in a spreadsheet program and save it as XLSX or CSV")
	case startsWithAny(head, "%pdf"):
		return grid.Bad("the file is a PDF, not a table",
			"Ask its sender for the table as XLSX or CSV; numbers can't be taken from a PDF safely")
	case startsWithAny(data, "\x1f\x8b", "7z\xbc\xaf", "Rar!"):
		return grid.Bad("the file is packed", "Unpack it first, then import the table inside")
	}
	return nil
}

func startsWithAny(data []byte, prefixes ...string) bool {
	for _, p := range prefixes {
		if bytes.HasPrefix(data, []byte(p)) {
			return true
		}
	}
	return false
}

// wrongZip says what a zip is that holds no workbook.
func (c *container) wrongZip() error {
	for name := range c.parts {
		if name == "xl/workbook.bin" {
			return grid.Bad("the file is a binary workbook (XLSB)", "Open it in a spreadsheet program and save it as XLSX or CSV")
		}
	}
	if mime, _ := c.meta("mimetype"); bytes.HasPrefix(mime, []byte("application/vnd.oasis.opendocument")) {
		return grid.Bad("the file is an OpenDocument file", "Open it in a spreadsheet program and save it as XLSX or CSV")
	}
	return grid.Bad("the file is a zip archive without a workbook inside",
		"If it holds boundaries (.shp), import it with --as boundaries; else unpack it and import the table inside")
}
