package acts

import (
	"context"
	"fmt"
	"path/filepath"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/collect"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/share"
)

// Collect is what a central office does: it reads what many users published to
// its programme and lays it out as one data set for other engines.
type Collect struct {
	From string `param:"from" help:"address of the server, as https://host[:port], or a folder"`
	Server
	Key    string `param:"key" json:"-" help:"file with the programme's private key, as age-keygen -pq writes it (default: the key that sync office keeps)"`
	Roster string `param:"roster" help:"CSV file with the columns user, signing_key and name: whom to believe"`
	Out    string `param:"out" help:"folder for the data set; an earlier one is replaced"`

	Around share.Surroundings `json:"-"` // zero in the program
}

const collectOp = "collect"

// Check implements action.Action.
func (a *Collect) Check() error {
	for _, p := range []struct{ name, value, hint string }{
		{"from", a.From, "Give the address of the server (https://…) or a folder"},
		{"roster", a.Roster, "Name a CSV file with the columns user, signing_key and name; users read their signing key from `mrpt sync setup`"},
		{"out", a.Out, "Name the folder in which the data set shall lie"},
	} {
		if p.value == "" {
			return usage(collectOp, p.name, "it must be given", p.hint)
		}
	}
	return a.check(collectOp, "from", a.From)
}

// Asks implements action.Asker.
func (a *Collect) Asks() []string { return a.asks(a.From) }

// Run implements action.Action.
func (a *Collect) Run(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	office, err := a.office(ctx, w, tell)
	if err != nil {
		return nil, err
	}
	report, err := collect.Collect(ctx, *office, a.Out)
	if err != nil {
		return nil, err
	}
	var rows [][]any
	counts := map[string]int{}
	for _, s := range report.Sources {
		rows = append(rows, []any{s.User, s.Name, s.Status, float64(s.Bundles), float64(s.Tables), s.Why})
		counts[s.Status]++
	}
	t, err := columns("sources", []string{"user", "name", "status", "bundles", "tables", "why"}, rows)
	if err != nil {
		return nil, err
	}
	r := &action.Result{
		Summary: fmt.Sprintf("Collected %d of %d users into %s: %d bundles fetched, %d were there already, %d cells in %d files.",
			counts[collect.Collected], len(report.Sources), filepath.Base(a.Out), report.Fetched, report.Kept, report.Cells, len(report.Files)),
		Tables: []*table.Table{t}, Files: []string{filepath.Join(a.Out, "provenance.parquet")},
		Details: map[string]any{"files": report.Files, "fetched": report.Fetched, "kept": report.Kept, "cells": report.Cells},
		Notices: []string{"the data set lies there unsealed; keep it where only the programme can read it"},
	}
	if n := counts[collect.Unknown]; n > 0 {
		r.Notices = append(r.Notices, fmt.Sprintf("%d users have something there and are not on the roster; nothing of theirs was read", n))
	}
	if n := counts[collect.Failed]; n > 0 {
		r.Problem = problem.New(problem.Remote, collectOp, "", fmt.Sprintf("%d users could not be read or believed; what was collected of them before is kept", n),
			"See why in the table; compare the fingerprints of their keys with them before you trust a new one")
	}
	return r, nil
}

// keys are those of the named file, or those that the profile keeps.
func (a *Collect) keys(ctx context.Context, w *workspace.Workspace) (bundle.Keys, error) {
	if a.Key == "" {
		return officeKeys(ctx, w)
	}
	text, err := readSmall(collectOp, a.Key, "key")
	if err != nil {
		return nil, err
	}
	defer clear(text)
	return parseKeys(collectOp, a.Key, text)
}

// office is what the named files say.
func (a *Collect) office(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*collect.Office, error) {
	keys, err := a.keys(ctx, w)
	if err != nil {
		return nil, err
	}
	text, err := readSmall(collectOp, a.Roster, "roster")
	if err != nil {
		return nil, err
	}
	roster, err := collect.ParseRoster(text)
	if err != nil {
		return nil, problem.New(problem.BadInput, collectOp, filepath.Base(a.Roster), err.Error(),
			"Correct the file; its columns are user, signing_key and name")
	}
	s, err := a.place(collectOp, a.From)
	if err != nil {
		return nil, err
	}
	dial := a.Around.Dialer()
	return &collect.Office{
		Keys: keys, Roster: roster, Now: w.Now, Tell: tell,
		Users: func(ctx context.Context) ([]remote.UserID, error) { return share.Users(ctx, s, w.Now) },
		Dial: func(user remote.UserID) (remote.Remote, error) {
			s := s
			s.User = user
			return dial(s, w.Now)
		},
	}, nil
}
