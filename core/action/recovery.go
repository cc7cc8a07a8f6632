package action

import (
	"io"
	"time"

	"chatmrpt/core/report"
)

// SaveRecoveryPage writes the page with a recovery code to be printed, as a PDF
// that its owner alone may read, whole or not at all. It is no act: it belongs
// to no open profile, and what it writes is on no record. Every error is a
// Problem.
func SaveRecoveryPage(path, user, code, version string, now time.Time) error {
	page := report.RecoveryCode{User: user, Code: code, Created: now, Version: version}
	return output{path, func(w io.Writer) error { return report.RecoveryPage(w, page) }}.save("recovery page")
}
