package report

import (
	"context"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// RecoveryCode is what stands on the page that a person prints and puts away.
type RecoveryCode struct {
	User    string    // name of the profile
	Code    string    // as it is typed: groups with dashes between
	Created time.Time // printed as it stands, in its own time zone; not zero
	Version string    // of the program
}

// RecoveryPage writes one A4 page with a recovery code, large enough to be read
// off a bad print, and with what it is for. The code stands in the file in
// clear: who has the file, or the paper, opens the profile.
//
// It fails with ErrCreated, and when w does.
func RecoveryPage(w io.Writer, c RecoveryCode) error {
	if c.Created.IsZero() {
		return ErrCreated
	}
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: pageW, Ht: pageH}})
	r := newRuler(pdf)
	describe(pdf, "Recovery code", c.Created, c.Version)
	pdf.SetAutoPageBreak(false, 0)
	pdf.AddPage()
	for _, it := range recoveryBlock(r, c).items {
		if err := printItem(context.Background(), pdf, it.moved(marginX, marginTop)); err != nil {
			return err
		}
	}
	return finish(pdf, w)
}

// Sizes of the recovery page, in points.
const (
	codeSize = 26.0
	wordSize = 11.0
	codeGap  = 30.0
)

func recoveryBlock(r ruler, c RecoveryCode) block {
	var all []block
	add := func(text string, size, gap float64, colour ink) {
		part := r.paragraph(text, size, bodyW, colour)
		all = append(all, spaced(part, gap)...)
	}
	add("Recovery code of "+clean(c.User), titleSize, 0, black)
	add("Made on "+c.Created.Format("2 January 2006 at 15:04")+" by "+program+" on one computer. It is kept nowhere else.", wordSize, headingGap, quiet)
	for i, line := range CodeLines(c.Code) {
		gap := paragraphGap
		if i == 0 {
			gap = codeGap
		}
		add(line, codeSize, gap, black)
	}
	for i, text := range []string{
		"With this code the profile opens when the passphrase is forgotten: choose “Forgot the passphrase?” in the window, or mrpt user recover at a terminal. Type it with or without the dashes; capital and small letters are the same. The letters I, L, O and U do not occur.",
		"Whoever has this page and the computer, or a copy of the profile’s folder, can read everything in the profile. Keep it where you keep papers that nobody else may see, apart from the computer.",
		"When it has been used, or a new key was made, a new code takes its place and this page is waste: tear it up.",
		"Delete the file that this page was printed from, and empty the bin. Mind that a printer may keep what it printed.",
	} {
		gap := paragraphGap + 4
		if i == 0 {
			gap = codeGap
		}
		add(text, wordSize, gap, black)
	}
	return stack(all)
}

// CodeLines breaks a code between its groups, three to a line, so that it can
// be copied by hand without losing the place.
func CodeLines(code string) []string {
	groups := strings.Split(code, "-")
	var out []string
	for len(groups) > 0 {
		n := min(3, len(groups))
		line := strings.Join(groups[:n], "-")
		if groups = groups[n:]; len(groups) > 0 {
			line += "-"
		}
		out = append(out, line)
	}
	return out
}
