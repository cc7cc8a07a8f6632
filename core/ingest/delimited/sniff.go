package delimited

import (
	"bytes"
	"strconv"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/problem"
)

// sniffed is the number of records looked at to find the dialect.
const sniffed = 200

// dialect is how a file separates and quotes its fields.
type dialect struct {
	delimiter byte
	quote     byte
	skip      int // bytes of a leading "sep=;" line
}

// sniff finds the dialect: the delimiter which cuts most records into the
// same number of fields, the larger number when two do so equally well.
func sniff(text []byte) dialect {
	d := dialect{delimiter: ',', quote: '"'}
	if c, n, ok := declared(text); ok {
		return dialect{delimiter: c, quote: '"', skip: n}
	}
	best := 0.0
	for _, c := range []byte{',', ';', '\t', '|'} {
		if s := steadiness(text, dialect{delimiter: c, quote: '"'}); s > best {
			best, d.delimiter = s, c
		}
	}
	if singleQuoted(text, d.delimiter) {
		d.quote = '\''
	}
	return d
}

// declared reads the line "sep=;" that spreadsheet programs write and obey.
func declared(text []byte) (delimiter byte, length int, ok bool) {
	line, _, _ := bytes.Cut(text[:min(len(text), 16)], []byte("\n"))
	trimmed := bytes.TrimSuffix(line, []byte("\r"))
	if len(trimmed) != 5 || !bytes.EqualFold(trimmed[:4], []byte("sep=")) {
		return 0, 0, false
	}
	return trimmed[4], min(len(text), len(line)+1), true
}

// steadiness is the share of records with the commonest number of fields, two
// or more, plus a little for each field. 0 when no record is cut at all.
func steadiness(text []byte, d dialect) float64 {
	counts, records := map[int]int{}, 0
	p := parser{text: text[:min(len(text), 256<<10)], dialect: d}
	for records < sniffed {
		fields, ok, err := p.next()
		if !ok || err != nil {
			break
		}
		if len(fields) == 1 && len(fields[0]) == 0 {
			continue
		}
		records++
		counts[len(fields)]++
	}
	mode, most := 0, 0
	for width, n := range counts {
		if width >= 2 && (n > most || n == most && width > mode) {
			mode, most = width, n
		}
	}
	if most == 0 {
		return 0
	}
	return float64(most)/float64(records) + float64(min(mode, 100))/1000
}

// singleQuoted reports whether fields are quoted with an apostrophe: such
// fields stand on both sides of delimiters, and no double quote is used so.
func singleQuoted(text []byte, delimiter byte) bool {
	sample := text[:min(len(text), 64<<10)]
	if bytes.IndexByte(sample, '"') >= 0 || sample == nil {
		return false
	}
	opening := bytes.Count(sample, []byte{delimiter, '\''})
	closing := bytes.Count(sample, []byte{'\'', delimiter})
	return opening >= 2 && closing >= 2 && bytes.HasPrefix(sample, []byte{'\''})
}

func notText() *problem.Problem {
	return grid.Bad("the file is not a text table in any encoding that could be recognised",
		"Open it in a spreadsheet program and save it as CSV (UTF-8) or XLSX")
}

func itoa(n int) string { return strconv.Itoa(n) }
