package action

import (
	"context"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/problem"
	"chatmrpt/core/score"
	"chatmrpt/core/workspace"
)

func TestActsAreDescribed(t *testing.T) {
	word := regexp.MustCompile(`^[a-z][a-z-]*$`)
	var names []string
	for _, s := range All() {
		if !word.MatchString(s.Name) || slices.Contains(names, s.Name) {
			t.Errorf("act %q is named badly or twice", s.Name)
		}
		names = append(names, s.Name)
		if s.Summary == "" || s.Summary[:1] != strings.ToLower(s.Summary[:1]) || strings.HasSuffix(s.Summary, ".") {
			t.Errorf("%s: summary %q is not one line in lower case", s.Name, s.Summary)
		}
		if found, ok := Find(s.Name); !ok || found.Summary != s.Summary {
			t.Errorf("%s is not found by its name", s.Name)
		}
		var params []string
		for _, p := range Params(s.New()) {
			if !word.MatchString(p.Name) || slices.Contains(params, p.Name) {
				t.Errorf("%s: parameter %q is named badly or twice", s.Name, p.Name)
			}
			params = append(params, p.Name)
			if p.Help == "" || p.Help[:1] != strings.ToLower(p.Help[:1]) && !strings.HasPrefix(p.Help, "CSV") && !strings.HasPrefix(p.Help, "ROLE") {
				t.Errorf("%s --%s: help %q", s.Name, p.Name, p.Help)
			}
			if v := p.Value(); p.Choices != nil && v != "" && !slices.Contains(p.Choices, v) {
				t.Errorf("%s --%s: default %q is none of its choices", s.Name, p.Name, v)
			}
		}
	}
	if _, ok := Find("vanish"); ok {
		t.Error("an act that is not there is found")
	}
}

// Two acts made by one Spec share nothing.
func TestNewGivesAnActOfItsOwn(t *testing.T) {
	for _, s := range All() {
		a, b := s.New(), s.New()
		for _, p := range Params(a) {
			if err := p.Set(someValue(p)); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
		}
		if !reflect.DeepEqual(b, s.New()) {
			t.Errorf("%s: setting one act changed another", s.Name)
		}
	}
}

// someValue is a text that p takes and that is not its zero value.
func someValue(p Param) string {
	switch {
	case p.Choices != nil:
		return p.Choices[len(p.Choices)-1]
	case p.Switch:
		return "true"
	case p.Name == "column":
		return "level=Level"
	}
	switch p.field.Kind() {
	case reflect.Int, reflect.Uint64:
		return "137"
	case reflect.Float64:
		return "2.5"
	}
	return "some-name"
}

func TestChoicesAreTakenAndNothingElse(t *testing.T) {
	seen := 0
	for _, s := range All() {
		for _, p := range Params(s.New()) {
			if p.Choices == nil {
				continue
			}
			seen++
			for _, c := range p.Choices {
				if err := p.Set(c); err != nil || p.Value() != c {
					t.Errorf("%s --%s %s: %q, %v", s.Name, p.Name, c, p.Value(), err)
				}
			}
			last := p.Value()
			for _, bad := range []string{"", strings.ToUpper(last), last + " ", "x" + last, strings.Join(p.Choices, "|")} {
				if slices.Contains(p.Choices, bad) { // "||" of one choice is that choice
					continue
				}
				mustRefuse(t, p, bad, p.Choices[0])
			}
			if p.Value() != last {
				t.Errorf("%s --%s: a refused value was kept", s.Name, p.Name)
			}
		}
	}
	if seen < 10 {
		t.Errorf("only %d parameters with choices", seen)
	}
}

// mustRefuse sets a value that can't be, and looks for a hint that holds what.
func mustRefuse(t *testing.T, p Param, value, what string) {
	t.Helper()
	before := p.Value()
	problem := mustProblem(t, p.Set(value), problem.Usage)
	if problem.Subject != "--"+p.Name || !strings.Contains(problem.Hint, "--"+p.Name) || !strings.Contains(problem.Hint, what) {
		t.Errorf("--%s %q: %+v", p.Name, value, problem)
	}
	if p.Value() != before {
		t.Errorf("--%s %q was refused and yet kept", p.Name, value)
	}
}

// kinds is an act with a parameter of every kind.
type kinds struct {
	Files  []string `param:"files" arg:"true" help:"files"`
	Vars   []string `param:"vars" help:"names"`
	Sets   []string `param:"sets" help:"K=V"`
	Text   string   `param:"text" help:"any text"`
	Switch bool     `param:"switch" help:"on or off"`
	Int    int      `param:"int" help:"a number"`
	Uint   uint64   `param:"uint" help:"a number"`
	Float  float64  `param:"float" help:"a number"`
	Hidden string   // no parameter
}

func (*kinds) Check() error { return nil }

func (*kinds) Run(context.Context, *workspace.Workspace, Progress) (*Result, error) { return nil, nil }

func paramOf(t *testing.T, a Action, name string) Param {
	t.Helper()
	for _, p := range Params(a) {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no parameter %s", name)
	return Param{}
}

func TestSetReadsEveryKind(t *testing.T) {
	a := &kinds{}
	for _, c := range [][3]string{ // parameter, text, value then
		{"files", "a,b.csv", "a,b.csv"},
		{"files", "x.csv", "a,b.csv,x.csv"},
		{"files", " y=1 .csv", "a,b.csv,x.csv, y=1 .csv"},
		{"vars", "evi, rainfall ,,slope", "evi,rainfall,slope"},
		{"vars", "elevation", "evi,rainfall,slope,elevation"},
		{"sets", " level=Level, of care ", "level=Level, of care"},
		{"text", "Café, à la = 1", "Café, à la = 1"},
		{"switch", "true", "true"}, {"switch", "false", ""}, {"switch", "1", "true"},
		{"int", "-12", "-12"}, {"int", "10000", "10000"},
		{"uint", "18446744073709551615", "18446744073709551615"},
		{"float", "0.25", "0.25"}, {"float", "3", "3"},
	} {
		p := paramOf(t, a, c[0])
		if err := p.Set(c[1]); err != nil || p.Value() != c[2] {
			t.Errorf("--%s %q gives %q, %v; want %q", c[0], c[1], p.Value(), err, c[2])
		}
	}
	want := &kinds{
		Files: []string{"a,b.csv", "x.csv", " y=1 .csv"}, Vars: []string{"evi", "rainfall", "slope", "elevation"}, Sets: []string{"level=Level, of care"},
		Text: "Café, à la = 1", Switch: true, Int: 10000, Uint: 18446744073709551615, Float: 3,
	}
	if !reflect.DeepEqual(a, want) {
		t.Errorf("got %+v", a)
	}
	for _, c := range [][3]string{
		{"switch", "perhaps", "true or false"}, {"switch", "", "true or false"},
		{"int", "1.5", "whole number"}, {"int", "ten", "whole number"}, {"int", "99999999999999999999", "whole number"},
		{"uint", "-1", "not negative"}, {"float", "1,5", "a number"}, {"float", "", "a number"},
	} {
		mustRefuse(t, paramOf(t, a, c[0]), c[1], c[2])
	}
}

func TestParamsFollowTheTags(t *testing.T) {
	var names []string
	for _, p := range Params(&kinds{}) {
		names = append(names, p.Name)
		if p.Arg != (p.Name == "files") || p.Switch != (p.Name == "switch") || p.List != slices.Contains([]string{"files", "vars", "sets"}, p.Name) {
			t.Errorf("%+v", p)
		}
		if p.Value() != "" {
			t.Errorf("--%s of an empty act is %q", p.Name, p.Value())
		}
	}
	if got := strings.Join(names, " "); got != "files vars sets text switch int uint float" {
		t.Errorf("parameters %s", got)
	}
}

// odd has a parameter of a type that no text fills: a fault of the program,
// which must show the first time anyone tries.
type odd struct {
	kinds
	Odd complex128 `param:"odd" help:"odd"`
}

func TestAParameterNoFaceCanSetPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("it was set")
		}
	}()
	t.Error(paramOf(t, &odd{}, "odd").Set("1"))
}

// What must be chosen by the user is asked for; everything else has a default
// that can be.
func TestDefaultsPassCheck(t *testing.T) {
	asks := map[string]string{"import": "", "positivity": "--level", "trend": "--level", "reprioritise": "--level", "seasonality": "--level", "strata": "--of", "plan": "--nets", "export": "--what", "report": "--out", "aliases": "--list", "replay": "--run",
		"keep": "--until", "erase": "--confirm", "takeout": "--out", "spatial": "--statistic"}
	for _, s := range All() {
		err := s.New().Check()
		subject, needs := asks[s.Name]
		if !needs {
			if err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
			continue
		}
		if p := mustProblem(t, err, problem.Usage); p.Subject != subject || p.Op != s.Name {
			t.Errorf("%s: %+v", s.Name, p)
		}
	}
}

func TestCheckRefusesWhatCantBe(t *testing.T) {
	many := NewScore()
	for range score.MostVariables + 1 {
		many.Vars = append(many.Vars, "v")
	}
	with := func(change func(*Map)) *Map { m := NewMap(); change(m); return m }
	for name, a := range map[string]Action{
		"one variable":       &Score{Models: "all", Vars: []string{"evi"}},
		"too many":           many,
		"compare one level":  &Positivity{Compare: true, Selection: Selection{Level: "all", Test: "rdt"}},
		"compare no test":    &Positivity{Compare: true},
		"no age":             &Positivity{Selection: Selection{Level: "all", Test: "rdt"}},
		"no test":            &Positivity{Selection: Selection{Level: "all", Age: "u5"}},
		"unknown level":      &Positivity{Selection: Selection{Level: "village", Age: "u5", Test: "rdt"}},
		"bad period":         &Positivity{Selection: Selection{Level: "all", Age: "u5", Test: "rdt", Period: "last year"}},
		"period backwards":   &Positivity{Selection: Selection{Level: "all", Age: "u5", Test: "rdt", Period: "2024-06..2024-01"}},
		"role without =":     &Import{Files: []string{"a.csv"}, Columns: []string{"level"}},
		"role without name":  &Import{Files: []string{"a.csv"}, Columns: []string{"level="}},
		"unknown role":       &Import{Files: []string{"a.csv"}, Columns: []string{"colour=Colour"}},
		"nets below nought":  &Plan{Nets: -1},
		"net for nobody":     &Plan{Nets: 1, PersonsPerNet: 0},
		"nothing shown":      with(func(m *Map) { m.Show = "" }),
		"no classes":         with(func(m *Map) { m.Classes = "" }),
		"unknown classes":    with(func(m *Map) { m.Classes = "natural:5" }),
		"jenks of nothing":   with(func(m *Map) { m.Classes = "jenks" }),
		"box of no hinge":    with(func(m *Map) { m.Classes = "box:0" }),
		"count of sd":        with(func(m *Map) { m.Classes = "sd:3" }),
		"no class":           with(func(m *Map) { m.Classes = "quantile:0" }),
		"too many classes":   with(func(m *Map) { m.Classes = "equal:13" }),
		"fixed at nothing":   with(func(m *Map) { m.Classes = "fixed:" }),
		"fixed at words":     with(func(m *Map) { m.Classes = "fixed:1,high" }),
		"fixed backwards":    with(func(m *Map) { m.Classes = "fixed:3,2,1" }),
		"fixed at no number": with(func(m *Map) { m.Classes = "fixed:NaN,1" }),
		"fixed without end":  with(func(m *Map) { m.Classes = "fixed:1,Inf" }),
		"many fixed":         with(func(m *Map) { m.Classes = "fixed:1,2,3,4,5,6,7,8,9,10,11,12" }),
		"narrow":             with(func(m *Map) { m.Width = 10 }),
		"huge":               with(func(m *Map) { m.Height = 1_000_000 }),
		"map as a text":      with(func(m *Map) { m.Out = "map.txt" }),
		"map without ending": with(func(m *Map) { m.Out = "map" }),
		"export as a text":   &Export{What: "plan", Out: "plan.txt"},
		"export to nowhere":  &Export{What: "plan"},
		"report as a text":   &Report{Out: "report.docx"},
	} {
		t.Run(name, func(t *testing.T) { mustProblem(t, a.Check(), problem.Usage) })
	}
}

// Fields that hold a path on the user's machine; they are never recorded.
var pathFields = []string{"Import.Files", "Columns.File", "Match.Accept", "Match.Export", "Match.ImportAliases", "Match.ExportAliases", "Aliases.Import", "Aliases.Export", "Map.Out", "Quality.Out", "Export.Out", "Report.Out", "Takeout.Out", "Doctor.Out"}

// Every field of an act is a parameter that all faces offer, or one that is
// known to be none. Those with paths stay out of the record, all others are in.
func TestEveryFieldIsAParameter(t *testing.T) {
	for _, s := range All() {
		typ := reflect.TypeOf(s.New()).Elem()
		checkFields(t, typ.Name(), typ)
	}
}

func checkFields(t *testing.T, act string, typ reflect.Type) {
	none := []string{"Score.File", "Score.Judged", "Doctor.Also"}
	for i := range typ.NumField() {
		f := typ.Field(i)
		name := act + "." + f.Name
		if f.Anonymous {
			checkFields(t, act, f.Type)
			continue
		}
		if !f.IsExported() {
			t.Errorf("%s: an act has no state of its own", name)
		}
		if isParam := f.Tag.Get("param") != ""; isParam == slices.Contains(none, name) {
			t.Errorf("%s: a parameter: %v", name, isParam)
		}
		if unrecorded := f.Tag.Get("json") == "-"; unrecorded != (slices.Contains(pathFields, name) || f.Type.Kind() == reflect.Func) {
			t.Errorf("%s: left out of the record: %v", name, unrecorded)
		}
	}
}

// What a run records gives the act back, but for the paths.
func TestParametersRoundTrip(t *testing.T) {
	for _, s := range All() {
		a := s.New()
		for _, p := range Params(a) {
			if err := p.Set(someValue(p)); err != nil {
				t.Fatal(err)
			}
		}
		if sc, ok := a.(*Score); ok {
			sc.File = []score.Model{{Name: "m", Terms: []score.Term{{Variable: "evi", Weight: 0.5}}}}
		}
		data, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		again := s.New()
		if err := json.Unmarshal(data, again); err != nil {
			t.Fatal(err)
		}
		v, w := reflect.ValueOf(a).Elem(), reflect.ValueOf(again).Elem()
		for i := range v.NumField() {
			name := v.Type().Name() + "." + v.Type().Field(i).Name
			if slices.Contains(pathFields, name) {
				if !w.Field(i).IsZero() {
					t.Errorf("%s came back", name)
				}
			} else if !reflect.DeepEqual(v.Field(i).Interface(), w.Field(i).Interface()) {
				t.Errorf("%s: %v became %v", name, v.Field(i), w.Field(i))
			}
		}
	}
}
