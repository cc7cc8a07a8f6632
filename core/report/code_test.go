package report_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"chatmrpt/core/report"
)

// The page holds the code once, in lines to be copied, says whose it is and
// what to do with the file; equal pages are equal bytes.
func TestRecoveryPage(t *testing.T) {
	c := report.RecoveryCode{User: "Amina Bello", Code: "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF-GGGG-HHHH-JJJJ", Created: created(), Version: "test"}
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := report.RecoveryPage(b, c); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("equal pages differ")
	}
	pages := extract(t, first.Bytes())
	if len(pages) != 1 {
		t.Fatalf("%d pages", len(pages))
	}
	text := strings.Join(pages[0], "\n")
	for _, want := range []string{"Recovery code of Amina Bello", "AAAA-BBBB-CCCC-\nDDDD-EEEE-FFFF-\nGGGG-HHHH-JJJJ", "Delete the file"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	if err := report.RecoveryPage(&first, report.RecoveryCode{Code: "X"}); !errors.Is(err, report.ErrCreated) {
		t.Errorf("no time: %v", err)
	}
	if got := strings.Join(report.CodeLines("A-B-C-D"), "\n"); got != "A-B-C-\nD" {
		t.Errorf("lines: %q", got)
	}
}
