package presenter

import (
	"context"
	"slices"
	"strings"
	"testing"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/sync/acts"
)

func field(t *testing.T, fields []Field, name string) Field {
	t.Helper()
	i := slices.IndexFunc(fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("no field %s", name)
	}
	return fields[i]
}

// Every act can be asked for, whatever it is: the form is made from its
// parameters, and files the window writes are not among them.
func TestEveryActHasAForm(t *testing.T) {
	for _, spec := range acts.All() {
		for _, f := range fieldsOf(Task{Act: spec.Name}, spec.New(), nil, []string{"rain"}) {
			if f.Label == "" || (f.Name == "out" && f.Kind != Folder) || f.Name == "files" {
				t.Errorf("%s: field %+v", spec.Name, f)
			}
			if f.Kind == Choice && len(f.Choices) < 2 {
				t.Errorf("%s: %s leaves no choice", spec.Name, f.Name)
			}
		}
	}
}

// A parameter nobody has heard of needs nothing in the window.
func TestANewActNeedsNoFormCode(t *testing.T) {
	fields := fieldsOf(Task{Act: "trend"}, &novel{Top: 5}, form{"by-month": "true"}, []string{"rain", "evi"})
	if len(fields) != 4 {
		t.Fatalf("fields %+v", fields)
	}
	if f := field(t, fields, "top-wards"); f.Label != "Top wards" || f.Kind != Entry || f.Default != "5" || f.Help != "How many" {
		t.Errorf("%+v", f)
	}
	if f := field(t, fields, "by-month"); f.Kind != Switch || f.Value != "true" {
		t.Errorf("%+v", f)
	}
	if f := field(t, fields, "method"); f.Kind != Choice || f.Choices[1] != (Option{"mann-kendall", "Mann kendall"}) {
		t.Errorf("%+v", f)
	}
	if f := field(t, fields, "of"); f.Kind != Names || !slices.Equal(f.Known, []string{"rain", "evi"}) {
		t.Errorf("%+v", f)
	}
}

type novel struct {
	action.Runs
	Top    int      `param:"top-wards" help:"how many"`
	Month  bool     `param:"by-month"`
	Method string   `param:"method" choices:"theil-sen|mann-kendall"`
	Of     []string `param:"of"`
}

func TestChosenVariablesStayOnOffer(t *testing.T) {
	score, _ := acts.Find("score")
	answers := form{"vars": "positivity,rain", "invert": "rain"}
	fields := fieldsOf(Task{Act: "score"}, score.New(), answers, []string{"rain", "evi"})
	if f := field(t, fields, "vars"); !slices.Equal(f.Known, []string{"rain", "evi", "positivity"}) || f.Value != "positivity,rain" {
		t.Errorf("%+v", f)
	}
	if f := field(t, fields, "invert"); !slices.Equal(f.Known, []string{"positivity", "rain"}) {
		t.Errorf("%+v", f)
	}
}

func TestAVariableGivenUpIsNotInverted(t *testing.T) {
	_, desk, _ := opened(t, &fakeWork{})
	desk.Select(3)
	desk.Answer("vars", "rain,evi")
	desk.Answer("invert", "rain,evi")
	desk.Answer("vars", "evi")
	if f := field(t, desk.Fields(), "invert"); f.Value != "evi" {
		t.Errorf("inverted: %q", f.Value)
	}
}

func TestFillSetsWhatWasAnswered(t *testing.T) {
	plan := action.NewPlan()
	if err := fill(plan, form{"nets": " 10000 ", "strategy": "priority", "cap": ""}); err != nil {
		t.Fatal(err)
	}
	if plan.Nets != 10000 || plan.Strategy != "priority" || plan.PersonsPerNet == 0 {
		t.Errorf("%+v", plan)
	}
	p := troubleOf(fill(plan, form{"nets": "many"}), "plan")
	if p == nil || p.Sentence != "“Nets in stock”: \"many\" can't be used." || !strings.HasPrefix(p.Hint, "For “Nets in stock” it takes") {
		t.Errorf("%+v", p)
	}
	score := action.NewScore()
	if err := fill(score, form{"vars": "a, b,,c", "insist": "true"}); err != nil || !slices.Equal(score.Vars, []string{"a", "b", "c"}) || !score.Insist {
		t.Errorf("%v %+v", err, score)
	}
}

// On a user's own data nothing that changes the answer is chosen for her.
func TestOwnDataHasNoPresets(t *testing.T) {
	_, desk, _ := opened(t, &fakeWork{})
	desk.Select(2)
	for _, name := range []string{"level", "age", "test", "period", "table", "population"} {
		if f := field(t, desk.Fields(), name); f.Value != "" || f.Default != "" {
			t.Errorf("%s is %q", f.Name, f.Value)
		}
	}
	for act, answers := range madeUpAnswers() {
		spec, _ := acts.Find(act)
		a := spec.New()
		if err := fill(a, answers); err != nil || a.Check() != nil {
			t.Errorf("the made-up answers of %s: %v %v", act, err, a.Check())
		}
	}
}

func TestProblemsSpeakOfFieldsAndSteps(t *testing.T) {
	for in, want := range map[string]string{
		"Give --nets with the nets in stock, such as --nets 10000": "Fill in “Nets in stock” with the nets in stock, such as 10000",
		"Rank the wards first: `mrpt score`":                       "Rank the wards first: the step “Risk”",
		"Say which with --unit-column; its attributes are: a, b":   "Say which in “Column with the ward”; its attributes are: a, b",
		"Leave --level and --age out":                              "Leave “Level of care” and “Age group” out",
		"Rotate the key: `mrpt user rotate`":                       "Rotate the key: “mrpt user rotate” at a terminal",
		"See what there is with `mrpt data`":                       "See what there is with the step “Data”",
		"no flags – here":                                          "no flags – here",
	} {
		if got := windowWords(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
	for _, c := range problem.Codes() {
		if codeWords(c) == "" {
			t.Errorf("no heading for %s", c)
		}
	}
	if troubleOf(nil, "x") != nil {
		t.Error("no error is a trouble")
	}
}

func TestRankingInWords(t *testing.T) {
	ranking, err := table.New("ranking",
		table.TextOf("ward", "C", "A", "B"), table.TextOf("lga", "Z", "X", "Y"),
		numbers(nil, 1, 2.0), numbersOf("median_rank", nil, 1.25, 2), numbersOf("rank_low", nil, 1, 2), numbersOf("rank_high", nil, 3.5, 2),
		table.TextOf("category", "", "high", "low"), table.TextOf("imputed", "", "rain", ""))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := table.New("plan", numbersOf("nets_allocated", 0, 12345, nil))
	if err != nil {
		t.Fatal(err)
	}
	r := rankingOf(ranking, plan)
	want := [][7]string{
		{"1*", "A", "X", "1.3", "1 – 3.5", "High", "12,345"},
		{"2", "B", "Y", "2", "2", "Low", "–"},
		{"–", "C", "Z", "–", "–", "–", "0"},
	}
	for i, row := range r.Rows {
		if row.Cells() != want[i] {
			t.Errorf("row %d: %q, not %q", i, row.Cells(), want[i])
		}
	}
	if !r.Nets || r.Imputed != 1 {
		t.Errorf("%+v", r)
	}
	if r := rankingOf(ranking, nil); r.Nets || r.Rows[0].Nets != dash {
		t.Errorf("nets without a plan: %+v", r.Rows[0])
	}
}

func numbers(values ...any) *table.Column { return numbersOf("rank", values...) }

// numbersOf makes a column in which nil is missing.
func numbersOf(name string, values ...any) *table.Column {
	c := table.NewNumber(name)
	for _, v := range values {
		switch v := v.(type) {
		case int:
			c.AppendNumber(float64(v))
		case float64:
			c.AppendNumber(v)
		default:
			c.AppendMissing()
		}
	}
	return c
}

func TestGrouped(t *testing.T) {
	for in, want := range map[float64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		if got := grouped(in); got != want {
			t.Errorf("%v: %q", in, got)
		}
	}
}

func TestSentencesKeepNamesAsTheyAreSpelt(t *testing.T) {
	for in, want := range map[string]string{
		"the file is broken":       "The file is broken.",
		"wards.csv: no column":     "wards.csv: no column.",
		"ward_env: 3 rows":         "ward_env: 3 rows.",
		"rainfall: one value":      "Rainfall: one value.",
		"is it? yes!":              "Is it? yes!",
		"":                         "",
		"ọyọ has no neighbours":    "Ọyọ has no neighbours.",
		"see the list. then again": "See the list. then again.",
	} {
		if got := sentence(in); got != want {
			t.Errorf("%q became %q, not %q", in, got, want)
		}
	}
}

// What is typed into a masked field reaches the act, stays while it is not
// accepted, and is forgotten when it was, or when another form is shown.
func TestTypedSecretsAreForgotten(t *testing.T) {
	work := &fakeWork{}
	_, desk, q := opened(t, work)
	var got string
	var refused error
	work.act = func(_ context.Context, _ string, a action.Action, _ action.Progress) (*action.Result, error) {
		got = a.(*acts.Setup).SecretKey
		return &action.Result{}, refused
	}
	turnToTask(t, desk, 5, "Set up where to")
	for name, value := range map[string]string{"to": "https://storage.example.org", "id": "amina", "bucket": "runs", "access-key": "AK", "secret-key": canary} {
		desk.Answer(name, value)
	}
	if f := field(t, desk.Fields(), "secret-key"); f.Kind != Secret || f.Value != canary {
		t.Fatalf("%+v", f)
	}
	refused = problem.New(problem.Remote, "sync setup", "", "it can't be reached", "Try again")
	desk.Run()
	rest(q, desk)
	before := field(t, desk.Fields(), "secret-key")
	if got != canary || before.Value != canary {
		t.Errorf("the act got %q, then the field holds %q", got, before.Value)
	}
	refused = nil
	desk.Run()
	rest(q, desk)
	if f := field(t, desk.Fields(), "secret-key"); f.Value != "" || f.Emptied == before.Emptied {
		t.Errorf("after it was accepted: %+v", f)
	}
	if f := field(t, desk.Fields(), "access-key"); f.Value != "AK" || f.Kind != Entry {
		t.Errorf("%+v", f)
	}
	for _, leave := range []func(){func() { desk.Select(1) }, func() { turnToTask(t, desk, 5, "What lies there") }} {
		desk.Answer("secret-key", canary)
		leave()
		turnToTask(t, desk, 5, "Set up where to")
		if f := field(t, desk.Fields(), "secret-key"); f.Value != "" {
			t.Error("it is still there after another form was shown")
		}
	}
}
