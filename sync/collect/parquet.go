package collect

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/paulmach/orb/encoding/wkb"
)

// nothing is Hive's word for a partition without a value, which engines read as
// NULL.
const nothing = "__HIVE_DEFAULT_PARTITION__"

// partition names the folder of a partition, with the signs that Hive escapes
// escaped as it does.
func partition(key string, value *string) string {
	if value == nil {
		return key + "=" + nothing
	}
	var out strings.Builder
	for _, b := range []byte(*value) {
		if b < ' ' || b == 0x7f || strings.IndexByte(`"#%'*/:=?\{}[]^<>|`, b) >= 0 {
			fmt.Fprintf(&out, "%%%02X", b)
		} else {
			out.WriteByte(b)
		}
	}
	return key + "=" + out.String()
}

// writeRows writes rows as one Parquet file of the data set. geo is the
// metadata of GeoParquet, "" where the rows have no geometry.
func writeRows[T any](d *dataset, t *taken, name string, rows []T, geo string) error {
	var out bytes.Buffer
	options := []parquet.WriterOption{parquet.Compression(&parquet.Zstd), parquet.CreatedBy("chatmrpt", "collect", "1")}
	if geo != "" {
		options = append(options, parquet.KeyValueMetadata("geo", geo))
	}
	w := parquet.NewGenericWriter[T](&out, options...)
	if _, err := w.Write(rows); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return d.write(t, name, out.Bytes())
}

// geoColumn and geoFile are the metadata of GeoParquet 1.1.0
// (geoparquet.org/releases/v1.1.0). Without a crs the coordinates are OGC:CRS84:
// longitude and latitude in WGS 84.
type geoColumn struct {
	Encoding string    `json:"encoding"`
	Types    []string  `json:"geometry_types"`
	BBox     []float64 `json:"bbox,omitempty"`
}

type geoFile struct {
	Version string               `json:"version"`
	Primary string               `json:"primary_column"`
	Columns map[string]geoColumn `json:"columns"`
}

func geoMetadata(rows []Ward) string {
	column := geoColumn{Encoding: "WKB", Types: []string{"MultiPolygon"}}
	low, high := [2]float64{math.Inf(1), math.Inf(1)}, [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, w := range rows {
		if w.Geometry == nil {
			continue
		}
		g, err := wkb.Unmarshal(w.Geometry)
		if err != nil || g.Bound().IsEmpty() {
			continue // it was written by us; an empty area has no bounds
		}
		b := g.Bound()
		for i := range 2 {
			low[i], high[i] = min(low[i], b.Min[i]), max(high[i], b.Max[i])
		}
	}
	if low[0] <= high[0] {
		column.BBox = []float64{low[0], low[1], high[0], high[1]}
	}
	text, err := json.Marshal(geoFile{Version: "1.1.0", Primary: "geometry", Columns: map[string]geoColumn{"geometry": column}})
	if err != nil {
		return "" // numbers that are finite always can be written
	}
	return string(text)
}
