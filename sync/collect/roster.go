package collect

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"chatmrpt/sync/remote"
)

// Member is a user whom the office knows.
type Member struct {
	ID     remote.UserID
	Signer string // fingerprint of her signing key, as `mrpt sync setup` prints it
	Name   string // for people
}

var fingerprintShape = regexp.MustCompile(`^([0-9a-f]{4}-){4}[0-9a-f]{4}$`)

// ParseRoster reads a CSV file with the columns user, signing_key and,
// optionally, name. A user stands in it once.
func ParseRoster(text []byte) ([]Member, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	r.TrimLeadingSpace = true
	header, err := r.Read()
	if err != nil {
		return nil, errors.New("it has no header line; the columns are user, signing_key and name")
	}
	column := func(name string) int {
		return slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), name) })
	}
	user, signer, name := column("user"), column("signing_key"), column("name")
	if user < 0 || signer < 0 {
		return nil, errors.New("it lacks the column user or signing_key")
	}
	var out []Member
	for line := 2; ; line++ {
		record, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("line %d can't be read: %w", line, err)
		}
		m := Member{Signer: strings.ToLower(strings.TrimSpace(record[signer]))}
		if m.ID, err = remote.ParseUserID(strings.TrimSpace(record[user])); err != nil {
			return nil, fmt.Errorf("line %d: %q is no user id", line, record[user])
		}
		if !fingerprintShape.MatchString(m.Signer) {
			return nil, fmt.Errorf("line %d: %q is no fingerprint of a signing key", line, record[signer])
		}
		if name >= 0 {
			m.Name = strings.TrimSpace(record[name])
		}
		if slices.ContainsFunc(out, func(o Member) bool { return o.ID == m.ID }) {
			return nil, fmt.Errorf("line %d: %s stands there twice", line, m.ID)
		}
		out = append(out, m)
	}
	if len(out) == 0 {
		return nil, errors.New("nobody is on it")
	}
	return out, nil
}
