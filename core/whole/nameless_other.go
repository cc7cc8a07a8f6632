//go:build !linux

package whole

import (
	"errors"
	"os"
)

// nameless is for systems that have nameless files.
func nameless(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func name(*os.File, string) error { return errors.ErrUnsupported }
