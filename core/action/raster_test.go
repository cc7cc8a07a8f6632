package action

import (
	"encoding/json"
	"math"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"chatmrpt/assets/beside"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// national imports the 9,367 wards.
func (b *bench) national() *bench {
	b.t.Helper()
	b.do(&Import{Files: []string{b.shared("data/nigeria/nga_wards_9367.zip")}})
	return b
}

// shared is the path of a file beside the repository.
func (b *bench) shared(name string) string {
	b.t.Helper()
	return filepath.Join(beside.Folder(b.t), filepath.FromSlash(name))
}

// reference/zonal/rasterstats_distance_to_water.csv.gz through the act: by the
// rule of centres every ward has rasterstats' mean, and one without a centre
// has none and says why. The catalogue offers it, and its run names file and
// boundaries.
func TestRasterGivesWardsTheirReferenceValues(t *testing.T) {
	b := newBench(t).national()
	file := b.shared("data/rasters/distance_to_water_static.tif")
	r := b.do(&Import{Files: []string{file}, Rule: "centre", Unit: "m", Name: "water"})
	got := b.table(workspace.KindRaster, "water")
	value, _ := got.Column("water")
	code, _ := got.Column("ward_code")
	why, _ := got.Column("reason")
	missing := 0
	for i, row := range beside.CSV(t, "reference/zonal/rasterstats_distance_to_water.csv.gz")[1:] {
		v, ok := value.Number(i)
		want, err := strconv.ParseFloat(row[2], 64)
		if has := err == nil; code.Format(i) != row[0] || ok != has || has && math.Abs(v-want) > 1e-12*want {
			t.Errorf("row %d, ward %s: %g (%v), want %s of %s", i, code.Format(i), v, ok, row[2], row[0])
		}
		if !ok {
			missing++
			if !strings.Contains(why.Format(i), "no cell's centre") {
				t.Errorf("ward %s has no value because %q", row[0], why.Format(i))
			}
		}
	}
	if missing == 0 || value.Unit != "m" || value.Role != table.RoleVariable || !strings.Contains(value.Origin, "centre is inside, of distance_to_water_static.tif, band 1 (SHA-256 ") {
		t.Errorf("%d without a value, column %+v", missing, value.Origin)
	}
	d := b.latest(workspace.KindRaster, "water")
	if f, err := readFile("import", file); err != nil || d.SourceHash != f.hash {
		t.Errorf("the hash kept is %s (%v)", d.SourceHash, err)
	}
	inputs, err := b.w.Inputs(t.Context(), b.run(r).ID)
	if err != nil || len(inputs) != 1 || inputs[0].Kind != workspace.KindBoundaries {
		t.Errorf("inputs %v, %v", inputs, err)
	}
}

// Two months of soil wetness: the mean of the months' means, ward by ward.
func TestDatesAreSummarised(t *testing.T) {
	b := newBench(t).national()
	one, two := b.shared("data/rasters/soil_wetness_2018_08.tif"), b.shared("data/rasters/soil_wetness_2018_09.tif")
	b.do(&Import{Files: []string{one, two}})
	b.do(&Import{Files: []string{two, one}, Summarise: "mean"})
	august, _ := b.table(workspace.KindRaster, "soil_wetness_2018_08").Column("soil_wetness_2018_08")
	september, _ := b.table(workspace.KindRaster, "soil_wetness_2018_09").Column("soil_wetness_2018_09")
	both, _ := b.table(workspace.KindRaster, "soil_wetness").Column("soil_wetness")
	for i := range both.Len() {
		x, okX := august.Number(i)
		y, okY := september.Number(i)
		v, ok := both.Number(i)
		if !ok || !okX || !okY || math.Abs(v-(x+y)/2) > 1e-12 {
			t.Fatalf("ward %d: %g of %g and %g", i, v, x, y)
		}
	}
	var report rasterReport
	if err := json.Unmarshal(b.latest(workspace.KindRaster, "soil_wetness").Report, &report); err != nil {
		t.Fatal(err)
	}
	if strings.Join(report.Dates, " ") != "2018-08 2018-09" || len(report.Files) != 2 || report.Wards != 9367 || report.Gaps != nil {
		t.Errorf("report %+v", report)
	}
}

// A raster read for earlier boundaries is not offered for later ones, whose
// rows are other wards.
func TestRasterOfOtherBoundariesIsNotOffered(t *testing.T) {
	b := newBench(t)
	state := squares("StateName,LGAName,WardName,evi", "S,L,Afon,0.1", "S,L,Bare,0.2")
	b.do(&Import{Files: []string{b.write("wards.geojson", state)}})
	b.do(&Import{Files: []string{b.shared("data/rasters/rainfall_2021_10.tif")}, Name: "rain"})
	offered := func() bool {
		f, err := loadFrame(t.Context(), b.w, "data")
		if err != nil {
			t.Fatal(err)
		}
		c, err := f.loadCatalogue(t.Context(), b.w, "data")
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.find("data", "rain")
		return err == nil
	}
	if !offered() {
		t.Error("it is not offered")
	}
	b.do(&Import{Files: []string{b.write("wards.geojson", squares("StateName,LGAName,WardName,evi", "S,L,Bare,0.2", "S,L,Afon,0.1"))}})
	if offered() {
		t.Error("the rows of one layer were offered for another")
	}
	if r := b.do(&Data{}); !strings.Contains(strings.Join(r.Notices, "\n"), "raster rain was read for other boundaries") {
		t.Errorf("nothing says so: %q", r.Notices)
	}
}
