package sample

import (
	"slices"
	"strings"
)

// kind is what a cell of the facility file holds.
type kind uint8

const (
	blank kind = iota
	count
	text
)

// cell is one cell of the facility file.
type cell struct {
	kind   kind
	number int
	text   string
}

func number(n int) cell   { return cell{kind: count, number: n} }
func words(s string) cell { return cell{kind: text, text: s} }

// sheet is the facility file: a title, headers, rows. Above the headers stand
// a blank row and the title.
type sheet struct {
	title   string
	headers []string
	rows    []row
}

// row is a line of the facility file.
type row struct {
	cells    []cell
	facility int
	month    int
}

// Columns of the facility file before the counts.
const (
	columnState = iota
	columnLGA
	columnWard
	columnName
	columnLevel
	columnOwner
	columnPeriod
	columnGeneral
	columnOPD
	columnFever // three, by age group
)

const (
	columnTested   = columnFever + 3    // six: RDT by age group, microscopy by age group
	columnPositive = columnTested + 6   // six in the same order
	columnSecond   = columnPositive + 6 // four: the new form's children tested and positive, by RDT and microscopy
	columnNets     = columnSecond + 4   // two
	columnCount    = columnNets + 2
)

// headers are those of a real raw export, with its double blanks and its 0 for
// "na". The children's four counts stand twice, since the form was changed
// while the years went on; some signs went through a wrong decoding.
func headers() []string {
	h := []string{
		"orgunitlevel2", "orgunitlevel3", "orgunitlevel4", "organisationunit0me", "Facility level", "ownership", "period0me",
		"General Attendance", "Out-patient Attendance",
		"Persons with fever <5yrs", "Persons with fever  ≥5yrs (excl PW)", "Persons with fever Preg Women (PW)",
	}
	ages := []string{" <5yrs", "  ≥5yrs (excl PW)", " Preg Women (PW)"}
	for _, stem := range []string{
		"Persons presenting with fever & tested by RDT", "Persons presenting with fever and tested by Microscopy",
		"Persons tested positive for malaria by RDT", "Persons tested positive for malaria by Microscopy",
	} {
		for _, age := range ages {
			h = append(h, stem+age)
		}
	}
	for _, c := range []int{columnTested, columnTested + 3, columnPositive, columnPositive + 3} {
		h = append(h, h[c])
	}
	h = append(h, "PW who received LLIN", "Children <5 yrs who received LLIN")
	for _, c := range []int{columnFever + 1, columnTested + 1, columnPositive + 1} {
		h[c] = strings.ReplaceAll(h[c], "≥", "â‰¥")
	}
	return h
}

// pair gives the columns of the persons tested and of those positive, by test
// and age group, in the form used in that month.
func (s *State) pair(test, age, month int) (tested, positive int) {
	if age == Under5 && month >= s.Truth.Migration {
		return columnSecond + test, columnSecond + 2 + test
	}
	return columnTested + 3*test + age, columnPositive + 3*test + age
}

// twin gives the other column of the same name, or -1 for a column of its own.
func twin(column int) int {
	first := []int{columnTested, columnTested + 3, columnPositive, columnPositive + 3}
	if k := column - columnSecond; k >= 0 && k < len(first) {
		return first[k]
	}
	if k := slices.Index(first, column); k >= 0 {
		return columnSecond + k
	}
	return -1
}

// row writes the row of a report.
func (s *State) row(r Report) row {
	f := s.Facilities[r.Facility]
	c := make([]cell, columnCount)
	prefix := strings.ToLower(s.Code) + " "
	c[columnState] = words(prefix + s.Name + " State")
	c[columnLGA] = words(prefix + f.GivenLGA + " Local Government Area")
	c[columnWard] = words(prefix + f.GivenWard + " Ward")
	if f.GivenWard == Unknown {
		c[columnWard] = words(Unknown)
	}
	c[columnName] = words(prefix + f.Name)
	c[columnLevel] = words(f.GivenLevel)
	c[columnOwner] = words(f.owner())
	c[columnPeriod] = words(s.period(r.Month))
	c[columnGeneral], c[columnOPD] = number(r.General), number(r.OPD)
	for age, n := range r.Fever {
		c[columnFever+age] = number(n)
	}
	s.writeTests(c, f, r)
	c[columnNets], c[columnNets+1] = number(r.Nets[0]), number(r.Nets[1])
	return row{c, r.Facility, r.Month}
}

// writeTests fills in the tests that the facility offers. In every third
// facility the children's column not in use holds 0, in the others nothing, as
// both are met.
func (s *State) writeTests(c []cell, f Facility, r Report) {
	for test, offered := range [2]bool{f.RDT, f.Microscopy} {
		for age := range r.Tested[test] {
			if !offered {
				continue
			}
			tested, positive := s.pair(test, age, r.Month)
			c[tested], c[positive] = number(r.Tested[test][age]), number(r.Positive[test][age])
			if age == Under5 && r.Facility%3 == 0 {
				c[twin(tested)], c[twin(positive)] = number(0), number(0)
			}
		}
	}
}

// owner tells private facilities by the kinds of name they have here.
func (f Facility) owner() string {
	if strings.HasSuffix(f.Name, "Maternity Clinic") || strings.HasSuffix(f.Name, " Hospital") && f.Level == Secondary {
		return "Private"
	}
	return "Public"
}
