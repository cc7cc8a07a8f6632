package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"chatmrpt/cmd/internal/build"
	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/vault"
	"chatmrpt/core/whole"
	"chatmrpt/core/workspace"
)

// demoNets is the stock of the demonstration: far below the state's need, as
// stocks are.
const demoNets = 250_000

// demo does the whole main job on the made-up state, in a profile that is
// thrown away, and leaves the files.
func (t terminal) demo(ctx context.Context, g *globals, args []string) error {
	flags := g.flags("demo")
	out := flags.String("out", "out", "`folder` for the files")
	seed := flags.Uint64("seed", action.SampleSeed, "the state this `number` gives")
	others, err := parseFlags(flags, args, 0)
	if err != nil {
		return err
	}
	if g.help {
		return t.help([]string{"demo"})
	}
	if len(others) > 0 {
		return problem.New(problem.Usage, "demo", others[0], "this is not expected here", "See `mrpt help demo`")
	}
	results, err := t.runDemo(ctx, g, *out, *seed)
	if err != nil {
		return err
	}
	return t.printDemo(g, *out, results)
}

// runDemo makes the throw-away profile, runs the steps in it and removes it.
func (t terminal) runDemo(ctx context.Context, g *globals, out string, seed uint64) (results []*action.Result, err error) {
	if err := writeSample(out, seed); err != nil {
		return nil, err
	}
	folder, err := whole.NewFolder(os.TempDir()) // one that a killed program left goes with the next
	if err != nil {
		return nil, problem.New(problem.Store, "demo", "", "no folder can be made for the throw-away profile", "Make room in the system's temporary folder").Because(err)
	}
	defer func() { err = errors.Join(err, folder.Done()) }()
	home := folder.Path
	secret := []byte(rand.Text())
	defer clear(secret)
	v, _, err := vault.Create(ctx, home, "Demo", secret, t.vault)
	if err != nil {
		return nil, err
	}
	w, err := workspace.FromVault(ctx, v, workspace.Options{Project: g.project, Version: build.Version(), Vault: t.vault, Now: t.now})
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	progress, done := t.progress(g)
	defer done()
	for _, step := range demoSteps(out, seed) {
		r, err := action.Do(ctx, w, step.name, step.act, progress)
		if err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}

// demoStep is one act of the chain.
type demoStep struct {
	name string
	act  action.Action
}

// demoSteps is the main job: from the files of a health officer to a ranking,
// a plan, maps and the report.
func demoSteps(out string, seed uint64) []demoStep {
	in := func(name string) string { return filepath.Join(out, name) }
	score := action.NewScore()
	score.Vars = []string{"positivity", "rainfall", "evi", "distance_to_waterbodies", "housing_quality"}
	score.Invert = []string{"distance_to_waterbodies", "housing_quality"}
	nets := action.NewPlan()
	nets.Nets = demoNets
	steps := []demoStep{
		{"sample", &action.Sample{Seed: seed}},
		{"match", &action.Match{Export: in("match.csv")}},
		{"positivity", &action.Positivity{Selection: action.Selection{Level: "primary", Age: "u5", Test: "both", Period: "2024"}}},
		{"score", score},
		{"plan", nets},
	}
	for _, picture := range [][2]string{{"category", "risk.png"}, {"positivity", "positivity.svg"}, {"nets", "nets.png"}} {
		m := action.NewMap()
		m.Show, m.Out = picture[0], in(picture[1])
		steps = append(steps, demoStep{"map", m})
	}
	return append(steps,
		demoStep{"export", &action.Export{What: "ranking", Out: in("ranking.csv")}},
		demoStep{"export", &action.Export{What: "ranking", Out: in("ranking.geojson")}},
		demoStep{"export", &action.Export{What: "plan", Out: in("plan.csv")}},
		demoStep{"report", &action.Report{Out: in("report.pdf")}},
	)
}

// writeSample leaves the made-up files the demonstration reads, so that a
// person can look at them and import them by hand.
func writeSample(out string, seed uint64) error {
	files, err := (&action.Sample{Seed: seed}).Files()
	if err != nil {
		return err
	}
	folder := filepath.Join(out, "data")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return problem.New(problem.BadInput, "demo", out, "the folder can't be made", "Choose another with --out").Because(err)
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(folder, f.Name), f.Data, 0o644); err != nil {
			return problem.New(problem.BadInput, "demo", f.Name, "the file can't be written", "Choose another folder with --out").Because(err)
		}
	}
	return nil
}

func (t terminal) printDemo(g *globals, out string, results []*action.Result) error {
	if g.json {
		docs := make([]map[string]any, len(results))
		for i, r := range results {
			docs[i] = jsonResult(r)
		}
		return t.printJSON(map[string]any{"out": out, "steps": docs})
	}
	fmt.Fprintf(t.out, "this state is made up: no real place, person or facility.\n\n")
	for _, r := range results {
		if slices.Contains([]string{"sample", "match", "positivity", "score", "plan"}, r.Act) {
			fmt.Fprintf(t.out, "%-11s %s\n", r.Act, r.Summary)
		}
	}
	fmt.Fprintf(t.out, "\nin %s:\n  data/            the files it began with\n", out)
	for _, r := range results {
		for _, f := range r.Files {
			fmt.Fprintf(t.out, "  %-16s %s\n", filepath.Base(f), r.Act)
		}
	}
	return nil
}
