package action

import (
	"bytes"
	"path/filepath"
	"strings"

	"chatmrpt/core/problem"
)

// foreign returns the Problem of a file of a kind that holds neither a table
// nor boundaries this program can read, told by its first bytes or, where the
// kind has none of its own, by its ending; nil for every other file. Without
// it a raster would be called a damaged text.
func foreign(f inputFile) *problem.Problem {
	what, hint := foreignBytes(f.data)
	if what == "" {
		what, hint = foreignEnding(strings.ToLower(filepath.Ext(f.name)))
	}
	if what == "" {
		return nil
	}
	return problem.New(problem.BadInput, "import", f.name, what, hint)
}

func foreignBytes(data []byte) (what, hint string) {
	starts := func(magic ...string) bool {
		for _, m := range magic {
			if bytes.HasPrefix(data, []byte(m)) {
				return true
			}
		}
		return false
	}
	switch {
	case starts("\x89PNG", "\xff\xd8\xff", "GIF8"):
		return "it is a picture", "Import the table or the boundary file that the picture was made from"
	case starts("PAR1"):
		return "it is a Parquet file, which can't be read", "Save it as CSV in the program it came from"
	}
	return "", ""
}

func foreignEnding(ending string) (what, hint string) {
	switch ending {
	case ".tif", ".tiff":
		return "it is named as a raster (TIFF), but doesn't begin as one", "Copy it again from where it comes from; it may have been cut short"
	case ".rds", ".rdata", ".rda":
		return "it is a data file of R", "Save it as CSV in R, for example with write.csv(readRDS(\"file.rds\"), \"file.csv\")"
	case ".dta":
		return "it is a data file of Stata", "Save it as CSV in Stata with: export delimited"
	case ".sav", ".zsav", ".por":
		return "it is a data file of SPSS", "Save it as CSV or XLSX in SPSS (File, Save As)"
	case ".sas7bdat", ".xpt":
		return "it is a data file of SAS", "Save it as CSV or XLSX in SAS (Export Wizard)"
	case ".xml":
		return "it is an XML file, not a table", "If a spreadsheet program opens it, save it there as XLSX or CSV; else look for the table it describes"
	}
	return "", ""
}
