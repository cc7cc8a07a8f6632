//go:build cgo

package encvfs

/*
#include <stdint.h>
int encvfs_register(const char *name);
*/
import "C"

import (
	"crypto/rand"
	"fmt"
	"runtime/cgo"
	"unsafe"
)

// vfsName is the name under which SQLite knows the VFS.
const vfsName = "encvfs"

// registerVFS tells SQLite of the VFS. The name is never freed: SQLite keeps
// the pointer as long as the process lives.
func registerVFS() error {
	if rc := C.encvfs_register(C.CString(vfsName)); rc != 0 {
		return fmt.Errorf("encvfs: SQLite refused the VFS (code %d)", int(rc))
	}
	return nil
}

// The functions below are what the C side calls. They get lengths from C that
// are constants of the format, never numbers read from a file.

//export encvfsRandom
func encvfsRandom(dst unsafe.Pointer, n C.int) {
	rand.Read(unsafe.Slice((*byte)(dst), int(n)))
}

//export encvfsHasKey
func encvfsHasKey(token *C.char) C.int {
	return truth(ring.has(C.GoString(token)))
}

//export encvfsNewSealer
func encvfsNewSealer(token *C.char, kind C.int, salt unsafe.Pointer) C.uintptr_t {
	s, err := ring.sealer(C.GoString(token), unsafe.Slice((*byte)(salt), saltSize), role(kind))
	return handleOf(s, err)
}

//export encvfsNewTempSealer
func encvfsNewTempSealer() C.uintptr_t {
	return handleOf(newTempSealer())
}

//export encvfsFreeSealer
func encvfsFreeSealer(h C.uintptr_t) { cgo.Handle(h).Delete() }

//export encvfsSeal
func encvfsSeal(h C.uintptr_t, unit C.longlong, src unsafe.Pointer, n C.int, dst unsafe.Pointer) C.int {
	s := cgo.Handle(h).Value().(*sealer)
	plain := unsafe.Slice((*byte)(src), int(n))
	sealed := unsafe.Slice((*byte)(dst), int(n)+overhead)
	return truth(s.seal(sealed, uint64(unit), plain))
}

//export encvfsUnseal
func encvfsUnseal(h C.uintptr_t, unit C.longlong, src unsafe.Pointer, n C.int, dst unsafe.Pointer) C.int {
	s := cgo.Handle(h).Value().(*sealer)
	sealed := unsafe.Slice((*byte)(src), int(n))
	plain := unsafe.Slice((*byte)(dst), int(n)-overhead)
	return truth(s.open(plain, uint64(unit), sealed))
}

// handleOf gives C a number for s; 0 means that there is no key.
func handleOf(s *sealer, err error) C.uintptr_t {
	if err != nil {
		return 0
	}
	return C.uintptr_t(cgo.NewHandle(s))
}

func truth(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
