package boundary

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"chatmrpt/geo/feature"
)

// Limits of an archive. Attribute tables are mostly blanks and shrink to a
// hundredth, so the ratio counts only beyond what any computer can hold.
const (
	maxEntries  = 10_000
	maxInflated = 1 << 30
	maxRatio    = 200
	alwaysTaken = 64 << 20
)

// isZip goes by the content, and by the name for files too short to tell.
func isZip(f File) bool {
	return bytes.HasPrefix(f.Data, []byte("PK\x03\x04")) || bytes.HasPrefix(f.Data, []byte("PK\x05\x06")) ||
		extension(f.Name) == ".zip" || extension(f.Name) == ".kmz"
}

// readZip reads the one data set in an archive.
func readZip(ctx context.Context, files []File, asked wish) (*feature.Layer, error) {
	inside, err := unpack(ctx, files[0])
	if err != nil {
		return nil, err
	}
	read, chosen, err := chooseLoose(inside)
	if err != nil {
		return nil, err
	}
	return read(ctx, chosen, asked)
}

// unpack inflates the entries of an archive that matter to a reader. Others
// keep their name and no content, so that messages can name them.
func unpack(ctx context.Context, f File) ([]File, error) {
	archive, err := zip.NewReader(bytes.NewReader(f.Data), int64(len(f.Data)))
	if err != nil {
		return nil, &Error{File: base(f.Name), Detail: "it isn't a whole .zip archive", Err: err,
			Hint: "copy or download it again; if it opens elsewhere, unpack it and give the parts"}
	}
	entries, err := listEntries(f, archive)
	if err != nil {
		return nil, err
	}
	budget := min(maxInflated, max(alwaysTaken, maxRatio*int64(len(f.Data))))
	if e := announcesTooMuch(entries, budget); e != nil { // before any memory is taken
		return nil, e
	}
	out := make([]File, 0, len(entries))
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		content, err := inflate(e, budget, len(f.Data))
		if err != nil {
			return nil, err
		}
		budget -= int64(len(content))
		out = append(out, File{Name: e.Name, Data: content})
	}
	if len(out) == 0 {
		return nil, &Error{File: base(f.Name), Detail: "the archive is empty", Hint: hintFormats}
	}
	return out, nil
}

// announcesTooMuch is the problem of an archive that says itself that it
// unpacks to more than budget. An entry that unpacks to more than it says is
// refused while it does.
func announcesTooMuch(entries []*zip.File, budget int64) *Error {
	var sum uint64
	for _, e := range entries {
		if isWanted(e.Name) {
			if sum += e.UncompressedSize64; sum > uint64(budget) || e.UncompressedSize64 > uint64(budget) {
				return swells(e.Name)
			}
		}
	}
	return nil
}

func swells(entry string) *Error {
	return &Error{File: entry, Detail: "it grows beyond all measure when unpacked", Hint: "don't trust this archive; ask its sender, or give the files unpacked"}
}

// isWanted reports whether a reader may want an entry.
func isWanted(name string) bool {
	switch extension(name) {
	case ".shp", ".dbf", ".shx", ".prj", ".cpg", ".geojson", ".json", ".topojson", ".gpkg", ".kml":
		return true
	}
	return false
}

// listEntries checks the names of all entries and leaves out folders and the
// side files of macOS.
func listEntries(f File, archive *zip.Reader) ([]*zip.File, error) {
	if len(archive.File) > maxEntries {
		return nil, &Error{File: base(f.Name), Detail: fmt.Sprintf("the archive holds %d files", len(archive.File)),
			Hint: "pack only the parts of one shapefile"}
	}
	var out []*zip.File
	for _, e := range archive.File {
		if climbs(e.Name) {
			return nil, &Error{File: base(f.Name), Detail: fmt.Sprintf("the entry %q would leave the archive's folder", e.Name),
				Hint: "don't trust this archive; ask its sender, or pack the files again yourself"}
		}
		if !strings.HasSuffix(e.Name, "/") && !isJunk(e.Name) {
			out = append(out, e)
		}
	}
	return out, nil
}

// climbs reports whether a name, taken as a path on any system, could point
// outside the folder it is unpacked in.
func climbs(name string) bool {
	return strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\\\x00") ||
		(len(name) > 1 && name[1] == ':') || slices.Contains(strings.Split(name, "/"), "..")
}

// isJunk knows the entries that macOS and Windows add unasked.
func isJunk(name string) bool {
	return strings.HasPrefix(name, "__MACOSX/") || strings.Contains(name, "/__MACOSX/") ||
		strings.HasPrefix(base(name), ".")
}

// inflate reads an entry of at most budget bytes from an archive of a size. An
// entry no reader wants is not inflated.
func inflate(e *zip.File, budget int64, size int) ([]byte, error) {
	if !isWanted(e.Name) {
		return nil, nil
	}
	if e.Flags&1 != 0 {
		return nil, &Error{File: e.Name, Detail: "it is encrypted", Hint: "pack the files again without a password"}
	}
	r, err := e.Open()
	if err != nil {
		return nil, &Error{File: e.Name, Detail: "it can't be unpacked", Hint: "pack the files again with the usual method (deflate)", Err: err}
	}
	defer r.Close() // only reading: nothing is lost by not hearing of a failed close
	var out bytes.Buffer
	// The size an entry claims counts only as far as the archive can back it.
	out.Grow(int(min(e.UncompressedSize64, 8*uint64(size), uint64(budget))) + bytes.MinRead)
	n, err := io.Copy(&out, io.LimitReader(r, budget+1))
	if n > budget {
		return nil, swells(e.Name)
	}
	if err != nil {
		return nil, &Error{File: e.Name, Detail: "it is damaged inside the archive", Hint: "copy or download the archive again", Err: err}
	}
	return out.Bytes(), nil
}
