//go:build !cgo

package encvfs

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestWithoutCgoNothingOpensAndTheErrorSaysWhy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d, err := Open(t.Context(), path, make([]byte, keySize), Options{})
	if d != nil || err == nil || !strings.Contains(err.Error(), "CGO_ENABLED=1") {
		t.Errorf("%v, %v", d, err)
	}
	if err := (&DB{}).CopyTo(t.Context(), path, make([]byte, keySize)); err == nil {
		t.Error("a copy was made")
	}
}
