package action

import (
	"compress/gzip"
	"io"
	"os"
	"testing"
)

// BenchmarkImport300k is the whole act on the national year: read, recognised,
// encoded, sealed and committed. The budget of the design is 6 s.
func BenchmarkImport300k(b *testing.B) {
	packed, err := os.Open("../../../shared/data/facility/nmep_tpr_300k.csv.gz")
	if err != nil {
		b.Skip("needs the shared reference files, which are not part of the repository")
	}
	defer packed.Close()
	z, err := gzip.NewReader(packed)
	if err != nil {
		b.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		b.Fatal(err)
	}
	desk := newBench(b)
	file := desk.write("national.csv", string(data))
	for b.Loop() {
		desk.do(&Import{Files: []string{file}})
	}
}
