package tiff

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/image/tiff/lzw"
)

// maxChunk is the most bytes a strip or tile may unpack to. Some writers put a
// whole national raster into one strip.
const maxChunk = 512 << 20

// Most bytes that one packed byte can stand for: a 12-bit LZW code for a
// string of 4,096, deflate's limit, two PackBits bytes for 128.
const (
	ratioLZW     = 4096
	ratioDeflate = 1032
	ratioBits    = 64
)

// chunk unpacks strip or tile i. A chunk that is not in the file at all (a
// sparse file) is nil.
func (p *Page) chunk(i int) ([]byte, error) {
	size, _ := p.chunkSize(p.rowsOf(i)) // checked for whole chunks
	at, n := p.offsets.uint(i, 0), p.counts.uint(i, 0)
	if p.counts.count == 0 { // old writers leave the sizes out where nothing is packed
		n = uint64(size)
	}
	if at == 0 || n == 0 {
		return nil, nil
	}
	packed, err := p.file.slice(at, n)
	if err != nil {
		return nil, err
	}
	out, err := p.unpack(packed, size)
	if err != nil {
		return nil, fmt.Errorf("piece %d of the image: %w", i+1, err)
	}
	p.unpredict(out)
	return out, nil
}

// rowsOf is the number of rows in chunk i: the last strip may be shorter,
// tiles never are.
func (p *Page) rowsOf(i int) int {
	if p.tiled {
		return p.chunkHeight
	}
	row := i % (p.across * p.down) // across is 1
	return min(p.chunkHeight, p.Height-row*p.chunkHeight)
}

var errShort = errors.New("it holds less than it announces")

// unpack gives exactly size bytes of a chunk, in memory of their own where
// they are changed later.
func (p *Page) unpack(packed []byte, size int) ([]byte, error) {
	switch p.compression {
	case packLZW:
		r := lzw.NewReader(bytes.NewReader(packed), lzw.MSB, 8)
		defer r.Close() // only reading: nothing is lost by not hearing of a failed close
		return readAll(r, size, len(packed)*ratioLZW)
	case packDeflate, packDeflate2:
		r, err := zlib.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, err
		}
		return readAll(r, size, len(packed)*ratioDeflate)
	case packBits:
		return unpackBits(packed, size)
	}
	if len(packed) < size {
		return nil, errShort
	}
	if p.predictor == 1 {
		return packed[:size], nil
	}
	return bytes.Clone(packed[:size]), nil
}

// readAll reads size bytes. It takes no memory where the packed bytes can't
// stand for so many.
func readAll(r io.Reader, size, most int) ([]byte, error) {
	if size > most {
		return nil, errShort
	}
	out := make([]byte, size)
	if n, err := io.ReadFull(r, out); n < size {
		if err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errShort
		}
		return nil, err
	}
	return out, nil
}

// unpackBits is PackBits (TIFF 6.0, section 9).
func unpackBits(packed []byte, size int) ([]byte, error) {
	if size > len(packed)*ratioBits {
		return nil, errShort
	}
	out := make([]byte, 0, size)
	for len(packed) > 1 && len(out) < size {
		n := int(int8(packed[0]))
		switch {
		case n >= 0 && len(packed) > n+1:
			out = append(out, packed[1:n+2]...)
			packed = packed[n+2:]
		case n >= 0:
			return nil, errShort
		case n == -128:
			packed = packed[1:]
		default:
			out = append(out, bytes.Repeat(packed[1:2], 1-n)...)
			packed = packed[2:]
		}
	}
	if len(out) < size {
		return nil, errShort
	}
	return out[:size], nil
}

// unpredict turns differences back into numbers, row by row.
func (p *Page) unpredict(chunk []byte) {
	size := p.rowBytes()
	switch p.predictor {
	case 2:
		for ; len(chunk) >= size; chunk = chunk[size:] {
			p.addUp(chunk[:size])
		}
	case 3:
		tmp := make([]byte, size)
		for ; len(chunk) >= size; chunk = chunk[size:] {
			p.joinBytes(chunk[:size], tmp)
		}
	}
}

// addUp is horizontal differencing undone (TIFF 6.0, section 14): each sample
// is the difference to the one of the same band to its left.
func (p *Page) addUp(row []byte) {
	n, order := p.inChunk(), p.file.order
	switch p.Bits {
	case 8:
		for i := n; i < len(row); i++ {
			row[i] += row[i-n]
		}
	case 16:
		for i := 2 * n; i < len(row); i += 2 {
			order.PutUint16(row[i:], order.Uint16(row[i:])+order.Uint16(row[i-2*n:]))
		}
	case 32:
		for i := 4 * n; i < len(row); i += 4 {
			order.PutUint32(row[i:], order.Uint32(row[i:])+order.Uint32(row[i-4*n:]))
		}
	case 64:
		for i := 8 * n; i < len(row); i += 8 {
			order.PutUint64(row[i:], order.Uint64(row[i:])+order.Uint64(row[i-8*n:]))
		}
	}
}

// joinBytes is the floating-point predictor undone (technical note 3): the
// bytes of all samples lie most significant first, one significance after the
// other, and as differences. They are put back in the file's order.
func (p *Page) joinBytes(row, tmp []byte) {
	n, size := p.inChunk(), p.Bits/8
	for i := n; i < len(row); i++ {
		row[i] += row[i-n]
	}
	copy(tmp, row)
	samples := len(row) / size
	for k := range size {
		to := size - 1 - k
		if p.file.order == binary.BigEndian {
			to = k
		}
		for i := range samples {
			row[i*size+to] = tmp[k*samples+i]
		}
	}
}
