// Package bundle makes what leaves the computer: files packed, cut into parts,
// sealed, and the signed manifest that lists them. It knows no network and no
// store.
//
// A bundle is a zip file: any program opens it. It is cut into parts of at most
// PartSize bytes, each sealed on its own in the format of age to the user and
// the recipients she chose, so that `age -d` on the parts in their order, one
// after the other, gives the zip back without this program. Hybrid keys
// (ML-KEM-768 with X25519) keep what is stored today from a quantum computer of
// tomorrow.
//
// age does not say who sealed something. The manifest does: it names every
// part by the hash of its sealed bytes, every file by its own, the manifest
// before it, and what was last seen of the user's other devices, and is signed
// with Ed25519 before it is sealed. File names, titles and true sizes stand
// only inside; the remote sees how many parts there are, their sizes (padded by
// at most an eighth) and when they came.
package bundle

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// PartSize is the most plain bytes in one part: what is left of a megabyte when
// the seals of all recipients are taken off.
const PartSize = 1<<20 - 32<<10

// Limits of what is packed and unpacked.
const (
	MaxPayload = 1 << 30 // of a packed bundle, in bytes
	maxFiles   = 5_000   // so that a manifest fits an object
	maxPath    = 200
)

// File is one file of a bundle.
type File struct {
	Path string // with slashes, no dots, below the bundle's folder
	Data []byte
}

// Listed is a file as a manifest lists it.
type Listed struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// List describes files.
func List(files []File) []Listed {
	out := make([]Listed, len(files))
	for i, f := range files {
		out[i] = Listed{Path: f.Path, Size: int64(len(f.Data)), SHA256: hash(f.Data)}
	}
	return out
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// padding is the name of the file of zeros that hides a bundle's size.
const padding = ".padding"

// Pack makes the zip of files, the same bytes for the same files and time:
// sorted by path, compressed, with a file of zeros at the end that rounds the
// size up (see padded). It gives the bytes to emit in parts of PartSize, the
// last one shorter, as they come; each part is the receiver's to keep. An error
// of emit ends it.
func Pack(files []File, at time.Time, emit func(part []byte) error) error {
	if len(files) == 0 || len(files) > maxFiles {
		return fmt.Errorf("bundle: %d files", len(files))
	}
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	how := methods(files)
	out := &cutter{emit: emit}
	z := zip.NewWriter(out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.DefaultCompression) })
	for i, f := range files {
		if err := checkPath(f.Path); err != nil {
			return err
		}
		if i > 0 && files[i-1].Path == f.Path {
			return fmt.Errorf("bundle: two files %s", f.Path)
		}
		if err := pack(z, f, at, how[i]); err != nil {
			return err
		}
	}
	if err := pad(z, out, files, at); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return out.end()
}

// cutter cuts what is written to it into parts.
type cutter struct {
	emit func(part []byte) error
	part []byte
	size int64 // of all that was written
}

// Write implements io.Writer.
func (c *cutter) Write(p []byte) (int, error) {
	n := len(p)
	if c.size += int64(n); c.size > MaxPayload {
		return 0, fmt.Errorf("bundle: more than %d MB can't be sent at once", MaxPayload>>20)
	}
	for len(p) > 0 {
		if c.part == nil {
			c.part = make([]byte, 0, PartSize)
		}
		take := min(len(p), PartSize-len(c.part))
		c.part = append(c.part, p[:take]...)
		p = p[take:]
		if len(c.part) == PartSize {
			if err := c.end(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

// end gives away the part begun.
func (c *cutter) end() error {
	part := c.part
	c.part = nil
	if len(part) == 0 {
		return nil
	}
	return c.emit(part)
}

// sampled is how much of a file is looked at to see whether it compresses.
const sampled = 64 << 10

// methods says how each file is packed. What hardly gets smaller is left as it
// is: pictures, archives, whatever is encrypted. A try at its beginning tells.
func methods(files []File) []uint16 {
	out := make([]uint16, len(files))
	var size counter
	w, err := flate.NewWriter(&size, flate.BestSpeed) // one for all: it takes most of a megabyte
	for i, f := range files {
		out[i] = zip.Deflate
		if err != nil {
			continue
		}
		size = 0
		w.Reset(&size)
		head := f.Data[:min(len(f.Data), sampled)]
		_, failed := w.Write(head)
		if err := w.Close(); failed == nil && err == nil && int(size) > len(head)*19/20 {
			out[i] = zip.Store
		}
	}
	return out
}

// counter counts what is written.
type counter int

// Write implements io.Writer.
func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func pack(z *zip.Writer, f File, at time.Time, how uint16) error {
	w, err := z.CreateHeader(header(f.Path, at, how))
	if err != nil {
		return err
	}
	_, err = w.Write(f.Data)
	return err
}

func header(name string, at time.Time, how uint16) *zip.FileHeader {
	return &zip.FileHeader{Name: name, Method: how, Modified: at.UTC().Truncate(time.Second)}
}

// pad adds the file of zeros that brings the zip to a padded size. After it
// come its descriptor, the zip's directory (46 bytes a file, its name, and the
// 9 bytes of its time stamp) and the end.
func pad(z *zip.Writer, out *cutter, files []File, at time.Time) error {
	const descriptor, entry, end = 16, 46 + 9, 22
	w, err := z.CreateHeader(header(padding, at, zip.Store))
	if err != nil {
		return err
	}
	if err := z.Flush(); err != nil {
		return err
	}
	size := out.size + int64(descriptor+entry+len(padding)+end)
	for _, f := range files {
		size += int64(entry + len(f.Path))
	}
	_, err = w.Write(make([]byte, padded(size)-size))
	return err
}

// padded rounds a size up so that it tells little: Padmé (Nikitin et al. 2019,
// "Reducing Metadata Leakage from Encrypted Files and Communication with
// PURBs", algorithm 1), at most 12 % more; nothing is smaller than 4 KiB.
func padded(size int64) int64 {
	const least = 4 << 10
	if size <= least {
		return least
	}
	e := bits.Len64(uint64(size)) - 1
	s := bits.Len(uint(e))
	mask := int64(1)<<(e-s) - 1
	return (size + mask) &^ mask
}

// errPack says that a bundle is not one of ours, or was damaged.
var errPack = errors.New("this is no bundle")

// Unpack gives the files of a zip that Pack made. It never trusts it: names
// that lead elsewhere, more bytes than listed, and more files than can be are
// refused. listed is what the manifest says is in it.
func Unpack(payload []byte, listed []Listed) ([]File, error) {
	z, err := zip.NewReader(bytes.NewReader(payload), int64(len(payload)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errPack, err)
	}
	if len(z.File) > maxFiles+1 || len(listed) > maxFiles {
		return nil, fmt.Errorf("%w: %d files", errPack, len(z.File))
	}
	at := map[string]*zip.File{}
	for _, f := range z.File {
		at[f.Name] = f
	}
	out := make([]File, 0, len(listed))
	for _, l := range listed {
		if err := checkPath(l.Path); err != nil {
			return nil, err
		}
		f := at[l.Path]
		if f == nil || l.Size < 0 || l.Size > MaxPayload {
			return nil, fmt.Errorf("%w: %s is not in it", errPack, l.Path)
		}
		data, err := inflate(f, l)
		if err != nil {
			return nil, err
		}
		out = append(out, File{l.Path, data})
	}
	return out, nil
}

// inflate reads one file, of the size and hash the manifest says.
func inflate(f *zip.File, l Listed) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errPack, l.Path, err)
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, l.Size+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", errPack, l.Path, err)
	}
	if int64(len(data)) != l.Size || hash(data) != l.SHA256 {
		return nil, fmt.Errorf("%w: %s is not what was packed", errPack, l.Path)
	}
	return data, nil
}

// checkPath takes plain relative paths that every system can have.
func checkPath(p string) error {
	bad := p == "" || len(p) > maxPath || !utf8.ValidString(p) || path.Clean(p) != p || path.IsAbs(p) || p == padding ||
		strings.ContainsAny(p, "\\:*?\"<>|\x00")
	for part := range strings.SplitSeq(p, "/") {
		bad = bad || strings.HasPrefix(part, ".") || strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") || isDevice(part)
	}
	for _, r := range p {
		bad = bad || r < ' '
	}
	if bad {
		return fmt.Errorf("bundle: %q can't be the name of a file", p)
	}
	return nil
}

// isDevice knows the names that Windows keeps for devices.
func isDevice(part string) bool {
	name, _, _ := strings.Cut(strings.ToUpper(part), ".")
	switch name {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(name) == 4 && (strings.HasPrefix(name, "COM") || strings.HasPrefix(name, "LPT")) && name[3] >= '0' && name[3] <= '9'
}
