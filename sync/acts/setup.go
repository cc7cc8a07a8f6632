package acts

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/vault"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/share"
)

// Setup says where results are sent, tries it, and keeps it in the profile.
type Setup struct {
	Remote string `param:"remote" help:"a name for it in this profile"`
	To     string `param:"to" help:"address of the server, as https://host[:port], or a folder such as a USB stick"`
	ID     string `param:"id" help:"your user id there, as the office gave it to you"`
	Server
	Recipients string `param:"recipients" help:"file with the public keys (age1pq1…) of those who may read what you send"`
	Recovery   string `param:"recovery" secret:"true" more:"true" json:"-" help:"recovery code of the profile that first used this user id"`
	Limit      int    `param:"limit" help:"most kbit a second; 0 for no limit"`

	KDF    vault.Options      `json:"-"` // zero in the program
	Around share.Surroundings `json:"-"` // zero in the program
}

// NewSetup gives a Setup of the remote called default.
func NewSetup() *Setup { return &Setup{Remote: "default"} }

const setupOp = "sync setup"

// Check implements action.Action.
func (a *Setup) Check() error {
	switch {
	case a.Remote == "" || len(a.Remote) > 40:
		return usage(setupOp, "remote", "the remote has no name, or too long a one", "Give it a short name, such as office")
	case a.To == "":
		return usage(setupOp, "to", "it does not say where", "Give the address of the server (https://…) or a folder")
	case a.Limit < 0 || a.Limit > 10_000_000:
		return usage(setupOp, "limit", "this is no speed", "Give a number of kbit a second, such as 200")
	}
	if _, err := remote.ParseUserID(a.ID); err != nil {
		return usage(setupOp, "id", "this can't be a user id", "It has 3 to 20 lower-case letters, digits and hyphens, and begins with a letter or digit")
	}
	return a.check(setupOp, "to", a.To)
}

// Asks implements action.Asker.
func (a *Setup) Asks() []string { return a.asks(a.To) }

// Run implements action.Action.
func (a *Setup) Run(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	s, err := a.settings()
	if err != nil {
		return nil, err
	}
	tell("trying it", 0, 0)
	code := []byte(a.Recovery)
	defer clear(code)
	account, err := share.Setup(ctx, w, a.Remote, s, code, a.KDF, a.Around)
	if err != nil {
		return nil, err
	}
	defer account.Close()
	found, err := account.List(ctx)
	if err != nil {
		return nil, err
	}
	set := account.Settings()
	r := &action.Result{
		Summary: fmt.Sprintf("Results can be sent to %s as %s; %d bundles lie there.", set.Where(), set.User, len(found)),
		Notices: []string{
			strings.Replace(readersOf(set), "it can", "what you send there can", 1),
			"your signing key is " + account.Identity().Fingerprint() + "; tell it to the office, so that it can know what is yours",
		},
	}
	var rows [][]any
	for _, to := range set.Recipients {
		rows = append(rows, []any{to.Name, to.Fingerprint()})
	}
	t, err := columns("recipients", []string{"recipient", "fingerprint"}, rows)
	if err != nil {
		return nil, err
	}
	if len(rows) > 0 {
		r.Tables = []*table.Table{t}
		r.Notices = append(r.Notices, "compare the fingerprints with the office's before you send anything")
	}
	r.Details = map[string]any{"user": set.User, "device": set.Device, "signing_key": account.Identity().Fingerprint()}
	return r, nil
}

// settings are what was filled in, with what the named files hold.
func (a *Setup) settings() (share.Settings, error) {
	s, err := a.place(setupOp, a.To)
	s.User, s.Rate = remote.UserID(a.ID), a.Limit*1000/8
	if err != nil || a.Recipients == "" {
		return s, err
	}
	text, err := readSmall(setupOp, a.Recipients, "recipients")
	if err != nil {
		return s, err
	}
	if s.Recipients, err = bundle.ParseRecipients(text); err != nil {
		return s, problem.New(problem.BadInput, setupOp, filepath.Base(a.Recipients), err.Error(), "Ask the office for the file with its public key; `age-keygen -pq` makes one").Because(err)
	}
	return s, nil
}

// Forget drops a remote from the profile.
type Forget struct {
	Remote string `param:"remote" help:"name of the remote, when there are several"`
}

// Check implements action.Action.
func (a *Forget) Check() error { return nil }

// Run implements action.Action.
func (a *Forget) Run(ctx context.Context, w *workspace.Workspace, _ action.Progress) (*action.Result, error) {
	r, err := share.Find(ctx, w, a.Remote)
	if err != nil {
		return nil, err
	}
	if err := w.Shared().ForgetRemote(ctx, r.ID); err != nil {
		return nil, workspace.StoreProblem(err, "sync forget", r.Name)
	}
	return &action.Result{
		Summary: fmt.Sprintf("Forgot %s with its access key, and what waited to be sent there.", r.Name),
		Notices: []string{"what was sent lies there still; your sharing key stays in this profile"},
	}, nil
}
