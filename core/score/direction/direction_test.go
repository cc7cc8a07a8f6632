package direction

import (
	"slices"
	"testing"

	"chatmrpt/assets/beside"
)

// The directions of the predecessor's defect record (B9 of its verified list):
// nets were direct, poor housing and distance to care inverse, suburbs urban.
func TestDirectionsThePredecessorGotWrong(t *testing.T) {
	for name, want := range map[string]bool{
		"nets_per_capita": true, "itn_coverage": true, "distance_to_health_facility": false, "distance_to_water": true,
		"urban_percentage": true, "housing_quality": true, "poor_housing_percentage": false, "rainfall": false,
		"settlement_type": false, "test_positivity_rate": false, "suburban_poverty": false, "meanEVI": false, "tpr_u5_new": false,
		"urbanPercentage": true, "distance_to_waterbodies": true, "nighttime_lights": true, "Elevation": true, "u5_tpr_rdt": false,
		"enhanced_vegetation_index": false, "val_housing_15": true, "avgRAD": true, "soil_wetness": false, "pfpr": false,
	} {
		d, ok := Usual(name)
		if !ok || d.Inverse != want || d.Why == "" || d.Source == "" {
			t.Errorf("%s: %+v %v, want inverse %v with reason and source", name, d, ok, want)
		}
	}
	for _, name := range []string{"population", "dumpsites", "ward_code", "x", "temper"} {
		if d, ok := Usual(name); ok {
			t.Errorf("%s is taken for %s", name, d.Family)
		}
	}
}

// D15 of the predecessor: "Federal Capital Territory" got the list of the
// North-East, and state codes of two families were not told apart.
func TestDefect_D15_CapitalTerritoryHasItsOwnZone(t *testing.T) {
	for state, want := range map[string]string{
		"Federal Capital Territory": "North-Central", "FCT": "North-Central", "Abuja": "North-Central", "FC": "North-Central",
		"DT": "South-South", "DE": "South-South", "Delta State": "South-South", "TB": "North-East", "TR": "North-East", "Taraba": "North-East",
		"kn Kano State": "North-West", "Akwa lbom": "South-South", "Oyo": "South-West", "Imo": "South-East",
	} {
		if z, ok := ZoneOf(state); !ok || z.Name != want {
			t.Errorf("%s is in %q, want %s", state, z.Name, want)
		}
	}
	if z, ok := ZoneOf("Nairobi"); ok {
		t.Errorf("Nairobi is in %s", z.Name)
	}
}

// Every state of the boundary layer of the nation is in one zone, 37 in all;
// every family of a zone's list is known.
func TestZonesAreComplete(t *testing.T) {
	count := 0
	seen := map[string]bool{}
	for _, z := range Zones() {
		for _, s := range z.states {
			if seen[s] {
				t.Errorf("%s is in two zones", s)
			}
			seen[s] = true
			count++
		}
		for _, family := range z.Variables {
			if d, ok := Usual(family); !ok || d.Family != family {
				t.Errorf("%s: %s is recognised as %q", z.Name, family, d.Family)
			}
		}
	}
	if count != 37 {
		t.Errorf("%d states", count)
	}
	rows := beside.CSV(t, "data/covariates/nga_wards_10vars_complete.csv")
	at := slices.Index(rows[0], "StateName")
	for _, row := range rows[1:] {
		if _, ok := ZoneOf(row[at]); !ok {
			t.Fatalf("%s is in no zone", row[at])
		}
	}
}
