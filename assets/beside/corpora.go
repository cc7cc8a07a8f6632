package beside

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Corpus is one file of the collections of other projects in data/corpora,
// with what the reader named in reference/README.md makes of it.
type Corpus struct {
	Name      string // as in reference/corpora.tsv: corpora/csv/…
	Reference string // what that reader found, "" where none was asked
	CRS       string // the reference system it found, of a layer
	Path      string
	Data      []byte
}

// Corpora reads the files of the collections whose names pass keep, in the
// order of reference/corpora.tsv. Files that are not in the folder are left
// out.
func Corpora(t testing.TB, keep func(name string) bool) []Corpus {
	t.Helper()
	var out []Corpus
	for line := range strings.Lines(string(Read(t, "reference/corpora.tsv"))) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(f) < 3 || !strings.HasPrefix(f[0], "corpora/") || !keep(f[0]) {
			continue
		}
		c := Corpus{Name: f[0], Reference: f[1], CRS: f[2], Path: filepath.Join(Folder(t), "data", filepath.FromSlash(f[0]))}
		data, err := os.ReadFile(c.Path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		c.Data = data
		out = append(out, c)
	}
	return out
}

// The verdicts on one file of the collections.
const (
	Same    = "same"    // as the reference reads it
	More    = "read"    // where the reference reader reads nothing
	Refused = "refused" // with a problem that says what is wrong and what to do
	Differs = "differs" // otherwise than the reference, for the reason given beside it
	Wrong   = "wrong"   // otherwise than the reference, for no good reason
)

// Outcome puts one line into the table that `make corpora` prints. A verdict of
// Wrong fails the test.
func Outcome(t testing.TB, c Corpus, ours, verdict string) {
	t.Helper()
	one := strings.NewReplacer("\t", " ", "\n", " ").Replace
	t.Logf("corpora\t%s\t%s\t%s\t%s", c.Name, one(c.Reference), one(ours), verdict)
	if verdict == Wrong {
		t.Errorf("%s: read as %s, the reference reads %s", c.Name, ours, c.Reference)
	}
}

// freeMemory is what a reader may use whatever the size of the file: tables of
// its own and buffers.
const freeMemory = 4 << 20

// WithinMemory runs read and fails the test when all it allocated together is
// more than ten times the size of the file (as it lies on the disk, or
// unpacked) and more than four megabytes. What it held at one time is less, so
// the test is the stricter one.
func WithinMemory(t testing.TB, c Corpus, size int, read func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	read()
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > freeMemory && used > 10*uint64(max(size, len(c.Data))) {
		t.Errorf("%s: reading it allocated %d bytes, more than ten times its %d", c.Name, used, max(size, len(c.Data)))
	}
}
