package action_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/vault"
	"chatmrpt/core/vault/vaulttest"
	"chatmrpt/core/workspace"
)

// BenchmarkImport300k is the whole act on the national year: read, recognised,
// encoded, sealed and committed. The budget of the design is 6 s.
func BenchmarkImport300k(b *testing.B) {
	csv := unzipped(b, "../../../shared/data/facility/nmep_tpr_300k.csv.gz")
	v, _, err := vault.Create(b.Context(), b.TempDir(), "Amina", []byte("correct horse battery"), vaulttest.Cheap(b))
	if err != nil {
		b.Fatal(err)
	}
	w, err := workspace.FromVault(b.Context(), v, workspace.Options{Project: "p", Version: "bench", Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := w.Close(); err != nil {
			b.Error(err)
		}
	})
	for b.Loop() {
		if _, err := action.Do(b.Context(), w, "import", &action.Import{Files: []string{csv}}, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// unzipped unpacks a shared file into the benchmark's folder.
func unzipped(b *testing.B, path string) string {
	b.Helper()
	in, err := os.Open(path)
	if err != nil {
		b.Skip("needs the shared reference files, which are not part of the repository")
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		b.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		b.Fatal(err)
	}
	out := filepath.Join(b.TempDir(), "national.csv")
	if err := os.WriteFile(out, data, 0o600); err != nil {
		b.Fatal(err)
	}
	return out
}
