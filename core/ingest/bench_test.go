package ingest

import (
	"testing"
)

// The budgets of the design for 300,000 rows: CSV 6 s, XLSX 25 s, at 30
// columns; these files have 21.

func BenchmarkCSV300k(b *testing.B)  { benchmarkRead(b, "data/facility/nmep_tpr_300k.csv.gz") }
func BenchmarkXLSX300k(b *testing.B) { benchmarkRead(b, "data/facility/nmep_tpr_300k.xlsx") }

func benchmarkRead(b *testing.B, name string) {
	data := shared(b, name)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		r, err := Read(b.Context(), name, data, Options{})
		if err != nil {
			b.Fatalf("%+v", err)
		}
		b.ReportMetric(float64(r.Table.Rows()), "rows")
	}
}
