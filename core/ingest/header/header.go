// Package header says what a column means by its name: the deterministic
// rules that replace the predecessor's question to a language model.
//
// The names are those of four layouts met in practice: DHIS2 raw exports
// (orgunitlevelN, organisationunitname), the programme's cleaned files
// (State, LGA, WardName, HealthFacility), its yearly files with short names
// (opd, conf_u5, level_of_care), and any of these after R has put dots for
// every other character. A name is only half of the proof: whoever calls
// checks the values too.
package header

import (
	"regexp"
	"strconv"
	"strings"

	"chatmrpt/core/table"
)

// Guess is what a name says.
type Guess struct {
	Role    table.Role
	Rank    int  // among the names of one role the smaller is believed first
	Assumed bool // a part of the meaning is not in the name: the test of "conf_u5" is taken to be RDT
}

// The ranks: the programme's own words, other words with one meaning, and a
// mere part of the name.
const (
	Exact   = 0
	Alias   = 10
	Partial = 20
	Last    = 30
)

// Of returns the role that a repaired name stands for, false when none does.
func Of(name string) (Guess, bool) {
	if g, ok := place(key(name)); ok {
		return g, true
	}
	return indicator(words(name))
}

// key is a name without case, blanks and marks.
func key(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// Normal is a name in one form, for comparing files: lower case, with single
// blanks for every mark that separates words.
func Normal(name string) string { return words(name) }

// words is a name in lower case with single blanks for dots, dashes,
// underscores and brackets; marks of comparison are kept.
func words(name string) string {
	name = strings.NewReplacer(".", " ", "_", " ", "-", " ", "/", " ", "(", " ", ")", " ", ",", " ", ":", " ").Replace(strings.ToLower(name))
	return strings.Join(strings.Fields(name), " ")
}

var orgUnit = regexp.MustCompile(`(?i)^org(?:anisation)?[ _.]?unit[ _.]?level[ _.]?([1-9])$`)

// OrgUnitLevel returns N of DHIS2's orgunitlevelN: 2 is the state, 3 the LGA,
// 4 the ward, 5 the facility, in Nigeria's hierarchy. Such a column is never
// the level of care, whatever its name contains.
func OrgUnitLevel(name string) (int, bool) {
	m := orgUnit.FindStringSubmatch(strings.TrimSpace(name))
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil
}

// place knows the names of places, facilities, levels, periods, population
// and urban share.
func place(k string) (Guess, bool) {
	if role, rank, ok := known(k); ok {
		return Guess{Role: role, Rank: rank}, true
	}
	switch {
	case strings.Contains(k, "orgunitlevel"), len(k) > 30:
		return Guess{}, false // a long name is a sentence about an indicator
	case strings.Contains(k, "lgacode"), strings.Contains(k, "wardcode"), strings.Contains(k, "statecode"):
		return Guess{}, false
	case strings.HasPrefix(k, "period"):
		return Guess{Role: table.RolePeriod, Rank: Partial}, true
	case strings.Contains(k, "ward") && !isIdentifier(k):
		return Guess{Role: table.RoleWard, Rank: Partial}, true
	case strings.Contains(k, "lga") && !isIdentifier(k):
		return Guess{Role: table.RoleLGA, Rank: Partial}, true
	}
	return Guess{}, false
}

// isIdentifier: names of numbers and keys about a place, not of the place.
func isIdentifier(k string) bool {
	return strings.HasSuffix(k, "id") || strings.HasSuffix(k, "code") || strings.HasSuffix(k, "count") ||
		strings.HasPrefix(k, "n") && strings.HasSuffix(k, "wards") || strings.HasSuffix(k, "area") || strings.HasPrefix(k, "number")
}

// known is the table of names with one meaning.
func known(k string) (table.Role, int, bool) {
	switch k {
	case "state", "statename":
		return table.RoleState, Exact, true
	case "admin1", "adminlevel1", "admin1name", "adm1en", "adm1name", "name1", "states", "orgunitlevel2name":
		return table.RoleState, Alias, true
	case "lga", "lganame":
		return table.RoleLGA, Exact, true
	case "localgovernment", "localgovernmentarea", "localgovt", "lgas", "admin2", "adminlevel2", "admin2name", "adm2en", "adm2name", "name2":
		return table.RoleLGA, Alias, true
	case "wardname":
		return table.RoleWard, Exact, true
	case "ward", "wards":
		return table.RoleWard, Exact + 1, true
	case "admin3", "adminlevel3", "admin3name", "adm3en", "adm302", "adm3name", "name3":
		return table.RoleWard, Alias, true
	case "statecode", "stateid", "adm1pcode", "admin1pcod", "admin1pcode":
		return table.RoleStateCode, Exact, true
	case "lgacode", "lgaid", "adm2pcode", "admin2pcod", "admin2pcode":
		return table.RoleLGACode, Exact, true
	case "wardcode", "wardid", "adm3pcode", "admin3pcod", "admin3pcode":
		return table.RoleWardCode, Exact, true
	}
	return knownFacility(k)
}

func knownFacility(k string) (table.Role, int, bool) {
	switch k {
	case "organisationunitname", "healthfacility", "facilityname":
		return table.RoleFacility, Exact, true
	case "healthfaccility", "healthfacilityname", "facility", "hfname", "hf", "nameoffacility", "orgunitname", "orgunit", "nameofhealthfacility":
		return table.RoleFacility, Alias, true
	case "facilitylevel", "levelofcare":
		return table.RoleLevel, Exact, true
	case "level", "facilitytype", "healthfacilitylevel", "typeoffacility", "hflevel":
		return table.RoleLevel, Alias, true
	case "longitude", "lon", "lng", "long", "gpslongitude", "facilitylongitude":
		return table.RoleLongitude, Exact, true
	case "latitude", "lat", "gpslatitude", "facilitylatitude":
		return table.RoleLatitude, Exact, true
	case "periodname":
		return table.RolePeriod, Exact, true
	case "period", "periodid", "periodcode":
		return table.RolePeriod, Exact + 1, true
	case "year", "date", "reportingperiod", "yearmonth", "monthyear", "reportdate", "reportingmonth":
		return table.RolePeriod, Alias, true
	case "month":
		return table.RolePeriod, Last, true
	case "population", "totalpopulation", "wardpopulation", "populationtotal":
		return table.RolePopulation, Exact, true
	case "nfamilymembers", "familymembers", "familysize", "householdsize", "hhsize", "nhouseholdmembers", "householdmembers", "numberoffamilymembers", "numberofhouseholdmembers":
		return table.RoleRegistered, Exact, true
	case "pop", "totalpop", "poptotal", "wardpop", "popsize", "estimatedpopulation", "projectedpopulation":
		return table.RolePopulation, Alias, true
	case "urbanpercentage", "urbanpercent", "urbanpct", "percentageurban", "percenturban", "pcturban":
		return table.RoleUrban, Exact, true
	case "urbanization", "urbanisation", "urbanshare", "urbanextent", "urban":
		return table.RoleUrban, Alias, true
	}
	return "", 0, false
}

// IsIndex reports whether a name is one that programs give to row numbers.
func IsIndex(name string) bool {
	switch k := strings.ToLower(strings.TrimSpace(name)); {
	case k == "", k == "x", k == "index", k == "rownames", k == "row.names", k == "s/n", k == "sn", k == "s/no", k == "rowid":
		return true
	case strings.HasPrefix(k, "unnamed"):
		return true
	default:
		base, suffix, ok := strings.Cut(k, ".")
		_, err := strconv.Atoi(suffix)
		return ok && base == "x" && err == nil
	}
}

// IsIdentifier reports whether a name is one of those whose numbers are keys
// or leftovers of a map file, never a variable (spec/analytics.md 3.3).
func IsIdentifier(name string) bool {
	k := key(name)
	switch k {
	case "wardname", "wardcode", "statecode", "lgacode", "statename", "lganame", "globalid", "source", "properties",
		"geometry", "shapearea", "shapeleng", "shapelength", "timestamp", "amapcode", "objectid", "fid", "id", "latitude",
		"longitude", "lat", "lon", "lng", "long":
		return true
	}
	return IsIndex(name) || strings.HasPrefix(k, "country") || strings.HasSuffix(strings.ToLower(name), "_code") ||
		strings.HasSuffix(strings.ToLower(name), "_id") || strings.HasSuffix(k, "code")
}
