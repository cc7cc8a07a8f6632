// Package archive opens the zip around a workbook, of either kind, and guards
// against what a zip can do: parts that unpack to far more than a table holds,
// names that climb, more entries than any program writes.
package archive

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"chatmrpt/core/ingest/grid"
	"chatmrpt/core/problem"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The limits of what a packed part may become. The largest sheet that fits
// the table limits stays well below; spreadsheets pack at about 10 to 30 : 1.
const (
	maxPart     = 2 << 30
	maxParts    = 10_000
	freeSize    = 16 << 20 // a part up to this size is never called a bomb
	maxRatio    = 200
	maxMetaPart = 8 << 20 // workbook, relationships, styles
)

// ErrBomb says that a part unpacks to far more than a spreadsheet would.
var ErrBomb = errors.New("unpacks to far more than a spreadsheet holds")

// Archive is an opened zip.
type Archive struct {
	size  int
	parts map[string]*zip.File // by lower-case name without a leading slash
}

// Open reads the directory of a zip. Its errors are Problems.
func Open(data []byte) (*Archive, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, damaged().Because(err)
	}
	if len(z.File) > maxParts {
		return nil, bomb()
	}
	c := &Archive{size: len(data), parts: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		c.parts[partKey(f.Name)] = f
	}
	return c, nil
}

func partKey(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean(strings.ReplaceAll(name, `\`, "/")), "/"))
}

// Has reports whether there is a part of that name, upper and lower case alike.
func (c *Archive) Has(name string) bool {
	_, ok := c.parts[partKey(name)]
	return ok
}

// Part returns the bytes of a part as UTF-8, guarded against bombs. A part
// that is absent gives an empty reader: most parts are optional.
func (c *Archive) Part(name string) (io.ReadCloser, error) {
	f, ok := c.parts[partKey(name)]
	if !ok {
		return io.NopCloser(strings.NewReader("")), nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	g := &guard{r: r, left: allowance(f, c.size)}
	return part{asUTF8(g), r}, nil
}

// allowance is the number of bytes a part may unpack to. It believes in the
// packed size only as far as the file is really that long.
func allowance(f *zip.File, size int) int64 {
	packed := min(f.CompressedSize64, uint64(size))
	return min(maxPart, max(freeSize, int64(packed)*maxRatio))
}

// part joins the reader of a part's text to the closer of its entry.
type part struct {
	io.Reader
	io.Closer
}

// guard stops reading at its allowance.
type guard struct {
	r    io.Reader
	left int64
}

func (g *guard) Read(p []byte) (int, error) {
	if g.left <= 0 {
		return 0, ErrBomb
	}
	n, err := g.r.Read(p[:min(int64(len(p)), g.left)])
	g.left -= int64(n)
	return n, err
}

// asUTF8 converts parts written in UTF-16 and drops a byte order mark.
func asUTF8(r io.Reader) io.Reader {
	return transform.NewReader(r, unicode.BOMOverride(transform.Nop))
}

// Small reads a part that describes others whole.
func (c *Archive) Small(name string) ([]byte, error) {
	r, err := c.Part(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxMetaPart+1))
	if err == nil && len(data) > maxMetaPart {
		err = ErrBomb
	}
	return data, err
}

// Explain turns an error met while reading a part into what a person is told.
func Explain(err error, where string) error {
	switch _, told := errors.AsType[*problem.Problem](err); {
	case err == nil, told, errors.Is(err, grid.ErrStop):
		return err
	case errors.Is(err, ErrBomb):
		return bomb().Because(err)
	}
	return grid.Bad(fmt.Sprintf("the workbook is damaged in %s", where),
		"Open it in a spreadsheet program, let it repair the file, and save it again; or copy it again from where it came").Because(err)
}

func damaged() *problem.Problem {
	return grid.Bad("the workbook is cut short or damaged",
		"Copy or download it again from where it came; if it still fails, open it in a spreadsheet program and save it as a new XLSX file")
}

func bomb() *problem.Problem {
	return grid.Bad("the workbook unpacks to far more than a spreadsheet holds",
		"Don't open this file; ask its sender for a CSV file of the table instead")
}
