package xlsx

import (
	"bytes"

	"chatmrpt/core/ingest/archive"
	"chatmrpt/core/ingest/grid"
)

// Claims reports whether data begins like a workbook of this kind, or like one
// of the things that are renamed to look like one. Open then reads it or says
// what it really is.
func Claims(data []byte) bool {
	return isZip(data) || impostor(data) != nil
}

func isZip(data []byte) bool {
	return bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("PK\x05\x06"))
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
func wrongZip(c *archive.Archive) error {
	if c.Has("xl/workbook.bin") {
		return grid.Bad("the file is a binary workbook (XLSB)", "Open it in a spreadsheet program and save it as XLSX or CSV")
	}
	return grid.Bad("the file is a zip archive without a workbook inside",
		"If it holds boundaries (.shp), import it with --as boundaries; else unpack it and import the table inside")
}
