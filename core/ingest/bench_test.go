package ingest

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"chatmrpt/assets/beside"
	"chatmrpt/core/table"
	"chatmrpt/core/table/change"
)

// The budgets of the design for 300,000 rows of 30 columns: CSV 6 s, XLSX
// 25 s, 600 MB. The shared files have 21 columns of small counts; the made-up
// one has 30, nine of them decimals that hardly ever repeat.

func BenchmarkCSV300k(b *testing.B) {
	benchmarkRead(b, beside.Read(b, "data/facility/nmep_tpr_300k.csv.gz"))
}

func BenchmarkXLSX300k(b *testing.B) {
	benchmarkRead(b, beside.Read(b, "data/facility/nmep_tpr_300k.xlsx"))
}

// BenchmarkPeer reads the two files that pandas read for
// reference/timings/timings.json (tpr_pandas_csv_300k, tpr_pandas_xlsx_300k) and
// reports the processor's seconds, which are comparable on a busy machine, and
// the most memory that was in use above that of the file.
func BenchmarkPeer(b *testing.B) {
	for _, c := range []struct{ name, file string }{{"csv", "data/facility/nmep_tpr_300k.csv.gz"}, {"xlsx", "data/facility/nmep_tpr_300k.xlsx"}} {
		b.Run(c.name, func(b *testing.B) {
			data := beside.Read(b, c.file)
			for b.Loop() {
				runtime.GC()
				most, used := watchMemory(b.Context()), processorTime(b)
				if _, err := Read(b.Context(), "benchmark", data, Options{}); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric((processorTime(b) - used).Seconds(), "cpu-s")
				b.ReportMetric(float64(most())/1e6, "peak-MB")
			}
		})
	}
}

// watchMemory samples the memory in use until the function it returns is
// called, which gives the most above that at the start.
func watchMemory(ctx context.Context) func() uint64 {
	ctx, stop := context.WithCancel(ctx)
	result := make(chan uint64)
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	start := inUse()
	go func() {
		often := time.NewTicker(5 * time.Millisecond)
		defer often.Stop()
		most := start
		for ctx.Err() == nil {
			most = max(most, inUse())
			select {
			case <-often.C:
			case <-ctx.Done():
			}
		}
		result <- most - start
	}()
	return func() uint64 { stop(); return <-result }
}

func BenchmarkCSVBudget(b *testing.B) {
	var buf bytes.Buffer
	eachBudgetRow(func(cells []string) { fmt.Fprintln(&buf, strings.Join(cells, ",")) })
	benchmarkRead(b, buf.Bytes())
}

func BenchmarkXLSXBudget(b *testing.B) {
	benchmarkRead(b, budgetWorkbook(b))
}

func benchmarkRead(b *testing.B, data []byte) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		r, err := Read(b.Context(), "benchmark", data, Options{})
		if err != nil {
			b.Fatal(err)
		}
		if r.Table.Rows() != 300_000 {
			b.Fatalf("%d rows", r.Table.Rows())
		}
	}
}

// eachBudgetRow makes the header and 300,000 rows of 30 columns.
func eachBudgetRow(yield func([]string)) {
	header := []string{"State", "LGA", "Ward", "HealthFacility", "FacilityLevel", "periodname", "rdt_tested_u5", "rdt_positive_u5"}
	for len(header) < 30 {
		header = append(header, fmt.Sprintf("measure %d", len(header)))
	}
	yield(header)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 300_000 {
		row := []string{"Kano", fmt.Sprint("LGA ", i/7000), fmt.Sprint("Ward ", i/60), fmt.Sprint("Clinic ", i/12), "Primary", fmt.Sprintf("2024-%02d", 1+i%12)}
		for len(row) < 21 {
			row = append(row, fmt.Sprint(rng.IntN(200)))
		}
		for len(row) < 30 {
			row = append(row, fmt.Sprint(rng.Float64()*100))
		}
		yield(row)
	}
}

// budgetWorkbook writes the rows as other programs do: texts in common.
func budgetWorkbook(b *testing.B) []byte {
	b.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	part := func(name, content string) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	part("xl/workbook.xml", `<workbook><sheets><sheet name="Data" sheetId="1"/></sheets></workbook>`)
	var sheet, texts strings.Builder
	index := map[string]int{}
	eachBudgetRow(func(cells []string) {
		sheet.WriteString("<row>")
		for i, c := range cells {
			if i >= 6 && c[0] <= '9' {
				fmt.Fprintf(&sheet, "<c><v>%s</v></c>", c)
				continue
			}
			n, ok := index[c]
			if !ok {
				n = len(index)
				index[c] = n
				fmt.Fprintf(&texts, "<si><t>%s</t></si>", c)
			}
			fmt.Fprintf(&sheet, `<c t="s"><v>%d</v></c>`, n)
		}
		sheet.WriteString("</row>")
	})
	part("xl/sharedStrings.xml", "<sst>"+texts.String()+"</sst>")
	part("xl/worksheets/sheet1.xml", "<worksheet><sheetData>"+sheet.String()+"</sheetData></worksheet>")
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
	return buf.Bytes()
}

// BenchmarkChange compares a national file with itself, every row of it
// corrected in one cell: what a re-import costs beside reading.
func BenchmarkChange(b *testing.B) {
	r, err := Read(b.Context(), "benchmark", beside.Read(b, "data/facility/nmep_tpr_300k.csv.gz"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	corrected := &table.Table{Name: r.Table.Name}
	for _, c := range r.Table.Columns {
		if c.Role == table.TestedRole(table.RDT, table.Under5) {
			one := table.NewNumber(c.Name)
			for i := range c.Len() {
				v, _ := c.Number(i)
				one.AppendNumber(v + 1)
			}
			one.Role = c.Role
			c = one
		}
		if err := corrected.Add(c); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		used := processorTime(b)
		if c := change.Between(r.Table, corrected); c.Rows != r.Table.Rows() || len(c.Added) != 0 {
			b.Fatalf("%d rows of %d, %d added", c.Rows, r.Table.Rows(), len(c.Added))
		}
		b.ReportMetric((processorTime(b) - used).Seconds(), "cpu-s")
	}
}
