package table

// Role says what a column means to the program, however its header is spelt.
// The zero Role is "none": the column is kept but nothing reads it.
type Role string

// Roles of place and time, the same in every kind of table.
const (
	RoleState     Role = "state"
	RoleLGA       Role = "lga"
	RoleWard      Role = "ward"
	RoleStateCode Role = "state_code"
	RoleLGACode   Role = "lga_code"
	RoleWardCode  Role = "ward_code"
	RoleFacility  Role = "facility"
	RoleLevel     Role = "level"  // primary, secondary, tertiary
	RolePeriod    Role = "period" // canonical text: 2024, 2024-Q1, 2024-03, 2024-W05, 2024-03-05

	RoleLongitude Role = "longitude" // of a facility, degrees east, WGS 84
	RoleLatitude  Role = "latitude"  // of a facility, degrees north, WGS 84
)

// Roles of a ward table.
const (
	RolePopulation Role = "population" // persons
	RoleRegistered Role = "registered" // persons registered in a row of a net campaign's list, to be summed by ward
	RoleUrban      Role = "urban"      // percentage of the ward that is urban, 0–100
	RoleMalaria    Role = "malaria"    // a number that measures malaria itself: positivity, burden, incidence, prevalence
	RoleVariable   Role = "variable"   // any other number known per ward
)

// Counts of patients of any age and cause.
const (
	RoleAttendance        Role = "attendance"         // out-patients seen (DHIS2 "Out-patient Attendance")
	RoleGeneralAttendance Role = "general_attendance" // all patients seen (DHIS2 "General Attendance")
)

// RoleChoice is the role of a column of a result that repeats in every row what
// was chosen for all of them, such as the level of care, so that a row copied
// elsewhere still says it. No file's column has it.
const RoleChoice Role = "choice"

// Test is how malaria was looked for.
type Test string

// Age is the group of persons an indicator counts.
type Age string

// The tests and age groups of the DHIS2 malaria data set.
const (
	RDT        Test = "rdt"
	Microscopy Test = "micro"

	Under5   Age = "u5" // children under five years
	Over5    Age = "o5" // five years and older, pregnant women excluded
	Pregnant Age = "pw" // pregnant women
)

// Tests lists the tests in the order of every output.
func Tests() []Test { return []Test{RDT, Microscopy} }

// Ages lists the age groups in the order of every output.
func Ages() []Age { return []Age{Under5, Over5, Pregnant} }

// TestedRole is the role of the count of persons of age a tested by test t.
func TestedRole(t Test, a Age) Role { return Role("tested_" + string(t) + "_" + string(a)) }

// PositiveRole is the role of the count of persons of age a found positive by
// test t.
func PositiveRole(t Test, a Age) Role { return Role("positive_" + string(t) + "_" + string(a)) }

// FeverRole is the role of the count of persons of age a seen with fever.
func FeverRole(a Age) Role { return Role("fever_" + string(a)) }

// PresumedRole is the role of the count of persons of age a treated as malaria
// cases without a test (DHIS2 "Persons with clinically diagnosed Malaria").
func PresumedRole(a Age) Role { return Role("presumed_" + string(a)) }

// PopulationRole is the role of the number of persons of age a who live in a
// ward.
func PopulationRole(a Age) Role { return Role("population_" + string(a)) }

// ShareRole is the role of the share of persons of age a in a ward's
// population.
func ShareRole(a Age) Role { return Role("share_" + string(a)) }

// Roles lists every role a column can have, in the order in which they are
// shown to a person choosing one.
func Roles() []Role {
	roles := []Role{
		RoleState, RoleLGA, RoleWard, RoleStateCode, RoleLGACode, RoleWardCode,
		RoleFacility, RoleLevel, RolePeriod, RoleLongitude, RoleLatitude, RolePopulation, RoleUrban, RoleAttendance, RoleGeneralAttendance,
	}
	for _, t := range Tests() {
		for _, a := range Ages() {
			roles = append(roles, TestedRole(t, a), PositiveRole(t, a))
		}
	}
	for _, a := range Ages() {
		roles = append(roles, FeverRole(a), PresumedRole(a))
	}
	for _, a := range Ages() {
		roles = append(roles, PopulationRole(a), ShareRole(a))
	}
	roles = append(roles, RoleRegistered)
	return append(roles, RoleMalaria, RoleVariable)
}
