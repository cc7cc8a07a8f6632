package presenter

import (
	"slices"
	"strings"

	"chatmrpt/core/action"
	"chatmrpt/sync/acts"
)

// FieldKind says how a parameter is asked for.
type FieldKind int

// The kinds of field.
const (
	Entry  FieldKind = iota // a line of text or a number
	Choice                  // one of Choices
	Switch                  // yes ("true") or no ("")
	Names                   // some of Known, joined by commas
	File                    // a file to read
	Folder                  // a folder, or an address
	Secret                  // a line of text that is masked
)

// Option is a value a parameter can have, with its words.
type Option struct{ Value, Words string }

// Field is one question of a step's form.
type Field struct {
	Name    string // of the parameter
	Label   string
	Help    string // the line beneath, may be empty
	Kind    FieldKind
	Choices []Option // of a Choice
	Known   []string // of Names: what can be ticked
	Default string   // what holds when Value is empty
	Value   string
	More    bool // asked only of those who look for it
	Emptied int  // how often what was typed into forms was forgotten
}

// form is what a user has answered, by parameter.
type form map[string]string

// fieldsOf makes the form of an act from its parameters: a new act, or a new
// parameter of one, needs nothing here.
func fieldsOf(t Task, a action.Action, answers form, variables []string) []Field {
	act := t.Act
	var out []Field
	for _, p := range action.Params(a) {
		_, given := t.given[p.Name]
		if (p.Arg && p.Choices == nil) || given || isOutput(act, p.Name) || len(p.Choices) == 1 {
			continue
		}
		f := Field{Name: p.Name, Label: labelOf(p.Name), Help: helpOf(p.Name, p.Help), Default: p.Value(), Value: p.Value(), More: p.More || isExtra(act, p.Name)}
		if v, ok := answers[p.Name]; ok {
			f.Value = v
		}
		switch {
		case p.Secret:
			f.Kind = Secret
		case p.Switch:
			f.Kind = Switch
		case p.Choices != nil:
			f.Kind = Choice
			for _, c := range p.Choices {
				f.Choices = append(f.Choices, Option{c, choiceWords(p.Name, c)})
			}
		case p.Name == "var" && len(variables) > 1:
			f.Kind = Choice
			for _, v := range variables {
				f.Choices = append(f.Choices, Option{v, NameWords(v)})
			}
		case p.Name == "to", p.Name == "out":
			f.Kind = Folder
		case p.List && p.Name != "column" && p.Name != "runs":
			f.Kind, f.Known = Names, knownNames(p.Name, f.Value, answers, variables)
		case isFile(p.Name):
			f.Kind = File
		}
		out = append(out, f)
	}
	return out
}

// knownNames is what a list of variables offers: all variables and whatever is
// chosen already; what is inverted must be among the chosen.
func knownNames(param, value string, answers form, variables []string) []string {
	if param == "invert" {
		return split(answers["vars"])
	}
	out := slices.Clone(variables)
	for _, v := range split(value) {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// isOutput: the window writes files from its own menu. What is fetched goes into
// a folder that the form asks for.
func isOutput(act, param string) bool {
	if act == "sync pull" || act == "sync restore" {
		return false
	}
	return param == "out" || param == "export" || param == "export-aliases"
}

// isFile: parameters that name a file to read.
func isFile(param string) bool {
	return slices.Contains([]string{"accept", "import-aliases", "credentials", "ca", "recipients", "experts"}, param)
}

// isExtra: parameters that most people leave as they are. Of reading files
// that is all of them, because kind and columns are found.
func isExtra(act, param string) bool {
	return act == "import" || slices.Contains([]string{
		"table", "compare", "boundaries", "scale", "models", "aggregate", "ties", "insist", "category", "cap", "population",
		"region", "credentials", "ca", "pin", "limit", "tries", "later", "remote",
		"list", "experts", "combine", "cuts", "method", "components", "share", "pca-score", "stability", "seed", "top",
	}, param)
}

// fill sets the parameters of a to the answers. The problem it returns names
// the field.
func fill(a action.Action, answers form) error {
	for _, p := range action.Params(a) {
		v := strings.TrimSpace(answers[p.Name])
		if v == "" || v == p.Value() {
			continue
		}
		parts := []string{v}
		if p.List {
			parts = split(v)
		}
		for _, part := range parts {
			if err := p.Set(part); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetSecrets drops what was typed into the masked fields of an act's form,
// and has the fields emptied.
func (d *Desk) forgetSecrets(act string) {
	spec, ok := acts.Find(act)
	if !ok {
		return
	}
	for _, p := range action.Params(spec.New()) {
		if p.Secret && d.answers[act][p.Name] != "" {
			delete(d.answers[act], p.Name)
			d.emptied++
		}
	}
}

// split reads a comma list.
func split(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// madeUpAnswers are the choices for the made-up state, so that it can be tried
// with one button. On a user's own data nothing is chosen for her.
func madeUpAnswers() map[string]form {
	return map[string]form{
		"positivity": {"level": "primary", "age": "u5", "test": "both", "period": "2024"},
		"score": {
			"vars":   "positivity,rainfall,evi,distance_to_waterbodies,housing_quality",
			"invert": "distance_to_waterbodies,housing_quality",
		},
		"plan": {"nets": "250000"},
	}
}
