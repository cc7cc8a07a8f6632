package action

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"chatmrpt/core/problem"
)

// Param is one parameter of an act, bound to the field of the struct it was
// taken from. The field's tags are:
//
//	param    its name; a field without one is no parameter
//	help     what it means, lower case
//	choices  the values it may have, separated by |
//	arg      "true": given without a name, after the act
//	more     "true": most people leave it as it is, so a form need not show it
//	secret   "true": nobody may read it over a shoulder, in a list of processes or
//	         in a record. The field is a string that JSON leaves out. A form masks
//	         it and forgets it when the act is done; a terminal never takes it as
//	         an argument but from a file, standard input or the person (see Asker)
//
// The parameters of an embedded struct are the act's own.
type Param struct {
	Name    string
	Help    string
	Choices []string
	Arg     bool // positional
	List    bool // may be given several times or as a,b,c
	Switch  bool // true or false, given by name alone
	More    bool // asked only of those who look for it
	Secret  bool // shown to nobody; Value does not tell it
	field   reflect.Value
}

// Asker is an act that can say which secrets it can't do without as it is filled
// in, by the names of their parameters, so that a face with a person before it
// asks for them.
type Asker interface{ Asks() []string }

// Params lists the parameters of a in the order of its fields. Setting one
// changes a.
func Params(a Action) []Param {
	return paramsOf(reflect.ValueOf(a).Elem())
}

func paramsOf(v reflect.Value) (out []Param) {
	for i := range v.NumField() {
		if v.Type().Field(i).Anonymous {
			out = append(out, paramsOf(v.Field(i))...)
			continue
		}
		tag := v.Type().Field(i).Tag
		name := tag.Get("param")
		if name == "" {
			continue
		}
		p := Param{Name: name, Help: tag.Get("help"), Arg: tag.Get("arg") == "true", More: tag.Get("more") == "true", Secret: tag.Get("secret") == "true", field: v.Field(i)}
		p.List = p.field.Kind() == reflect.Slice
		p.Switch = p.field.Kind() == reflect.Bool
		if c := tag.Get("choices"); c != "" {
			p.Choices = strings.Split(c, "|")
		}
		out = append(out, p)
	}
	return out
}

// Value is the parameter's present value as text, "" for none and for every
// secret.
func (p Param) Value() string {
	if p.Secret {
		return ""
	}
	if p.List {
		parts := make([]string, p.field.Len())
		for i := range parts {
			parts[i] = fmt.Sprint(p.field.Index(i).Interface())
		}
		return strings.Join(parts, ",")
	}
	if p.field.IsZero() {
		return ""
	}
	return fmt.Sprint(p.field.Interface())
}

// Set reads text into the parameter; on a list it appends. The problem it
// returns names the parameter and what it takes.
func (p Param) Set(text string) error {
	if p.Choices != nil && !slices.Contains(p.Choices, text) {
		return p.refuse(text, "it takes one of: "+strings.Join(p.Choices, ", "))
	}
	switch p.field.Kind() {
	case reflect.String:
		p.field.SetString(text)
	case reflect.Slice:
		return p.add(text)
	case reflect.Bool:
		return parse(p, text, strconv.ParseBool, p.field.SetBool, "it takes true or false")
	case reflect.Int:
		return parse(p, text, parseInt, p.field.SetInt, "it takes a whole number")
	case reflect.Uint64:
		return parse(p, text, parseUint, p.field.SetUint, "it takes a whole number that is not negative")
	case reflect.Float64:
		return parse(p, text, parseFloat, p.field.SetFloat, "it takes a number")
	default:
		panic("action: parameter " + p.Name + " has a type no face can set")
	}
	return nil
}

// checkChoices refuses a value that its parameter does not offer, also where
// the struct was filled without Set.
func checkChoices(a Action) error {
	for _, p := range Params(a) {
		if v := p.Value(); p.Choices != nil && v != "" && !slices.Contains(p.Choices, v) {
			return p.refuse(v, "it takes one of: "+strings.Join(p.Choices, ", "))
		}
	}
	return nil
}

// add appends to a list. A value that is a file name or holds "=" may contain
// commas; only plain lists of names are split.
func (p Param) add(text string) error {
	parts := []string{text}
	switch {
	case p.Arg: // a file's name may begin or end with a blank
	case strings.Contains(text, "="):
		parts[0] = strings.TrimSpace(text)
	default:
		parts = strings.Split(text, ",")
		for i, part := range parts {
			parts[i] = strings.TrimSpace(part)
		}
	}
	for _, part := range parts {
		if part != "" {
			p.field.Set(reflect.Append(p.field, reflect.ValueOf(part)))
		}
	}
	return nil
}

func (p Param) refuse(text, takes string) error {
	return problem.New(problem.Usage, "", "--"+p.Name, strconv.Quote(text)+" can't be used", "For --"+p.Name+" "+takes)
}

func parse[T any](p Param, text string, read func(string) (T, error), set func(T), takes string) error {
	v, err := read(text)
	if err != nil {
		return p.refuse(text, takes)
	}
	set(v)
	return nil
}

func parseInt(s string) (int64, error)     { return strconv.ParseInt(s, 10, 0) }
func parseUint(s string) (uint64, error)   { return strconv.ParseUint(s, 10, 64) }
func parseFloat(s string) (float64, error) { return strconv.ParseFloat(s, 64) }
