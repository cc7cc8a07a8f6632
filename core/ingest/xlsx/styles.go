package xlsx

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"chatmrpt/core/ingest/archive"
	"chatmrpt/core/ingest/grid"
)

func itoa(n int) string { return strconv.Itoa(n) }

func isEOF(err error) bool { return errors.Is(err, io.EOF) }

// dateStyles says for each cell style whether it shows a number as a date.
func dateStyles(c *archive.Archive, part string) ([]bool, error) {
	data, err := c.Small(part)
	if err != nil {
		return nil, err
	}
	custom := map[string]bool{}
	var dates []bool
	inside := false
	s := newScanner(strings.NewReader(string(data)))
	for {
		k, err := s.next()
		switch {
		case isEOF(err):
			return dates, nil
		case err != nil:
			return nil, err
		case k == chars || k == cdata:
		case s.is("cellXfs"):
			inside = k == opening
		case k == closing:
		case s.is("numFmt"):
			custom[s.value("numFmtId")] = grid.IsDateFormat(s.value("formatCode"))
		case s.is("xf") && inside:
			id := s.value("numFmtId")
			date, known := custom[id]
			dates = append(dates, known && date || !known && isBuiltinDate(id))
		}
	}
}

func isBuiltinDate(id string) bool {
	n, err := strconv.Atoi(id)
	return err == nil && grid.IsBuiltinDate(n)
}
