package score

import (
	"fmt"
	"math"
	"slices"

	"chatmrpt/core/problem"
)

// MostVariables is the largest number of variables of which all combinations
// are formed: ten give 1,013 models, and each further one doubles them.
const MostVariables = 10

// Term is one variable of a model.
type Term struct {
	Variable string
	Weight   float64 // above nought
}

// Model is a weighted mean of variables.
type Model struct {
	Name  string
	Terms []Term
}

// AllSubsets makes the model of equal weights for every combination of two or
// more of the variables: 2^k − k − 1 of them, in order of size and then of the
// variables as given, named model_1, model_2 and so on. It fails with a Usage
// problem for fewer than two variables, more than MostVariables, or a variable
// named twice.
func AllSubsets(variables []string) ([]Model, error) {
	k := len(variables)
	if err := checkNames(variables); err != nil {
		return nil, err
	}
	if k < 2 {
		return nil, problem.New(problem.Usage, op, "", fmt.Sprintf("a composite needs two variables or more, not %d", k),
			"Choose at least two variables")
	}
	if k > MostVariables {
		return nil, problem.New(problem.Usage, op, "",
			fmt.Sprintf("%d variables have %d combinations; at most %d variables are combined", k, combinations(k), MostVariables),
			"Choose fewer variables, or give your own models: one model of all variables with equal weights gives the same mean score as all combinations together")
	}
	models := make([]Model, 0, combinations(k))
	for size := 2; size <= k; size++ {
		for subset := range subsets(k, size) {
			models = append(models, equalWeights(len(models)+1, variables, subset))
		}
	}
	return models, nil
}

// combinations is 2^k − k − 1, or the largest int for a k beyond counting.
func combinations(k int) int {
	if k > 61 {
		return math.MaxInt
	}
	return 1<<k - k - 1
}

// subsets yields the combinations of size numbers below k in lexical order.
// The slice is used again for the next one.
func subsets(k, size int) func(yield func([]int) bool) {
	return func(yield func([]int) bool) {
		at := make([]int, size)
		for i := range at {
			at[i] = i
		}
		for yield(at) {
			i := size - 1
			for i >= 0 && at[i] == k-size+i {
				i--
			}
			if i < 0 {
				return
			}
			at[i]++
			for j := i + 1; j < size; j++ {
				at[j] = at[j-1] + 1
			}
		}
	}
}

func equalWeights(number int, variables []string, subset []int) Model {
	m := Model{Name: fmt.Sprintf("model_%d", number), Terms: make([]Term, len(subset))}
	for i, v := range subset {
		m.Terms[i] = Term{Variable: variables[v], Weight: 1}
	}
	return m
}

func checkNames(names []string) error {
	sorted := slices.Sorted(slices.Values(names))
	for i, name := range sorted {
		if i > 0 && name == sorted[i-1] {
			return problem.New(problem.Usage, op, name, "the variable is named twice", "Name each variable once")
		}
	}
	return nil
}

// checkModels makes sure that every model can be computed from the variables.
func checkModels(models []Model, variables []string) error {
	if len(models) == 0 {
		return problem.New(problem.Usage, op, "", "there is no model to rank by", "Choose two variables or more, or give a file of models")
	}
	names := make(map[string]bool, len(models))
	for _, m := range models {
		if names[m.Name] {
			return problem.New(problem.BadInput, op, m.Name, "two models have this name", "Give each model a name of its own")
		}
		names[m.Name] = true
		if err := m.check(variables); err != nil {
			return err
		}
	}
	return nil
}

func (m Model) check(variables []string) error {
	bad := func(message, hint string) error {
		return problem.New(problem.BadInput, op, "model "+m.Name, message, hint)
	}
	if len(m.Terms) == 0 {
		return bad("it has no variables", "Give it one variable or more")
	}
	seen := make(map[string]bool, len(m.Terms))
	for _, term := range m.Terms {
		switch {
		case !slices.Contains(variables, term.Variable):
			return bad(fmt.Sprintf("it uses %q, which is not among the variables", term.Variable),
				"Use the names of the chosen variables: "+listed(variables))
		case seen[term.Variable]:
			return bad(fmt.Sprintf("it names %q twice", term.Variable), "Name each variable once in a model")
		case !validWeight(term.Weight):
			return bad(fmt.Sprintf("the weight of %q is %v", term.Variable, term.Weight), weightHint())
		}
		seen[term.Variable] = true
	}
	return nil
}

// The bounds of a weight keep sums of products within the range of numbers.
func validWeight(w float64) bool { return w >= 1e-9 && w <= 1e9 }

func weightHint() string {
	return "A weight is a number above 0, at most 1,000,000,000; to leave a variable out, leave its line out; direction is set by inverting the variable"
}
