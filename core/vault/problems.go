package vault

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"chatmrpt/core/problem"
)

// The acts of this room, as problems name them.
const (
	opCreate  = "create profile"
	opList    = "list profiles"
	opFind    = "find profile"
	opUnlock  = "unlock"
	opChange  = "change passphrase"
	opRecover = "recover profile"
	opRotate  = "rotate key"
	opErase   = "erase profile"
	opKeyring = "keyring"
	opCode    = "recovery code"
)

const restoreHint = "Put vault.json of this profile back from a backup; the data can't be read without it. Other profiles are not affected"

// damage turns what reading a profile found wrong into a problem. subject is
// the profile's name where it is known, else its id or folder.
func damage(op, subject string, err error) error {
	message, hint := "the key file vault.json is damaged", restoreHint
	switch {
	case errors.Is(err, errNewer):
		message, hint = "the profile was made by another version of the program", "Open it with the newest version of the program"
	case errors.Is(err, errOwner):
		message, hint = "the folder holds the key file of another profile",
			"Put the folder back as it was: each profile's files belong in the folder they were made in"
	case errors.Is(err, errLink):
		message, hint = "the profile folder holds a link or a special file",
			"Remove it, and put the real file in its place; a profile's files may lie nowhere else"
	case errors.Is(err, errForeign):
		message, hint = "part of the profile's folder belongs to another account of the computer, who could read it",
			"Work under the account that made the profile, or have the administrator give its folder back to you"
	case errors.Is(err, errWide):
		message, hint = "others can read the profile's folder, and its drive does not let that be changed",
			"Move the profiles to a drive that keeps rights of files, and name it with --home"
	case errors.Is(err, errStoreGone):
		message = "the data that vault.json belongs to is missing; the folder holds the data of another time"
		hint = "Put back the newer vault.json, or the whole folder of the older time; nothing was changed"
	case errors.Is(err, errNoProfile):
		message, hint = "the folder is not a profile", "Move it out of the users folder if it does not belong there"
	case isDenied(err):
		return unwritable(op, subject, err)
	}
	return problem.New(problem.Store, op, subject, message, hint).Because(err)
}

// unwritable is the problem of a home that can't be read or written.
func unwritable(op, subject string, err error) error {
	message, hint := "the folder of the profiles can't be read or written",
		"Check that its disk has room and is connected, or choose another home"
	if isDenied(err) {
		message = "the folder of the profiles is read-only or belongs to somebody else"
		hint = "Allow yourself to write to it, or choose another home"
	}
	return problem.New(problem.Store, op, subject, message, hint).Because(err)
}

// closedHome is the problem of a folder of profiles that can't be made the
// person's own.
func closedHome(op, subject string, err error) error {
	if errors.Is(err, errForeign) || errors.Is(err, errWide) {
		return damage(op, subject, err)
	}
	return unwritable(op, subject, err)
}

// notDurable is the problem of a change that was made but may not outlive a
// power cut.
func notDurable(op, subject string, err error) error {
	return problem.New(problem.Store, op, subject, "the change was made, but the disk does not promise to keep it",
		"Keep the old passphrase and recovery code beside the new ones until the profile has opened again").Because(err)
}

func isDenied(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// stopped passes on a problem, names a cancellation, and takes anything else
// for a fault of the disk.
func stopped(op, subject string, err error) error {
	if _, ok := errors.AsType[*problem.Problem](err); ok {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return problem.From(err, op)
	}
	return unwritable(op, subject, err)
}

func noHome(op string) error {
	return problem.New(problem.Usage, op, "", "no home given", "Name the folder that holds the profiles")
}

func noID(op string) error {
	return problem.New(problem.Usage, op, "", "no profile given", "Choose a profile from the list")
}

func notFound(op, subject string) *problem.Problem {
	return problem.New(problem.NotFound, op, subject, "no such profile", "List the profiles of this home, or create one")
}
