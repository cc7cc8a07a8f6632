package raster

import (
	"encoding/xml"
	"errors"
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/assets/beside"
)

// Programs wrote the statistics of band 1 into some of the files themselves,
// some of them before the values were rounded to 32 bits: those agree to half a
// step of such a number.
func TestCellsHaveTheStatisticsGDALWroteBeside(t *testing.T) {
	const half = 1.0 / (1 << 24)
	compared := 0
	for _, name := range beside.Glob(t, "data/rasters/*.tif") {
		r, err := Open(path.Base(name), beside.Read(t, name), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var m metadata
		if xml.Unmarshal([]byte(r.page.Text(tagMetadata)), &m) != nil {
			continue
		}
		n, low, high, sum := 0.0, math.Inf(1), math.Inf(-1), 0.0
		for _, v := range window(t, r, 0, 0, 0, r.Width, r.Height) {
			if !math.IsNaN(v) {
				n, low, high, sum = n+1, min(low, v), max(high, v), sum+v
			}
		}
		got := map[string]float64{"STATISTICS_MINIMUM": low, "STATISTICS_MAXIMUM": high, "STATISTICS_MEAN": sum / n}
		for _, item := range m.Items {
			want, err := strconv.ParseFloat(strings.TrimSpace(item.Text), 64)
			if v, ok := got[item.Name]; ok && err == nil {
				compared++
				if math.Abs(v-want) > half*math.Abs(want) {
					t.Errorf("%s: %s is %.14g, GDAL has %.14g", name, item.Name, v, want)
				}
			}
		}
	}
	if compared < 9 {
		t.Errorf("only %d statistics were compared", compared)
	}
}

// The rasters of the collections: size, bands, type and reference system as
// GDAL 3.6.2 has them. The JPEG one is refused by name.
func TestCorpora(t *testing.T) {
	files := beside.Corpora(t, func(name string) bool { return strings.HasSuffix(name, ".tif") })
	if len(files) != 2 {
		t.Errorf("%d files", len(files))
	}
	for _, c := range files {
		beside.WithinMemory(t, c, len(c.Data), func() {
			ours, verdict := outcome(t, c)
			beside.Outcome(t, c, ours, verdict)
		})
	}
}

func outcome(t *testing.T, c beside.Corpus) (ours, verdict string) {
	t.Helper()
	r, err := Open(path.Base(c.Name), c.Data, Options{})
	if err == nil {
		rows := min(r.Height, 64)
		err = r.Cells().Window(t.Context(), 0, 0, 0, r.Width, rows, make([]float64, r.Width*rows))
	}
	if e := new(Error); errors.As(err, &e) && strings.HasSuffix(c.Name, "jpeg.tif") && strings.Contains(e.Detail, "JPEG") && e.Hint != "" {
		return err.Error(), beside.Refused
	}
	if err != nil {
		return err.Error(), beside.Wrong
	}
	ours = fmt.Sprintf("%dx%d bands=%d %s", r.Width, r.Height, len(r.Bands), r.Type)
	if !strings.HasPrefix(c.Reference, ours) || r.CRS.String() != c.CRS {
		return ours + " in " + r.CRS.String(), beside.Wrong
	}
	return ours + " in " + r.CRS.String(), beside.Same
}
