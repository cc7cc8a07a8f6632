package tiff

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// maxSide bounds the columns and rows of an image: the globe at 10 m has four
// million.
const maxSide = 1 << 23

// page makes sense of a directory.
func (f file) page(tags map[uint16]entry) (*Page, error) {
	p := &Page{file: f, tags: tags}
	get := func(tag uint16, other uint64) uint64 { return tags[tag].uint(0, other) }
	width, height, bands := get(tagWidth, 0), get(tagHeight, 0), get(tagSamples, 1)
	if width == 0 || height == 0 || bands == 0 || width > maxSide || height > maxSide || bands > math.MaxUint16 {
		return nil, fmt.Errorf("an image of %d × %d cells with %d bands is more than can be read", width, height, bands)
	}
	p.Width, p.Height, p.Bands = int(width), int(height), int(bands)
	subfile := get(tagSubfile, 0)
	p.IsMask, p.IsReduced = subfile&subfileMask != 0, subfile&subfileReduced != 0
	if err := p.setSamples(); err != nil {
		return nil, err
	}
	p.compression, p.predictor = int(get(tagCompression, 1)), int(get(tagPredictor, 1))
	p.planar = get(tagPlanar, 1) == 2
	if err := p.checkPacking(); err != nil {
		return nil, err
	}
	return p, p.setChunks()
}

// setSamples reads what one sample is. All bands must be alike.
func (p *Page) setSamples() error {
	bits, format := p.tags[tagBits].uint(0, 1), p.tags[tagSampleFormat].uint(0, 1)
	if !p.tags[tagBits].same(bits) || !p.tags[tagSampleFormat].same(format) {
		return errors.New("its bands are of different types, which can't be read")
	}
	if format == 4 { // undefined: the specification says to take it as unsigned
		format = 1
	}
	p.Bits, p.Format = int(bits), Format(format)
	switch {
	case p.Format == Float && (bits == 32 || bits == 64):
	case p.Format == Unsigned && (bits == 1 || bits == 2 || bits == 4):
	case (p.Format == Unsigned || p.Format == Signed) && (bits == 8 || bits == 16 || bits == 32 || bits == 64):
	case format == 5 || format == 6:
		return errors.New("it holds complex numbers, which can't be read")
	case p.Format == Float:
		return fmt.Errorf("it holds floating-point numbers of %d bits, which can't be read", bits)
	default:
		return fmt.Errorf("it holds numbers of %d bits, which can't be read", bits)
	}
	if p.tags[tagFillOrder].uint(0, 1) != 1 {
		return errors.New("its bits are stored in reverse order, which can't be read")
	}
	return nil
}

// TypeName is the type of a sample in the words of GDAL: Byte, Int16,
// Float32, ….
func (p *Page) TypeName() string {
	switch {
	case p.Format == Float:
		return fmt.Sprintf("Float%d", p.Bits)
	case p.Format == Unsigned && p.Bits <= 8:
		return "Byte"
	case p.Format == Unsigned:
		return fmt.Sprintf("UInt%d", p.Bits)
	}
	return fmt.Sprintf("Int%d", p.Bits)
}

// Compressions that can be read, and names of those that can't.
const (
	packNone     = 1
	packLZW      = 5
	packDeflate  = 8
	packBits     = 32773
	packDeflate2 = 32946 // the same under its old number
)

func compressionName(n int) string {
	switch n {
	case 2, 3, 4:
		return "CCITT fax"
	case 6, 7:
		return "JPEG"
	case 34712, 33003, 33005:
		return "JPEG 2000"
	case 34887:
		return "LERC"
	case 34925:
		return "LZMA"
	case 50000:
		return "ZSTD"
	case 50001:
		return "WebP"
	case 50002:
		return "JPEG XL"
	}
	return fmt.Sprintf("number %d", n)
}

// UnreadableError is a compression that can't be read.
type UnreadableError struct{ Compression string }

// Error names the compression.
func (e *UnreadableError) Error() string {
	return "its cells are packed by " + e.Compression + " compression, which can't be read"
}

func (p *Page) checkPacking() error {
	switch p.compression {
	case packNone, packLZW, packDeflate, packDeflate2, packBits:
	default:
		return &UnreadableError{compressionName(p.compression)}
	}
	switch {
	case p.predictor == 1:
	case p.predictor == 2 && p.Bits >= 8:
	case p.predictor == 3 && p.Format == Float:
	default:
		return fmt.Errorf("its cells are predicted by rule %d, which doesn't fit %s", p.predictor, p.TypeName())
	}
	return nil
}

// setChunks settles how the image is cut into strips or tiles.
func (p *Page) setChunks() error {
	p.offsets, p.counts = p.tags[tagStripOffsets], p.tags[tagStripCounts]
	w, h := uint64(p.Width), min(p.tags[tagRowsPerStrip].uint(0, uint64(p.Height)), uint64(p.Height))
	if e, ok := p.tags[tagTileOffsets]; ok {
		p.tiled, p.offsets, p.counts = true, e, p.tags[tagTileCounts]
		w, h = p.tags[tagTileWidth].uint(0, 0), p.tags[tagTileHeight].uint(0, 0)
	}
	if w == 0 || h == 0 || w > math.MaxInt32 || h > math.MaxInt32 {
		return fmt.Errorf("pieces of %d × %d cells make no sense", w, h)
	}
	p.chunkWidth, p.chunkHeight = int(w), int(h)
	p.across, p.down = (p.Width+p.chunkWidth-1)/p.chunkWidth, (p.Height+p.chunkHeight-1)/p.chunkHeight
	need := p.across * p.down // under 2^62
	if p.planar && need <= p.offsets.count {
		need *= p.Bands
	}
	if p.offsets.count < need {
		return fmt.Errorf("it says where %d of its %d pieces lie", p.offsets.count, need)
	}
	if most, ok := p.chunkSize(p.chunkHeight); !ok {
		return fmt.Errorf("its pieces of more than %d MB are too large to unpack", most>>20)
	}
	return nil
}

// inChunk is the number of bands that lie side by side in a chunk.
func (p *Page) inChunk() int {
	if p.planar {
		return 1
	}
	return p.Bands
}

// rowBytes is the size of one row of a chunk; rows begin at a whole byte.
func (p *Page) rowBytes() int { return (p.chunkWidth*p.inChunk()*p.Bits + 7) / 8 }

// chunkSize is the unpacked size of a chunk with a number of rows; false when
// it is more than any raster is written with.
func (p *Page) chunkSize(rows int) (int, bool) {
	if p.rowBytes() > maxChunk/rows { // the product may be beyond any integer
		return maxChunk, false
	}
	return p.rowBytes() * rows, true
}

// IsAlpha reports whether a band (from 0) says how opaque a cell is.
func (p *Page) IsAlpha(band int) bool {
	e := p.tags[tagExtraSamples]
	k := e.uint(band-(p.Bands-e.count), 0)
	return k == alphaAssociated || k == alphaNotAssociated
}

// Text is the value of a field of text, "" where there is none.
func (p *Page) Text(tag uint16) string {
	e := p.tags[tag]
	if e.kind != 2 {
		return ""
	}
	text, _, _ := strings.Cut(string(e.raw), "\x00")
	return text
}

// Doubles is the value of a field of floating-point numbers, nil where there
// is none.
func (p *Page) Doubles(tag uint16) []float64 {
	e := p.tags[tag]
	if e.kind != 12 {
		return nil
	}
	out := make([]float64, e.count)
	for i := range out {
		out[i] = math.Float64frombits(e.order.Uint64(e.raw[8*i:]))
	}
	return out
}

// Shorts is the value of a field of small whole numbers, nil where there is
// none.
func (p *Page) Shorts(tag uint16) []uint16 {
	e := p.tags[tag]
	if e.kind != 3 {
		return nil
	}
	out := make([]uint16, e.count)
	for i := range out {
		out[i] = e.order.Uint16(e.raw[2*i:])
	}
	return out
}
