package ingest

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"chatmrpt/core/problem"

	"github.com/xuri/excelize/v2"
)

// checkProblem: err is a complete problem of this code whose hint helps.
func checkProblem(t *testing.T, what string, err error, code problem.Code, hint string) {
	t.Helper()
	p, ok := errors.AsType[*problem.Problem](err)
	switch {
	case !ok:
		t.Errorf("%s: %v is no problem", what, err)
	case p.Code != code || p.Op != "import" || p.Subject == "" || p.Message == "":
		t.Errorf("%s: %+v, want code %s", what, p, code)
	case !strings.Contains(p.Hint, hint) || p.Hint == "":
		t.Errorf("%s: the hint is %q, want it to say %q", what, p.Hint, hint)
	}
}

func TestBadInputIsAProblemWithAHint(t *testing.T) {
	workbook := workbookOf(t, map[string][][]any{"S": {{"WardName", "x"}, {"A", 1}}})
	for name, c := range map[string]struct{ in, hint string }{
		"empty file":        {"", "completely"},
		"only blank lines":  {"\n\n  \n", "another sheet"},
		"header only":       {"WardName,rainfall\n", "export was finished"},
		"no header":         {"1,2\n3,4\n", "names of the columns"},
		"no ward":           {"District,rainfall\nA,1\n", "--unit-column"},
		"no ward, headers":  {"District,rainfall\nA,1\n", "District; rainfall"},
		"zero byte":         {"WardName,x\nA,\x001\n", "save it again"},
		"open quote":        {"WardName,x\n\"A,1\nB,2\n", "quotation mark"},
		"all rows too long": {"WardName,x\nA,1,2\nB,1,2\n", "quotation marks"},
		"cut workbook":      {string(workbook[:len(workbook)/2]), "again"},
		"web page":          {"<html><table></table></html>", "DHIS2"},
		"a picture":         {"\x89PNG\r\n\x1a\n\x00\x00", "spreadsheet program"},
	} {
		_, err := Read(t.Context(), "f", []byte(c.in), Options{})
		checkProblem(t, name, err, problem.BadInput, c.hint)
	}
}

func TestCancelledReading(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	text := "WardName,x\n" + strings.Repeat("A,1\n", 20_000)
	_, err := Read(ctx, "f.csv", []byte(text), Options{})
	checkProblem(t, "cancelled", err, problem.Interrupted, "again")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the cause is lost: %v", err)
	}
}

// A wide header over millions of nearly empty rows must not make a table
// bigger than the file justifies.
func TestTableIsBoundedByTheFile(t *testing.T) {
	text := "WardName" + strings.Repeat(",x", 900) + "\n" + strings.Repeat("A\n", 100_000)
	_, err := Read(t.Context(), "f.csv", []byte(text), Options{})
	checkProblem(t, "wide and empty", err, problem.BadInput, "split")
}

// workbookOf makes a workbook; sheets are in the order of their names.
func workbookOf(t testing.TB, sheets map[string][][]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for name, rows := range sheets {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			cell, err := excelize.CoordinatesToCellName(1, i+1)
			if err == nil {
				err = f.SetSheetRow(name, cell, &row)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
