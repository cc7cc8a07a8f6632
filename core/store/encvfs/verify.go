package encvfs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// VerifyFile authenticates every page of a database file without SQLite and
// returns the numbers (from 1) of the pages that fail; a wrong key fails all.
// The database must be closed: pages still in a -wal are not seen, and on
// Unix closing the file here would take away the locks that a connection of
// this process holds on it.
func VerifyFile(ctx context.Context, path string, key []byte) ([]int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("encvfs: verify: %w", err)
	}
	defer f.Close()
	bad, err := VerifyPages(ctx, f, key)
	if err != nil {
		return bad, fmt.Errorf("encvfs: verify %s: %w", path, err)
	}
	return bad, nil
}

// VerifyPages does what [VerifyFile] does for the bytes of a database file. A
// page cut short by the end fails. An empty file, or one of the salt alone,
// has no pages. The page at 1 GiB, which SQLite leaves unwritten for its lock
// bytes, is passed over.
func VerifyPages(ctx context.Context, r io.Reader, key []byte) ([]int64, error) {
	in := bufio.NewReaderSize(r, 64*pageSize)
	salt, err := in.Peek(saltSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	aead, err := subKey(key, salt, roleMain)
	if err != nil {
		return nil, err
	}
	if onlySalt(in) {
		return nil, nil
	}
	return verifyPages(ctx, in, &sealer{aead: aead})
}

// onlySalt reports whether no page follows the salt.
func onlySalt(in *bufio.Reader) bool {
	head, err := in.Peek(saltSize + 1)
	return err != nil && (len(head) == saltSize || len(head) == 0)
}

func verifyPages(ctx context.Context, in io.Reader, s *sealer) (bad []int64, err error) {
	page := make([]byte, pageSize)
	plain := make([]byte, pageSize)
	for no := int64(0); ctx.Err() == nil; no++ {
		n, err := io.ReadFull(in, page)
		if err == io.EOF {
			return bad, nil
		}
		if err != nil && err != io.ErrUnexpectedEOF {
			return bad, fmt.Errorf("page %d: %w", no+1, err)
		}
		if no != lockPage && !s.openPage(plain, no, page[:n]) {
			bad = append(bad, no+1)
		}
	}
	return bad, context.Cause(ctx)
}

// openPage opens page no (from 0) of a main file into dst, which has room for
// a page. The first page begins with the salt, which is not sealed.
func (s *sealer) openPage(dst []byte, no int64, page []byte) bool {
	if len(page) != pageSize {
		return false
	}
	if no == 0 {
		page = page[saltSize:]
	}
	return s.open(dst, uint64(no), page)
}
