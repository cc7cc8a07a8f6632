package acts

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
)

// Every act of the program is in the one list, the new ones are described as
// the old ones are, and none of their secrets is a parameter.
func TestActsAreDescribed(t *testing.T) {
	word := regexp.MustCompile(`^[a-z]+( [a-z]+)?$`)
	var names []string
	for _, s := range All() {
		if !word.MatchString(s.Name) || slices.Contains(names, s.Name) {
			t.Errorf("act %q is named badly or twice", s.Name)
		}
		names = append(names, s.Name)
		if s.Summary == "" || s.Summary[:1] != strings.ToLower(s.Summary[:1]) || strings.HasSuffix(s.Summary, ".") {
			t.Errorf("%s: summary %q", s.Name, s.Summary)
		}
		if found, ok := Find(s.Name); !ok || found.Summary != s.Summary {
			t.Errorf("%s is not found by its name", s.Name)
		}
		var params []string
		for _, p := range action.Params(s.New()) {
			if p.Help == "" || slices.Contains(params, p.Name) || strings.Contains(p.Name, "secret") || strings.Contains(p.Name, "password") {
				t.Errorf("%s --%s: help %q", s.Name, p.Name, p.Help)
			}
			params = append(params, p.Name)
		}
	}
	for _, s := range action.All() {
		if !slices.Contains(names, s.Name) {
			t.Errorf("%s of core/action is missing", s.Name)
		}
	}
	if _, ok := Find("sync"); ok {
		t.Error("a group is found as an act")
	}
	if g := Group("sync"); len(g) < 10 || Group("import") != nil {
		t.Errorf("%d acts in the group", len(g))
	}
}

func TestSetupChecks(t *testing.T) {
	good := Setup{Remote: "office", To: "https://storage.example.org", ID: "amina", Bucket: "runs", AccessKey: "a", SecretKey: "b"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Setup){
		"no name": func(a *Setup) { a.Remote = "" }, "nowhere": func(a *Setup) { a.To = "" }, "a pattern": func(a *Setup) { a.ID = "al*" },
		"plain http": func(a *Setup) { a.To = "http://storage.example.org" }, "no bucket": func(a *Setup) { a.Bucket = "" },
		"no key": func(a *Setup) { a.SecretKey = "" }, "a bad pin": func(a *Setup) { a.Pin = "abc" }, "a negative limit": func(a *Setup) { a.Limit = -1 },
	} {
		a := good
		change(&a)
		if err := a.Check(); !problem.Is(err, problem.Usage) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCredentialFiles(t *testing.T) {
	for text, want := range map[string][2]string{
		"AK1\nsecret/+x=\n": {"AK1", "secret/+x="}, "# mine\n\n  AK1 \r\n secret \r\n": {"AK1", "secret"},
		"[default]\naws_access_key_id = AK1\naws_secret_access_key=se=cret\nregion = x\n": {"AK1", "se=cret"},
	} {
		key, secret, err := parseCredentials([]byte(text))
		if err != nil || key != want[0] || secret != want[1] {
			t.Errorf("%q: %q %q (%v)", text, key, secret, err)
		}
	}
	for _, bad := range []string{"", "AK1\n", "AK1\nx\ny\n", "aws_access_key_id=AK1\n"} {
		if _, _, err := parseCredentials([]byte(bad)); err == nil || strings.Contains(err.Error(), "AK1") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	// What a file holds is never in the problem about it.
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("only-a-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := (&Setup{To: "https://x", ID: "amina", Bucket: "b", Credentials: path}).settings()
	if !problem.Is(err, problem.BadInput) || strings.Contains(err.Error(), "only-a-secret") {
		t.Errorf("%v", err)
	}
}
