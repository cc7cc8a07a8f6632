package grid

import (
	"testing"

	"chatmrpt/core/problem"
)

func TestWidthLeavesOutTrailingEmptyCells(t *testing.T) {
	r := Row{Cells: []Cell{{}, {Kind: Text, Text: []byte("a")}, {}, {}}}
	if r.Width() != 2 || (Row{}).Width() != 0 {
		t.Errorf("width %d, %d", r.Width(), Row{}.Width())
	}
}

func TestCloneSurvivesReuse(t *testing.T) {
	text := []byte("abc")
	r := Row{Number: 3, Cells: []Cell{{Kind: Text, Text: text}, {Kind: Number, Num: 2}}}
	c := r.Clone()
	text[0], r.Cells[1].Num = 'X', 9
	if c.Number != 3 || string(c.Cells[0].Text) != "abc" || c.Cells[1].Num != 2 {
		t.Errorf("the copy changed: %+v", c)
	}
}

func TestEveryLimitSaysWhatToDo(t *testing.T) {
	for _, p := range []*problem.Problem{TooManyRows(), TooManyColumns(7), CellTooLong(7), Bad("m", "h")} {
		if p.Hint == "" || p.Op != "import" || p.Code != problem.BadInput {
			t.Errorf("%+v", p)
		}
	}
}
