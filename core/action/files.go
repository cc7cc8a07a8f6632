package action

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"chatmrpt/core/problem"
	"chatmrpt/core/whole"
)

// maxFile bounds an input file: far above a national year of facility data,
// within the memory of a weak laptop.
const maxFile = 512 << 20

// inputFile is a file the user pointed to, wholly read.
type inputFile struct {
	name string // base name; the folder is nobody's business and not kept
	data []byte
	hash string // SHA-256, hexadecimal
}

// newInputFile makes an input of bytes that are already at hand.
func newInputFile(name string, data []byte) inputFile {
	sum := sha256.Sum256(data)
	return inputFile{name: name, data: data, hash: hex.EncodeToString(sum[:])}
}

func readFile(op, path string) (inputFile, error) {
	f := inputFile{name: filepath.Base(path)}
	r, err := os.Open(path)
	if err != nil {
		return f, openProblem(op, f.name, err)
	}
	defer r.Close()
	info, err := r.Stat()
	switch {
	case err != nil:
		return f, openProblem(op, f.name, err)
	case info.IsDir():
		return f, problem.New(problem.BadInput, op, f.name, "it is a folder, not a file", "Name the files in it")
	case info.Size() > maxFile:
		return f, tooLarge(op, f.name)
	}
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1)) // a pipe, or a file that grows, has more than Stat says
	switch {
	case err != nil:
		return f, openProblem(op, f.name, err)
	case len(data) > maxFile:
		return f, tooLarge(op, f.name)
	}
	return newInputFile(f.name, data), nil
}

func tooLarge(op, name string) error {
	return problem.New(problem.BadInput, op, name, fmt.Sprintf("it has more than the %d MB that can be read at once", maxFile>>20),
		"Leave out columns or years that are not needed")
}

func openProblem(op, name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return problem.New(problem.NotFound, op, name, "there is no such file", "Check the name and the folder").Because(err)
	case errors.Is(err, fs.ErrPermission):
		return problem.New(problem.BadInput, op, name, "the file may not be read", "Copy it to a folder of yours, or ask its owner for the right to read it").Because(err)
	}
	return problem.New(problem.BadInput, op, name, "the file can't be read", "Close other programs that use it and check the drive").Because(err)
}

// save writes the file whole or not at all, so that a failure leaves the old
// one, or none, and a kill no half of it under another name.
func (o output) save(op string) error {
	err := whole.File(o.path, o.write)
	if err == nil || isStop(err) {
		return err
	}
	name := filepath.Base(o.path)
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		return p
	}
	return problem.New(problem.BadInput, op, name, "the file can't be written",
		"Choose a folder that exists and that you may write to, on a drive with room").Because(err)
}

// isStop reports whether err only says that the person stopped the act.
func isStop(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
