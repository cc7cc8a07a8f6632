package acts

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/share"
)

// Every act of the program is in the one list, the new ones are described as
// the old ones are, and their secrets are marked as such.
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
			isSecret := slices.ContainsFunc([]string{"secret", "password", "recovery"}, func(word string) bool { return strings.Contains(p.Name, word) })
			if p.Help == "" || slices.Contains(params, p.Name) || p.Secret != isSecret {
				t.Errorf("%s --%s: help %q, secret %v", s.Name, p.Name, p.Help, p.Secret)
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

// A secret is in nothing that an act is turned into.
func TestSecretsAreNotWritten(t *testing.T) {
	const canary = "CANARY-3c81"
	found := 0
	for _, s := range All() {
		a := s.New()
		for _, p := range action.Params(a) {
			if !p.Secret {
				continue
			}
			found++
			if err := p.Set(canary); err != nil || p.Value() != "" || p.List || p.Choices != nil || p.Arg {
				t.Errorf("%s --%s: %v, shows %q", s.Name, p.Name, err, p.Value())
			}
		}
		if data, err := json.Marshal(a); err != nil || strings.Contains(string(data), canary) {
			t.Errorf("%s records %s (%v)", s.Name, data, err)
		}
	}
	if found < 5 {
		t.Errorf("only %d secrets", found)
	}
}

// What was typed reaches the server and the proxy, and is afterwards nowhere
// but in the encrypted profile.
func TestTypedCredentialsStayInTheProfile(t *testing.T) {
	const key, password = "CANARY-key-77", "CANARY-proxy-78"
	d := newDesk(t, t.TempDir())
	var used share.Settings
	elsewhere := t.TempDir()
	around := share.Surroundings{Dial: func(s share.Settings, now func() time.Time) (remote.Remote, error) {
		used = s
		return share.Dial(share.Settings{User: s.User, Folder: elsewhere}, now)
	}}
	a := &Setup{Remote: "office", To: "https://storage.example.org", ID: "amina", Around: around,
		Server: Server{Bucket: "runs", AccessKey: "AKAMINA", SecretKey: key, Proxy: "proxy.example.org:3128", ProxyUser: "amina", ProxyPassword: password}}
	var said []any
	said = append(said, d.do(t, setupOp, a))
	if used.SecretKey != key || used.ProxyPassword != password || used.Proxy == "" {
		t.Errorf("dialled with %#v", used)
	}
	said = append(said, d.do(t, "sync status", &Status{}), d.do(t, "audit", action.NewAudit()), d.do(t, "runs", &action.Runs{}), d.do(t, "doctor", NewDoctor()))
	a.Around.Dial = func(s share.Settings, _ func() time.Time) (remote.Remote, error) {
		return nil, remote.Fail(remote.Credentials, "open", "", nil)
	}
	_, err := d.try(t, setupOp, a)
	said = append(said, err, fmt.Sprintf("%v %+v", err, err))
	text, err := json.Marshal(said)
	if err != nil || strings.Contains(string(text), "CANARY") {
		t.Errorf("told: %s (%v)", text, err)
	}
	plans, err := share.Plans(t.Context(), d.w)
	if err != nil || len(plans) != 2 || strings.Contains(fmt.Sprintf("%#v", struct{ share.Settings }{plans[1].Settings}), "CANARY") || plans[1].Settings.SecretKey != "" {
		t.Errorf("%v (%v)", plans, err)
	}
	err = filepath.WalkDir(d.home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte("CANARY")) {
			t.Errorf("a secret lies in %s", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAsksForWhatIsMissing(t *testing.T) {
	a := NewSetup()
	a.To, a.AccessKey, a.ProxyUser = "https://storage.example.org", "AK", "amina"
	if got := a.Asks(); !slices.Equal(got, []string{"secret-key", "proxy-password"}) {
		t.Errorf("%v", got)
	}
	a.SecretKey, a.ProxyPassword = "s", "p"
	if got := a.Asks(); len(got) != 0 {
		t.Errorf("%v", got)
	}
	a.To, a.SecretKey = "stick", ""
	if got := a.Asks(); len(got) != 0 {
		t.Errorf("for a folder: %v", got)
	}
}

func TestSetupChecks(t *testing.T) {
	good := Setup{Remote: "office", To: "https://storage.example.org", ID: "amina", Server: Server{Bucket: "runs", AccessKey: "a", SecretKey: "b"}}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Setup){
		"no name": func(a *Setup) { a.Remote = "" }, "nowhere": func(a *Setup) { a.To = "" }, "a pattern": func(a *Setup) { a.ID = "al*" },
		"plain http": func(a *Setup) { a.To = "http://storage.example.org" }, "no bucket": func(a *Setup) { a.Bucket = "" },
		"no key": func(a *Setup) { a.SecretKey = "" }, "a bad pin": func(a *Setup) { a.Pin = "abc" }, "a negative limit": func(a *Setup) { a.Limit = -1 },
		"the key twice": func(a *Setup) { a.Credentials = "key" }, "a bad proxy": func(a *Setup) { a.Proxy = "https://proxy" },
		"a proxy without its password": func(a *Setup) { a.Proxy, a.ProxyUser = "proxy:3128", "amina" }, "a password without its proxy": func(a *Setup) { a.ProxyUser, a.ProxyPassword = "amina", "x" },
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
	_, err := (&Setup{To: "https://x", ID: "amina", Server: Server{Bucket: "b", Credentials: path}}).settings()
	if !problem.Is(err, problem.BadInput) || strings.Contains(err.Error(), "only-a-secret") {
		t.Errorf("%v", err)
	}
}
