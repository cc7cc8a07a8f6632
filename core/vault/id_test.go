package vault

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"chatmrpt/core/problem"
)

func TestParseIDTakesOnlyItsOwnSpelling(t *testing.T) {
	id, err := newID(bytes.NewReader([]byte("sixteen bytes ok")))
	if err != nil {
		t.Fatal(err)
	}
	good := id.String()
	if got, err := ParseID(good); err != nil || got != id || len(good) != 26 {
		t.Fatalf("own spelling %q: %v, %v", good, got, err)
	}
	bad := map[string]string{
		"empty": "", "upper case": strings.ToUpper(good), "short": good[:25], "long": good + "a",
		"not in the alphabet": "0" + good[1:], "separator": "/" + good[1:], "back slash": good[:25] + `\`,
		"dots": "..", "climbing": "../" + good[3:], "NUL": good[:25] + "\x00", "line end": good[:25] + "\n",
		"line end inside": good[:13] + "\n" + good[13:], "padding": good[:25] + "=",
		"spare bits set": good[:25] + "z", "blank": " " + good[1:], "not ASCII": "é" + good[2:],
	}
	for name, s := range bad {
		if got, err := ParseID(s); !problem.Is(err, problem.BadInput) || !got.IsZero() {
			t.Errorf("%s %q: %v, %v", name, s, got, err)
		}
	}
}

func TestIDInJSON(t *testing.T) {
	type record struct{ Owner ID }
	id, _ := newID(bytes.NewReader(make([]byte, 16)))
	text, err := json.Marshal(record{id})
	if err != nil {
		t.Fatal(err)
	}
	var back record
	if err := json.Unmarshal(text, &back); err != nil || back.Owner != id {
		t.Errorf("%s gave %v, %v", text, back.Owner, err)
	}
	if _, err := json.Marshal(record{}); err == nil {
		t.Error("a record without owner was written")
	}
	if err := json.Unmarshal([]byte(`{"Owner":"../../x"}`), &back); err == nil {
		t.Error("a path was taken for an id")
	}
}

func TestNewIDNeedsAllItsBits(t *testing.T) {
	if _, err := newID(bytes.NewReader(make([]byte, 15))); err == nil {
		t.Error("an id was made of 15 bytes")
	}
}

func FuzzParseID(f *testing.F) {
	f.Add("aaaaaaaaaaaaaaaaaaaaaaaaaa")
	f.Add("../../../../../../etc/pass")
	f.Fuzz(func(t *testing.T, s string) {
		id, err := ParseID(s)
		if err != nil {
			return
		}
		if id.String() != s || len(s) != 26 || strings.ContainsAny(s, `./\:`) {
			t.Errorf("%q was taken for an id", s)
		}
	})
}
