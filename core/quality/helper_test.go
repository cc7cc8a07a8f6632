package quality

import (
	"fmt"
	"strconv"
	"testing"

	"chatmrpt/core/table"
)

// cells describes facility rows for a test: facility, period, tested and
// positive under five by RDT; "" is missing.
type cells [][4]string

// panelOf makes a panel of facilities of one ward.
func panelOf(t testing.TB, rows cells) *Panel {
	t.Helper()
	p, err := New(tableOf(t, rows), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func tableOf(t testing.TB, rows cells) *table.Table {
	t.Helper()
	state, lga, ward := table.NewText("State"), table.NewText("LGA"), table.NewText("Ward")
	facility, period := table.NewText("Facility"), table.NewText("Period")
	tested, positive := table.NewNumber("tested"), table.NewNumber("positive")
	state.Role, lga.Role, ward.Role = table.RoleState, table.RoleLGA, table.RoleWard
	facility.Role, period.Role = table.RoleFacility, table.RolePeriod
	tested.Role, positive.Role = table.TestedRole(table.RDT, table.Under5), table.PositiveRole(table.RDT, table.Under5)
	for _, r := range rows {
		state.AppendText("Kwara")
		lga.AppendText("Asa")
		ward.AppendText("Afon")
		for i, c := range []*table.Column{facility, period} {
			if r[i] == "" {
				c.AppendMissing()
			} else {
				c.AppendText(r[i])
			}
		}
		for i, c := range []*table.Column{tested, positive} {
			v, err := strconv.ParseFloat(r[2+i], 64)
			if err != nil {
				c.AppendMissing()
			} else {
				c.AppendNumber(v)
			}
		}
	}
	out, err := table.New("facilities", state, lga, ward, facility, period, tested, positive)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// monthly makes one facility's rows: values of persons tested from January
// 2023 on; a negative one is a month without a row.
func monthly(facility string, tested ...float64) cells {
	var out cells
	for i, v := range tested {
		if v >= 0 {
			out = append(out, [4]string{facility, fmt.Sprintf("%d-%02d", 2023+i/12, i%12+1), fmt.Sprint(v), "0"})
		}
	}
	return out
}
