package build

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestVersionIsTheNumberOfThePackage(t *testing.T) {
	toml, err := os.ReadFile("../../../FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`(?m)^Version = "` + regexp.QuoteMeta(Number) + `"$`).Match(toml) {
		t.Errorf("FyneApp.toml names another version than %s", Number)
	}
	if v := Version(); v != Number && !strings.HasPrefix(v, Number+"+") {
		t.Errorf("version %q", v)
	}
}
