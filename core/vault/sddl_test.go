package vault

import (
	"slices"
	"testing"
)

// Access lists as Windows writes them: those of a person's own folder, of the
// public one, of a share, and such as a program may have made.
func TestStrangersInAnAccessList(t *testing.T) {
	const me = "S-1-5-21-1004336348-1177238915-682003330-1001"
	for list, want := range map[string][]string{
		"O:" + me + "G:" + me + "D:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" + me + ")": nil,
		"D:AI(A;ID;FA;;;S-1-5-18)(A;ID;FA;;;S-1-5-32-544)(A;ID;FA;;;" + me + ")":                nil,
		"D:AI(A;OICIID;FA;;;CO)(A;ID;FA;;;" + me + ")":                                          nil,
		"D:(A;OICI;0x1200a9;;;WD)(A;;FA;;;" + me + ")":                                          {"WD"},
		"D:(A;OICIID;0x1301bf;;;IU)(A;OICIID;0x1301bf;;;SU)(A;OICI;FA;;;BA)":                    {"IU", "SU"},
		"D:(D;;FA;;;BG)(A;;FR;;;BU)(A;;FR;;;BU)":                                                {"BU"},
		"D:(A;;;;;WD)":                                                                          nil, // nothing is allowed
		"D:NO_ACCESS_CONTROL":                                                                   {"everybody"},
		"O:" + me:                                                                               {"everybody"},
		"":                                                                                      {"everybody"},
		"D:":                                                                                    nil, // empty: nobody
		"D:(A;;FA;;;S-1-5-21-1-2-3-1002)S:(AU;SAFA;FA;;;WD)":                                    {"S-1-5-21-1-2-3-1002"},
		`D:(XA;;FX;;;S-1-1-0;(@User.Title=="PM" && (@User.Division=="Finance")))(A;;FA;;;` + me + ")": {"S-1-1-0"},
		"D:(A;;FA)":                    {"somebody the access list does not name clearly"},
		"D:(A;;FA;;;" + me:             nil,
		"D:(A;;F":                      {"somebody the access list does not name clearly"},
		ownList(me):                    nil,
		ownList("S-1-5-21-1-2-3-1002"): {"S-1-5-21-1-2-3-1002"},
	} {
		if got := strangers(list, me); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", list, got, want)
		}
	}
}
