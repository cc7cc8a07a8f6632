package direction

import (
	"slices"

	"chatmrpt/core/place"
)

// Zone is one of the six geopolitical zones of Nigeria with the families of
// variables its states are scored by beside a measure of malaria. The lists are
// those of the programme's workbook of zones, states and variables.
type Zone struct {
	Name      string
	states    []string // as place.NormaliseState gives them
	Variables []string // families; the measure of malaria is not among them
}

var south = []string{"ndwi", "housing_quality", "elevation", "urban_percentage"}

var zones = []Zone{
	{"North-Central", []string{"benue", "kogi", "kwara", "nasarawa", "niger", "plateau", "federal capital territory"},
		[]string{"nighttime_lights", "housing_quality", "soil_wetness", "distance_to_waterbodies", "ndmi", "urban_percentage"}},
	{"North-East", []string{"adamawa", "bauchi", "borno", "gombe", "taraba", "yobe"},
		[]string{"distance_to_waterbodies", "rainfall", "soil_wetness", "urban_percentage"}},
	{"North-West", []string{"jigawa", "kaduna", "kano", "katsina", "kebbi", "sokoto", "zamfara"},
		[]string{"rainfall", "ndwi", "housing_quality", "elevation", "urban_percentage"}},
	{"South-East", []string{"abia", "anambra", "ebonyi", "enugu", "imo"}, south},
	{"South-South", []string{"akwa ibom", "bayelsa", "cross river", "delta", "edo", "rivers"}, south},
	{"South-West", []string{"ekiti", "lagos", "ogun", "ondo", "osun", "oyo"}, south},
}

// Zones lists the six zones.
func Zones() []Zone { return slices.Clone(zones) }

// ZoneOf finds the zone of a state by its name, in any of its spellings, or its
// code. A place that is no state of Nigeria has none: no list is made up for
// it.
func ZoneOf(state string) (Zone, bool) {
	key := place.NormaliseState(state)
	for _, z := range zones {
		if slices.Contains(z.states, key) {
			return z, true
		}
	}
	return Zone{}, false
}
