package raster

import (
	"encoding/xml"
	"errors"
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

// reference/corpora.tsv: size, bands and type by GDAL. The JPEG one is refused
// by name.
func TestCorpusAgreesWithGDAL(t *testing.T) {
	compared := 0
	for line := range strings.Lines(string(beside.Read(t, "reference/corpora.tsv"))) {
		c := strings.Split(line, "\t")
		if !strings.HasSuffix(c[0], ".tif") {
			continue
		}
		compared++
		r, err := Open(path.Base(c[0]), beside.Read(t, "data/"+c[0]), Options{})
		if strings.HasSuffix(c[0], "jpeg.tif") {
			if e := new(Error); !errors.As(err, &e) || !strings.Contains(e.Detail, "JPEG") {
				t.Errorf("%s: %v", c[0], err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c[0], err)
			continue
		}
		got := strconv.Itoa(r.Width) + "x" + strconv.Itoa(r.Height) + " bands=" + strconv.Itoa(len(r.Bands)) + " " + r.Type
		if !strings.HasPrefix(c[1], got) || r.CRS.String() != c[2] {
			t.Errorf("%s: %s in %s, GDAL has %s in %s", c[0], got, r.CRS, c[1], c[2])
		}
	}
	if compared != 2 {
		t.Errorf("%d files were compared", compared)
	}
}
