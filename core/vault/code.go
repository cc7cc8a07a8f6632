package vault

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
)

// codeName is the small file that names recovery slots whose code was perhaps
// never shown. It is written before such a slot is put in force and removed
// when a face says that the person has the code: when the program is killed in
// between, the next opening says that the code on her paper opens nothing. Like
// attempts.json it is not sealed; who removes it hides that warning, and no
// more.
const (
	codeName  = "code.json"
	codeBytes = 4096
)

// codeMark is the content of codeName.
type codeMark struct {
	Untold []string `json:"untold"` // the Check of each slot
}

// with adds the recovery slot of f.
func (m codeMark) with(f *file) codeMark {
	if s, ok := f.slot(Recovery); ok && !slices.Contains(m.Untold, s.Check) {
		m.Untold = append(slices.Clone(m.Untold), s.Check)
	}
	return m
}

// untold reports whether the recovery slot of f is among those named.
func (m codeMark) untold(f *file) bool {
	s, ok := f.slot(Recovery)
	return ok && slices.Contains(m.Untold, s.Check)
}

func (m codeMark) encode() ([]byte, error) {
	data, err := json.Marshal(m)
	return append(data, '\n'), err
}

// readCodeMark gives what the file says; one that is missing or can't be
// understood says nothing.
func readCodeMark(root *os.Root) codeMark {
	var m codeMark
	data, err := readFile(root, codeName, codeBytes)
	if err != nil || len(data) > codeBytes || json.Unmarshal(data, &m) != nil {
		return codeMark{}
	}
	return m
}

// codesNamed is how many slots are named at most; all but one are not in force
// any more, or never were.
const codesNamed = 8

// saveCode is save for a file with a new recovery code. What was named stays
// so: the change may not come to pass.
func (e *entry) saveCode(f *file) (replaced bool, err error) {
	mark := readCodeMark(e.root).with(f)
	mark.Untold = mark.Untold[max(0, len(mark.Untold)-codesNamed):]
	data, err := mark.encode()
	if err != nil {
		return false, err
	}
	if _, err := replaceFile(e.root, codeName, data, e.o.fault); err != nil {
		return false, unwritable(e.op, f.Name, err)
	}
	return e.save(f)
}

// CodeTold says that the person has the recovery code that was returned with v
// or by Rotate. Until then each opening tells that she may not have it.
func (v *Vault) CodeTold() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.lock == nil {
		return v.lockedProblem(opCode)
	}
	root, err := os.OpenRoot(v.dir)
	if err != nil {
		return unwritable(opCode, v.name, err)
	}
	return tellCode(root, v.name)
}

// CodeTold is Vault.CodeTold for a profile that is closed, as after Recover.
//
// Problems: Conflict when the profile was opened meanwhile, and those of a
// folder that can't be entered or written.
func CodeTold(_ context.Context, home string, id ID, o Options) error {
	e, err := enter(home, id, opCode, o.withDefaults())
	if err != nil {
		return err
	}
	defer e.leave()
	root, err := os.OpenRoot(e.root.Name())
	if err != nil {
		return unwritable(opCode, id.String(), err)
	}
	return tellCode(root, id.String())
}

// tellCode removes the mark and closes root.
func tellCode(root *os.Root, name string) error {
	if err := errors.Join(removeIfThere(root, codeName), root.Close()); err != nil {
		return unwritable(opCode, name, err)
	}
	return nil
}
