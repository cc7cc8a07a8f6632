package place

import "testing"

func TestIsState(t *testing.T) {
	for _, name := range []string{"Kano", "KANO STATE", "FCT", "Abuja", "kn", "Akwa Ibom", "Nassarawa"} {
		if !IsState(name) {
			t.Errorf("%q isn't known", name)
		}
	}
	for _, name := range []string{"", "Ohio", "Nairobi", "Centre"} {
		if IsState(name) {
			t.Errorf("%q is taken for a state", name)
		}
	}
}
