package place

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/csv"
	"io"
	"slices"
	"strings"
	"testing"

	"chatmrpt/assets/beside"
)

func unzipOne(t testing.TB, b []byte, suffix string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, suffix) {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			out, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
	}
	t.Fatalf("no %s in the archive", suffix)
	return nil
}

// dbfRows reads the attribute table of a shapefile, enough of it for a test.
func dbfRows(b []byte) []map[string]string {
	n := int(binary.LittleEndian.Uint32(b[4:]))
	head, size := int(binary.LittleEndian.Uint16(b[8:])), int(binary.LittleEndian.Uint16(b[10:]))
	var names []string
	var widths []int
	for o := 32; b[o] != '\r'; o += 32 {
		name, _, _ := strings.Cut(string(b[o:o+11]), "\x00")
		names, widths = append(names, name), append(widths, int(b[o+16]))
	}
	rows := make([]map[string]string, n)
	for i := range rows {
		rows[i] = map[string]string{}
		p := head + i*size + 1
		for j, w := range widths {
			rows[i][names[j]] = strings.TrimSpace(string(b[p : p+w]))
			p += w
		}
	}
	return rows
}

// nationalUnits are the 9,367 derived wards of Nigeria.
func nationalUnits(t testing.TB) []Unit {
	rows := dbfRows(unzipOne(t, beside.Read(t, "data/nigeria/nga_wards_9367.zip"), ".dbf"))
	units := make([]Unit, len(rows))
	for i, r := range rows {
		units[i] = Unit{State: r["StateName"], LGA: r["LGAName"], Ward: r["WardName"], Code: r["WardCode"]}
	}
	return units
}

func kanoUnits(t testing.TB) []Unit {
	var layer struct {
		Features []struct {
			Properties struct{ StateName, LGAName, WardName, WardCode string }
		}
	}
	beside.JSON(t, "data/nigeria/kano_wards.geojson", &layer)
	var units []Unit
	for _, f := range layer.Features {
		p := f.Properties
		units = append(units, Unit{p.StateName, p.LGAName, p.WardName, p.WardCode})
	}
	return units
}

// wardPoints are the 8,809 ward names of the electoral commission.
func wardPoints(t testing.TB) []Unit {
	var points []struct{ State, LGA, Ward string }
	beside.JSON(t, "data/nigeria/ward_points.json", &points)
	units := make([]Unit, len(points))
	for i, p := range points {
		units[i] = Unit{State: p.State, LGA: p.LGA, Ward: p.Ward}
	}
	return units
}

// givenFrom counts the distinct triples of a table's geography columns.
func givenFrom(t testing.TB, r io.Reader, columns ...string) []Given {
	t.Helper()
	in := csv.NewReader(r)
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		t.Fatal(err)
	}
	var at []int
	for _, c := range columns {
		at = append(at, slices.Index(head, c))
	}
	count := map[Given]int{}
	for {
		rec, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		count[Given{State: strings.Clone(rec[at[0]]), LGA: strings.Clone(rec[at[1]]), Ward: strings.Clone(rec[at[2]])}]++
	}
	var out []Given
	for g, n := range count {
		g.Rows = n
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b Given) int {
		return cmp.Or(cmp.Compare(a.State, b.State), cmp.Compare(a.LGA, b.LGA), cmp.Compare(a.Ward, b.Ward))
	})
	return out
}

func nationalGiven(t testing.TB) []Given {
	return givenFrom(t, bytes.NewReader(beside.Read(t, "reference/tpr/pandas_ward_tpr_300k.csv.gz")), "orgunitlevel2", "orgunitlevel3", "orgunitlevel4")
}

func kanoGiven(t testing.TB) []Given {
	return givenFrom(t, bytes.NewReader(beside.Read(t, "data/facility/nmep_tpr_kano.csv")),
		"orgunitlevel2", "orgunitlevel3", "orgunitlevel4")
}

// dbfUnits reads the units of a zipped shapefile that names wards only.
func dbfUnits(t testing.TB, name string) []Unit {
	var units []Unit
	for _, r := range dbfRows(unzipOne(t, beside.Read(t, name), ".dbf")) {
		units = append(units, Unit{Ward: r["WardName"], Code: r["WardCode"]})
	}
	return units
}

func wardColumn(t testing.TB, name string) []Given {
	t.Helper()
	records := beside.CSV(t, name)
	at := slices.Index(records[0], "WardName")
	var out []Given
	for _, rec := range records[1:] {
		out = append(out, Given{Ward: rec[at], Rows: 1})
	}
	return out
}

func tally(rep Report) map[Decision]int {
	out := map[Decision]int{}
	for _, l := range rep.Links {
		out[l.Decision]++
	}
	return out
}

// TestKanoFacilityFile links all wards of the DHIS2-like facility file, each
// to the unit of its own LGA and name.
func TestKanoFacilityFile(t *testing.T) {
	units, given := kanoUnits(t), kanoGiven(t)
	rep := match(t, units, given)
	checkReport(t, rep, units)
	if n := tally(rep)[Accepted]; n != 479 || len(given) != 479 || len(rep.UnusedUnits) != 0 || rep.MatchedRows != 15264 {
		t.Errorf("%d of %d accepted, %d rows, unused %v", n, len(given), rep.MatchedRows, rep.UnusedUnits)
	}
	for _, l := range rep.Links {
		if l.Unit < 0 {
			continue
		}
		u := units[l.Unit]
		if "kn "+u.LGA+" Local Government Area" != l.Given.LGA || "kn "+u.Ward+" Ward" != l.Given.Ward {
			t.Errorf("%v went to %v", l.Given, u)
		}
	}
}

// TestNationalFacilityFile: all but the 19 names that two units of one LGA
// share, which only a code could tell apart.
func TestNationalFacilityFile(t *testing.T) {
	units, given := nationalUnits(t), nationalGiven(t)
	rep := match(t, units, given)
	checkReport(t, rep, units)
	if n := tally(rep); n[Accepted] != 9329 || n[Review] != 19 || len(rep.UnusedUnits) != 38 {
		t.Errorf("%v, %d unused", n, len(rep.UnusedUnits))
	}
	for _, l := range rep.Links {
		if l.Decision == Review && (len(l.Candidates) != 2 || l.Candidates[0].Score != 1) {
			t.Errorf("%+v", l)
		}
	}
}

func TestNationalLayerMatchesItselfByCode(t *testing.T) {
	units := nationalUnits(t)
	given := make([]Given, len(units))
	for i, u := range units {
		given[i] = Given{u.State, u.LGA, u.Ward, u.Code, 1}
	}
	for i, l := range match(t, units, given).Links {
		if l.Unit != i || l.Score != 1 {
			t.Fatalf("%v went to %d (%s)", units[i], l.Unit, l.Why)
		}
	}
}

// TestTwoEditionsOfTheLGAs links the electoral commission's wards to the derived layer,
// whose LGAs come from another source and are spelt otherwise 110 times or
// numbered ("Bassa2"). A seventh of the derived wards lies in another LGA than
// the commission says; those must be offered, not linked.
func TestTwoEditionsOfTheLGAs(t *testing.T) {
	units := nationalUnits(t)
	var given []Given
	for _, p := range wardPoints(t) {
		given = append(given, Given{p.State, p.LGA, p.Ward, "", 1})
	}
	rep := match(t, units, given)
	checkReport(t, rep, units)
	n := tally(rep)
	t.Logf("%v", n)
	if n[Accepted] < 7500 || n[Unmatched] > 180 {
		t.Errorf("%v: fewer LGAs were understood than before", n)
	}
}

// TestTablesOfWardNamesAlone: the predecessors' demonstration files name
// neither state nor LGA. What is exact and unique links; a misspelling is only
// offered, its right unit first.
func TestTablesOfWardNamesAlone(t *testing.T) {
	kano := dbfUnits(t, "data/mrpt/Kano_metro_ward_sixLGAs.zip")
	rep := match(t, kano, wardColumn(t, "data/mrpt/dummy_data.csv"))
	checkReport(t, rep, kano)
	misspelt := map[string]string{"Fagg c": "Fagge C", "Gawunab": "Gawuna", "zaitawai": "Zaitawa"}
	for _, l := range rep.Links {
		want, open := misspelt[l.Given.Ward]
		if open != (l.Decision == Review) || (open && kano[l.Candidates[0].Unit].Ward != want) {
			t.Errorf("%q: %s (%s)", l.Given.Ward, l.Decision, l.Why)
		}
	}
	if n := tally(rep); n[Accepted] != 63 || n[Review] != 3 {
		t.Errorf("Kano: %v", n)
	}
	ilorin := dbfUnits(t, "data/ilorin/Ilorin_3LGA.zip")
	if n := tally(match(t, ilorin, wardColumn(t, "data/ilorin/scoring_data02.csv"))); n[Accepted] != 35 {
		t.Errorf("Ilorin: %v", n)
	}
}
