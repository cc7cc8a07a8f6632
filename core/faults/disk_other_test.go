//go:build !linux

package faults

import (
	"errors"
	"math/rand/v2"
	"testing"
)

func limitFiles(bytes string) error {
	if bytes == "" {
		return nil
	}
	return errors.New("files can't be limited here")
}

func (l *ledger) diskFull(string, string, []string) func(*testing.T, *row, *rand.Rand) {
	return notHere
}

func (l *ledger) filesLimited(string, string, []string) func(*testing.T, *row, *rand.Rand) {
	return notHere
}

func (l *ledger) readOnly(string, string, []string) func(*testing.T, *row, *rand.Rand) {
	return notHere
}

func (l *ledger) stickFull(string) func(*testing.T, *row, *rand.Rand) { return notHere }

func notHere(_ *testing.T, r *row, _ *rand.Rand) {
	r.absent = "not tried: needs Linux"
}
