package xls

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/richardlehane/mscfb"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/problem"
)

// Claims reports whether data begins like a compound file, in which old
// workbooks lie.
func Claims(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"))
}

// errNoBook says that a compound file holds no stream of a workbook.
var errNoBook = errors.New("no stream of a workbook")

// bookStream takes the workbook's stream out of the compound file. A new
// workbook that is protected with a password comes in such a file too.
func bookStream(data []byte) (stream []byte, err error) {
	defer func() {
		if r := recover(); r != nil { // the library is used on files that lie
			err = damaged().Because(fmt.Errorf("compound file: %v", r))
		}
	}()
	doc, err := mscfb.New(bytes.NewReader(data))
	if err != nil {
		return nil, damaged().Because(err)
	}
	for entry, err := doc.Next(); err == nil; entry, err = doc.Next() {
		switch strings.ToLower(entry.Name) {
		case "encryptedpackage":
			return nil, protected()
		case "workbook", "book":
			if len(entry.Path) > 0 {
				continue // of a workbook embedded in this one
			}
			// Programs write sizes that exceed the last sector; what is there
			// is read, and a record that is cut is found later.
			stream, err := io.ReadAll(io.LimitReader(entry, int64(len(data))))
			if len(stream) == 0 {
				return nil, damaged().Because(err)
			}
			return stream, nil
		}
	}
	return nil, grid.Bad("the file is an old Office document, but not a workbook",
		"Open it in the program it came from and copy its table into a spreadsheet; save that as XLSX or CSV").Because(errNoBook)
}

func damaged() *problem.Problem {
	return grid.Bad("the workbook is cut short or damaged",
		"Copy or download it again from where it came; if it still fails, open it in a spreadsheet program and save it as XLSX")
}

func protected() *problem.Problem {
	return grid.Bad("the workbook is protected with a password",
		"Open it in a spreadsheet program with its password, remove the password (File, Info, Protect Workbook), save it and import it again")
}
