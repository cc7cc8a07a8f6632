// Package tiff reads the numbers of TIFF images: whole numbers of 1 to 64
// bits, floating point of 32 and 64, any count of bands, in strips or tiles, in
// either byte order, classic or BigTIFF, uncompressed or packed with LZW,
// deflate or PackBits, with horizontal or floating-point prediction.
//
// It is our own because the readers in the field take pictures only (no
// floating-point samples) or the whole image at once. What it can't read (JPEG
// and other compressions, complex numbers) is refused by name.
//
// Files are hostile until read: a directory is kept as pointers into the file,
// so a count that lies costs nothing; a strip or tile is unpacked only when
// its cells are asked for, and only to a size that its bytes can hold.
//
// Numbers in the comments are those of the TIFF 6.0 specification (1992), its
// technical note 3 (floating-point predictor) and the BigTIFF design.
package tiff

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Tags that are needed by name.
const (
	tagSubfile         = 254
	tagWidth           = 256
	tagHeight          = 257
	tagBits            = 258
	tagCompression     = 259
	tagFillOrder       = 266
	tagStripOffsets    = 273
	tagSamples         = 277
	tagRowsPerStrip    = 278
	tagStripCounts     = 279
	tagPlanar          = 284
	tagPredictor       = 317
	tagTileWidth       = 322
	tagTileHeight      = 323
	tagTileOffsets     = 324
	tagTileCounts      = 325
	tagExtraSamples    = 338
	tagSampleFormat    = 339
	subfileReduced     = 1
	subfileMask        = 4
	alphaAssociated    = 1
	alphaNotAssociated = 2
)

// maxPages bounds the directories of a file: a raster with its mask and
// overviews has a dozen.
const maxPages = 4096

// Format is what the bits of a sample mean.
type Format int

// The formats, with the numbers of the SampleFormat tag.
const (
	Unsigned Format = 1
	Signed   Format = 2
	Float    Format = 3
)

// Page is one image of a file. It points into the file's bytes and is never
// changed, so several Readers may work on it at once.
type Page struct {
	Width, Height int
	Bands         int
	Bits          int // of one sample
	Format        Format
	IsMask        bool // a transparency mask for the page before it
	IsReduced     bool // an overview, or a mask of one

	layout
	file file
	tags map[uint16]entry
}

// layout is how the samples lie in the file.
type layout struct {
	chunkWidth, chunkHeight int
	across, down            int  // chunks in a row and a column
	planar                  bool // each band in chunks of its own
	tiled                   bool
	compression, predictor  int
	offsets, counts         entry
}

// file is the bytes with what is needed to walk over them.
type file struct {
	data  []byte
	order binary.ByteOrder
	big   bool
}

// entry is one field of a directory.
type entry struct {
	kind  uint16
	count int
	raw   []byte // count × size of kind, within the file
	order binary.ByteOrder
}

// IsTIFF tells a TIFF by its first bytes.
func IsTIFF(data []byte) bool {
	_, err := newFile(data)
	return err == nil
}

func newFile(data []byte) (file, error) {
	f := file{data: data}
	if len(data) < 8 {
		return f, errors.New("it is too short to be a TIFF")
	}
	switch string(data[:2]) {
	case "II":
		f.order = binary.LittleEndian
	case "MM":
		f.order = binary.BigEndian
	default:
		return f, errors.New("it isn't a TIFF")
	}
	switch f.order.Uint16(data[2:]) {
	case 42:
	case 43:
		f.big = true
		if len(data) < 16 || f.order.Uint16(data[4:]) != 8 {
			return f, errors.New("it isn't a TIFF")
		}
	default:
		return f, errors.New("it isn't a TIFF")
	}
	return f, nil
}

// Pages reads the directories of a file. The first is the image; masks and
// overviews follow. The first page must be readable; of the others, those that
// aren't are left out.
func Pages(data []byte) ([]*Page, error) {
	f, err := newFile(data)
	if err != nil {
		return nil, err
	}
	at := uint64(f.order.Uint32(data[4:]))
	if f.big {
		at = f.order.Uint64(data[8:])
	}
	var out []*Page
	seen := map[uint64]bool{}
	for at != 0 && len(seen) < maxPages && !seen[at] {
		seen[at] = true
		tags, next, err := f.directory(at)
		if err == nil {
			var p *Page
			if p, err = f.page(tags); err == nil {
				out = append(out, p)
			}
		}
		if err != nil && len(out) == 0 {
			return nil, err
		}
		at = next
	}
	if len(out) == 0 {
		return nil, errors.New("it holds no image")
	}
	return out, nil
}

// isKnown reports whether a field is of use: those of the image, and those of
// GeoTIFF and GDAL that lie from 33550 on.
func isKnown(tag uint16) bool {
	switch tag {
	case tagSubfile, tagWidth, tagHeight, tagBits, tagCompression, tagFillOrder, tagStripOffsets, tagSamples, tagRowsPerStrip,
		tagStripCounts, tagPlanar, tagPredictor, tagTileWidth, tagTileHeight, tagTileOffsets, tagTileCounts, tagExtraSamples, tagSampleFormat,
		33550, 33922, 34264, 34735, 34736, 34737, 42112, 42113:
		return true
	}
	return false
}

// directory reads the fields of use at an offset and the offset of the next
// directory.
func (f file) directory(at uint64) (map[uint16]entry, uint64, error) {
	countSize, entrySize, nextSize := 2, 12, 4
	if f.big {
		countSize, entrySize, nextSize = 8, 20, 8
	}
	b, err := f.slice(at, uint64(countSize))
	if err != nil {
		return nil, 0, err
	}
	n := uint64(f.order.Uint16(b))
	if f.big {
		n = f.order.Uint64(b)
	}
	if n > uint64(len(f.data)/entrySize) {
		return nil, 0, fmt.Errorf("a directory announces %d fields, but has no room for them", n)
	}
	body, err := f.slice(at+uint64(countSize), n*uint64(entrySize))
	if err != nil {
		return nil, 0, err
	}
	tags := map[uint16]entry{}
	for e := body; len(e) > 0; e = e[entrySize:] {
		tag := f.order.Uint16(e)
		if !isKnown(tag) { // a hostile file has thousands of fields in thousands of directories
			continue
		}
		if v, ok := f.entry(e[:entrySize]); ok {
			tags[tag] = v
		}
	}
	tail, err := f.slice(at+uint64(countSize+len(body)), uint64(nextSize))
	if err != nil {
		return tags, 0, nil // the last directory may lack the offset of a next one
	}
	if f.big {
		return tags, f.order.Uint64(tail), nil
	}
	return tags, uint64(f.order.Uint32(tail)), nil
}

// slice is part of the file.
func (f file) slice(at, size uint64) ([]byte, error) {
	if n := uint64(len(f.data)); at > n || size > n-at {
		return nil, fmt.Errorf("it was cut short: %d bytes at %d lie beyond its end", size, at)
	}
	return f.data[at : at+size : at+size], nil
}

// sizeOf gives the bytes of one value of a field type, 0 for unknown types.
func sizeOf(kind uint16) int {
	switch kind {
	case 1, 2, 6, 7:
		return 1
	case 3, 8:
		return 2
	case 4, 9, 11, 13:
		return 4
	case 5, 10, 12, 16, 17, 18:
		return 8
	}
	return 0
}

// entry reads one field; false for one that points outside the file.
func (f file) entry(e []byte) (entry, bool) {
	kind := f.order.Uint16(e[2:])
	count, value := uint64(f.order.Uint32(e[4:])), e[8:]
	if f.big {
		count, value = f.order.Uint64(e[4:]), e[12:]
	}
	size := uint64(sizeOf(kind))
	if size == 0 || count > uint64(len(f.data)) {
		return entry{}, false
	}
	out := entry{kind: kind, count: int(count), order: f.order}
	if need := size * count; need <= uint64(len(value)) {
		out.raw = value[:need]
		return out, true
	} else if f.big {
		raw, err := f.slice(f.order.Uint64(value), need)
		out.raw = raw
		return out, err == nil
	} else {
		raw, err := f.slice(uint64(f.order.Uint32(value)), need)
		out.raw = raw
		return out, err == nil
	}
}

// uint is value i of a field of whole numbers, other where there is none.
func (e entry) uint(i int, other uint64) uint64 {
	if i < 0 || i >= e.count {
		return other
	}
	switch e.kind {
	case 1, 6, 7:
		return uint64(e.raw[i])
	case 3, 8:
		return uint64(e.order.Uint16(e.raw[2*i:]))
	case 4, 9, 13:
		return uint64(e.order.Uint32(e.raw[4*i:]))
	case 16, 17, 18:
		return e.order.Uint64(e.raw[8*i:])
	}
	return other
}

// same reports whether all values of a field are v; a field that is absent has
// the value.
func (e entry) same(v uint64) bool {
	for i := range e.count {
		if e.uint(i, v) != v {
			return false
		}
	}
	return true
}
