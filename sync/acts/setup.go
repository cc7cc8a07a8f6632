package acts

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"chatmrpt/core/action"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
	"chatmrpt/core/vault"
	"chatmrpt/core/workspace"
	"chatmrpt/sync/bundle"
	"chatmrpt/sync/remote"
	"chatmrpt/sync/remote/s3"
	"chatmrpt/sync/share"
)

// Setup says where results are sent, tries it, and keeps it in the profile.
type Setup struct {
	Remote      string `param:"remote" help:"a name for it in this profile"`
	To          string `param:"to" help:"https://host[:port] of the server, or a folder such as a USB stick"`
	ID          string `param:"id" help:"your user id there, as the office gave it to you"`
	Bucket      string `param:"bucket" help:"of the server"`
	Region      string `param:"region" help:"of the server, when it has one"`
	Credentials string `param:"credentials" help:"file with the access key on its first line and the secret on its second"`
	CA          string `param:"ca" help:"file with the certificate of your office's own authority (PEM)"`
	Pin         string `param:"pin" help:"SHA-256 of a public key that the server must show (64 hexadecimal digits)"`
	Recipients  string `param:"recipients" help:"file with the public keys (age1pq1…) of those who may read what you send"`
	Recovery    string `param:"recovery-file" help:"file with the recovery code of the profile that first used this user id"`
	Limit       int    `param:"limit" help:"most kbit a second; 0 for no limit"`

	// A face that asks a person fills these instead of naming a file.
	AccessKey, SecretKey string             `json:"-"`
	KDF                  vault.Options      `json:"-"` // zero in the program
	Around               share.Surroundings `json:"-"` // zero in the program
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
	if !a.server() {
		return nil
	}
	if err := s3.CheckEndpoint(a.To); err != nil {
		return usage(setupOp, "to", err.Error(), "Ask the office for the right address")
	}
	if a.Pin != "" {
		if _, err := s3.ParsePin(a.Pin); err != nil {
			return usage(setupOp, "pin", err.Error(), "Ask the office for it")
		}
	}
	switch {
	case a.Bucket == "":
		return usage(setupOp, "bucket", "no bucket was named", "Ask the office for its name")
	case a.Credentials == "" && (a.AccessKey == "" || a.SecretKey == ""):
		return usage(setupOp, "credentials", "there is no access key", "Put it on the first line of a file only you can read, its secret on the second, and name that file")
	}
	return nil
}

// server reports whether it leads to a server rather than a folder.
func (a *Setup) server() bool { return strings.Contains(a.To, "://") }

// Run implements action.Action.
func (a *Setup) Run(ctx context.Context, w *workspace.Workspace, tell action.Progress) (*action.Result, error) {
	s, err := a.settings()
	if err != nil {
		return nil, err
	}
	var code []byte
	if a.Recovery != "" {
		if code, err = readSmall(setupOp, a.Recovery, "recovery-file"); err != nil {
			return nil, err
		}
		defer clear(code)
		code, _, _ = bytes.Cut(code, []byte("\n"))
	}
	tell("trying it", 0, 0)
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

// settings reads the files that were named.
func (a *Setup) settings() (share.Settings, error) {
	s := share.Settings{User: remote.UserID(a.ID), Rate: a.Limit * 1000 / 8}
	if a.Recipients != "" {
		text, err := readSmall(setupOp, a.Recipients, "recipients")
		if err != nil {
			return s, err
		}
		if s.Recipients, err = bundle.ParseRecipients(text); err != nil {
			return s, problem.New(problem.BadInput, setupOp, filepath.Base(a.Recipients), err.Error(), "Ask the office for the file with its public key; `age-keygen -pq` makes one").Because(err)
		}
	}
	if !a.server() {
		dir, err := filepath.Abs(a.To)
		if info, e := os.Stat(dir); err != nil || e != nil || !info.IsDir() {
			return s, problem.New(problem.NotFound, setupOp, filepath.Base(a.To), "there is no such folder", "Plug the stick in, or make the folder first").Because(errors.Join(err, e))
		}
		s.Folder = dir
		return s, nil
	}
	s.Endpoint, s.Bucket, s.Region, s.Pin, s.AccessKey, s.SecretKey = strings.TrimSuffix(a.To, "/"), a.Bucket, a.Region, a.Pin, a.AccessKey, a.SecretKey
	if a.CA != "" {
		text, err := readSmall(setupOp, a.CA, "ca")
		if err != nil {
			return s, err
		}
		s.CA = string(text)
	}
	if a.Credentials == "" {
		return s, nil
	}
	text, err := readSmall(setupOp, a.Credentials, "credentials")
	if err != nil {
		return s, err
	}
	defer clear(text)
	if s.AccessKey, s.SecretKey, err = parseCredentials(text); err != nil {
		return s, problem.New(problem.BadInput, setupOp, filepath.Base(a.Credentials), err.Error(), "Put the access key on the first line and its secret on the second")
	}
	return s, nil
}

// parseCredentials takes two lines, or the lines of an AWS credentials file.
func parseCredentials(text []byte) (key, secret string, err error) {
	var plain []string
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		name, value, named := strings.Cut(line, "=")
		switch name = strings.TrimSpace(name); {
		case named && name == "aws_access_key_id":
			key = strings.TrimSpace(value)
		case named && name == "aws_secret_access_key":
			secret = strings.TrimSpace(value)
		case line != "" && !strings.HasPrefix(line, "[") && !strings.HasPrefix(line, "#"):
			plain = append(plain, line)
		}
	}
	if key == "" && secret == "" && len(plain) == 2 {
		key, secret = plain[0], plain[1]
	}
	if key == "" || secret == "" {
		return "", "", errors.New("it does not hold an access key and a secret")
	}
	return key, secret, nil
}

// readSmall reads a file of keys.
func readSmall(op, path, param string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, problem.New(problem.NotFound, op, filepath.Base(path), "the file can't be read", "Check the name given with --"+param).Because(err)
	}
	defer f.Close()
	const most = 64 << 10
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil || len(data) > most {
		return nil, problem.New(problem.BadInput, op, filepath.Base(path), "this is not such a file", "Check the name given with --"+param).Because(err)
	}
	return data, nil
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
