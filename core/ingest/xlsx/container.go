package xlsx

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

// errBomb says that a part unpacks to far more than a spreadsheet would.
var errBomb = errors.New("unpacks to far more than a spreadsheet holds")

// container is the zip around a workbook.
type container struct {
	size  int
	parts map[string]*zip.File // by lower-case name without a leading slash
}

func openContainer(data []byte) (*container, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, damaged().Because(err)
	}
	if len(z.File) > maxParts {
		return nil, bomb()
	}
	c := &container{size: len(data), parts: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		c.parts[partKey(f.Name)] = f
	}
	return c, nil
}

func partKey(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean(strings.ReplaceAll(name, `\`, "/")), "/"))
}

func (c *container) has(name string) bool {
	_, ok := c.parts[partKey(name)]
	return ok
}

// open returns the bytes of a part as UTF-8, guarded against bombs. A part
// that is absent gives an empty reader: most parts are optional.
func (c *container) open(name string) (io.ReadCloser, error) {
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
		return 0, errBomb
	}
	n, err := g.r.Read(p[:min(int64(len(p)), g.left)])
	g.left -= int64(n)
	return n, err
}

// asUTF8 converts parts written in UTF-16 and drops a byte order mark.
func asUTF8(r io.Reader) io.Reader {
	return transform.NewReader(r, unicode.BOMOverride(transform.Nop))
}

// meta reads a small part whole.
func (c *container) meta(name string) ([]byte, error) {
	r, err := c.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxMetaPart+1))
	if err == nil && len(data) > maxMetaPart {
		err = errBomb
	}
	return data, err
}

// explain turns an error met while reading a part into what a person is told.
func explain(err error, where string) error {
	switch _, told := errors.AsType[*problem.Problem](err); {
	case err == nil, told, errors.Is(err, grid.ErrStop):
		return err
	case errors.Is(err, errBomb):
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
