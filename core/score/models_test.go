package score

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"chatmrpt/core/problem"
)

func letters(n int) []string {
	var out []string
	for i := range n {
		out = append(out, string(rune('a'+i)))
	}
	return out
}

func TestNumberOfModels(t *testing.T) {
	for k, want := range map[int]int{2: 1, 3: 4, 4: 11, 5: 26, 6: 57, 7: 120, 8: 247, 9: 502, 10: 1013} {
		models, err := AllSubsets(letters(k))
		if err != nil || len(models) != want {
			t.Errorf("%d variables: %d models (%v), want %d", k, len(models), err, want)
		}
	}
}

func spelt(m Model) string {
	s := ""
	for _, term := range m.Terms {
		s += term.Variable
	}
	return s
}

// Defect D13: with six variables or more the predecessor used the first five
// only, and favoured the first.
func TestD13EveryVariableIsInAsManyModels(t *testing.T) {
	models, err := AllSubsets(letters(7))
	if err != nil {
		t.Fatal(err)
	}
	count := map[rune]int{}
	for _, m := range models {
		for _, r := range spelt(m) {
			count[r]++
		}
	}
	for r, n := range count {
		if n != 63 { // 2⁶ − 1: every combination of the others but the empty one
			t.Errorf("%c is in %d models, want 63", r, n)
		}
	}
}

func TestModelsAreInOrderOfSizeThenOfVariables(t *testing.T) {
	models, err := AllSubsets(letters(4))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range models {
		got = append(got, spelt(m))
	}
	if want := "ab ac ad bc bd cd abc abd acd bcd abcd"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if models[0].Name != "model_1" || models[10].Name != "model_11" || models[3].Terms[1] != (Term{"c", 1}) {
		t.Errorf("names or weights: %+v", models)
	}
}

func TestAllSubsetsRefuses(t *testing.T) {
	for _, names := range [][]string{nil, {"a"}, {"a", "b", "a"}, letters(11), make([]string, 0), strings.Fields(strings.Repeat("x ", 70))} {
		if _, err := AllSubsets(names); !problem.Is(err, problem.Usage) {
			t.Errorf("%d names: got %v, want a usage problem", len(names), err)
		}
	}
	_, err := AllSubsets(letters(11))
	if !strings.Contains(err.Error(), "2036") {
		t.Errorf("the explanation lacks the number of combinations: %v", err)
	}
	if combinations(100) < combinations(61) {
		t.Error("the number of combinations overflows")
	}
}

func TestReadModels(t *testing.T) {
	const text = "\uFEFFVariable, model ,WEIGHT,\r\nt,m1,1,\r\nd,m2,0.5\r\n\r\n,,\r\n\"s, poor\",m1,2e0\r\n"
	got, err := ReadModels(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []Model{{"m1", []Term{{"t", 1}, {"s, poor", 2}}}, {"m2", []Term{{"d", 0.5}}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestReadModelsNamesTheLine(t *testing.T) {
	const head = "model,variable,weight\n"
	for name, c := range map[string]struct{ text, subject string }{
		"empty":            {"", "models"},
		"header only":      {head, "models"},
		"no weight column": {"model,variable\nm,a\n", "models, line 1"},
		"unknown column":   {"model,variable,weight,note\n", "models, line 1"},
		"column twice":     {"model,model,variable,weight\n", "models, line 1"},
		"not a header":     {"m1,rainfall,1\n", "models, line 1"},
		"empty model":      {head + "m,a,1\n ,b,1\n", "models, line 3"},
		"short line":       {head + "m,a\n", "models, line 2"},
		"weight nought":    {head + "m,a,0\n", "models, line 2"},
		"weight negative":  {head + "m,a,-1\n", "models, line 2"},
		"weight NaN":       {head + "m,a,NaN\n", "models, line 2"},
		"weight infinite":  {head + "m,a,inf\n", "models, line 2"},
		"weight in words":  {head + "m,a,one\n", "models, line 2"},
		"variable twice":   {head + "m,a,1\nn,a,1\nm,a,2\n", "models, line 4"},
		"quotation marks":  {head + "m,a,1\nm,\"b,1\n", "models, line 4"},
		"too large":        {head + strings.Repeat("m,a,1                              \n", mostModelBytes/20), "models"},
		"too large quoted": {head + "\"" + strings.Repeat("x", mostModelBytes), "models"},
	} {
		_, err := ReadModels(strings.NewReader(c.text))
		p, ok := errors.AsType[*problem.Problem](err)
		if !ok || p.Code != problem.BadInput || p.Hint == "" {
			t.Errorf("%s: got %v, want a bad-input problem with a hint", name, err)
		} else if p.Subject != c.subject && !strings.HasPrefix(name, "too large") && name != "quotation marks" {
			t.Errorf("%s: subject %q, want %q", name, p.Subject, c.subject)
		}
	}
}

func TestReadModelsBoundsTheirNumber(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("model,variable,weight\n")
	for i := range mostModels + 1 {
		b.WriteString("m")
		b.WriteString(strings.Repeat("x", i%7))
		b.WriteString(string(rune(0x4e00 + i)))
		b.WriteString(",a,1\n")
	}
	if _, err := ReadModels(&b); !problem.Is(err, problem.BadInput) {
		t.Errorf("got %v", err)
	}
}

func TestReadModelsPassesOnFaultsOfTheReader(t *testing.T) {
	if _, err := ReadModels(iotest.ErrReader(io.ErrClosedPipe)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}

func FuzzReadModels(f *testing.F) {
	f.Add([]byte("model,variable,weight\nm1,a,1\nm1,b,0.5\n"))
	f.Add([]byte("\uFEFFweight,variable,model\n1,\"a\"\"b\",m\n\n"))
	f.Add([]byte("model,variable,weight\nm,\x00,1\n"))
	f.Add([]byte("model,variable,weight\n\"m\n\n\",a,1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		models, err := ReadModels(bytes.NewReader(data))
		if err != nil {
			if p := problem.From(err, ""); p.Code != problem.BadInput {
				t.Errorf("not a bad-input problem: %v", err)
			}
			return
		}
		var names []string
		for _, m := range models {
			for _, term := range m.Terms {
				names = append(names, term.Variable)
			}
		}
		if err := checkModels(models, names); err != nil {
			t.Errorf("what was read can't be used: %v", err)
		}
	})
}
