package table

import (
	"bytes"
	"math"
	"testing"
)

func TestColumnKeepsMissingApartFromZeroAndEmpty(t *testing.T) {
	c := NewNumber("x")
	c.AppendNumber(0)
	c.AppendMissing()
	c.AppendNumber(math.NaN())
	c.AppendNumber(math.Inf(1))
	c.AppendImputed(2.5)
	if v, ok := c.Number(0); !ok || v != 0 {
		t.Errorf("zero became %v, %v", v, ok)
	}
	for i := 1; i <= 3; i++ {
		if _, ok := c.Number(i); ok || !c.Missing(i) || c.Format(i) != "" {
			t.Errorf("row %d is not missing", i)
		}
	}
	if !c.Imputed(4) || c.Imputed(0) || c.CountImputed() != 1 || c.CountMissing() != 3 {
		t.Error("imputed mark or counts are wrong")
	}
	s := TextOf("s", "", "a")
	s.AppendMissing()
	if v, ok := s.Text(0); !ok || v != "" {
		t.Error("empty text became missing")
	}
	if _, ok := s.Text(2); ok {
		t.Error("missing text has a value")
	}
}

func TestValueIsTheCellOrNil(t *testing.T) {
	n, s := NumberOf("n", 0, math.NaN()), TextOf("s", "")
	s.AppendMissing()
	if n.Value(0) != 0.0 || n.Value(1) != nil || s.Value(0) != "" || s.Value(1) != nil {
		t.Errorf("%v %v %v %v", n.Value(0), n.Value(1), s.Value(0), s.Value(1))
	}
}

func TestWrongKindNeverGivesAValue(t *testing.T) {
	n, s := NumberOf("n", 1), TextOf("s", "1")
	if _, ok := n.Text(0); ok {
		t.Error("number read as text")
	}
	if _, ok := s.Number(0); ok {
		t.Error("text read as number")
	}
	defer func() {
		if recover() == nil {
			t.Error("appending text to a number column did not panic")
		}
	}()
	n.AppendText("x")
}

func sample() []*Column {
	text := TextOf("ward", "Afon", "", "Afon", "Ẹ̀kọ́ ≥5")
	text.AppendMissing()
	ints := NumberOf("tested", 0, -3, 1<<53, 7)
	ints.AppendMissing()
	floats := NumberOf("tpr", 0.1, math.Copysign(0, -1), math.SmallestNonzeroFloat64)
	floats.AppendMissing()
	floats.AppendImputed(0.25)
	return []*Column{text, ints, floats}
}

func TestEncodeDecodeGivesTheSameCells(t *testing.T) {
	for _, c := range append(sample(), NewText("none"), NewNumber("none")) {
		got, err := Decode(c.Name, c.Encode())
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		if got.Len() != c.Len() || got.Kind() != c.Kind() {
			t.Fatalf("%s: %d rows of %v, want %d of %v", c.Name, got.Len(), got.Kind(), c.Len(), c.Kind())
		}
		for i := range c.Len() {
			v, _ := c.Number(i)
			w, _ := got.Number(i)
			if got.Format(i) != c.Format(i) || got.Missing(i) != c.Missing(i) ||
				got.Imputed(i) != c.Imputed(i) || math.Float64bits(v) != math.Float64bits(w) {
				t.Errorf("%s row %d: %q, want %q", c.Name, i, got.Format(i), c.Format(i))
			}
		}
		if !bytes.Equal(got.Encode(), c.Encode()) {
			t.Errorf("%s: encoding is not canonical", c.Name)
		}
	}
}

func TestDecodeRefusesEveryCutAndTail(t *testing.T) {
	for _, c := range sample() {
		data := c.Encode()
		for n := range data {
			if _, err := Decode("x", data[:n]); err == nil {
				t.Errorf("%s cut to %d of %d bytes was read", c.Name, n, len(data))
			}
		}
		if _, err := Decode("x", append(bytes.Clone(data), 0)); err == nil {
			t.Errorf("%s with a byte too many was read", c.Name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, c := range sample() {
		f.Add(c.Encode())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Decode("x", data)
		if err != nil {
			return
		}
		again, err := Decode("x", c.Encode())
		if err != nil {
			t.Fatalf("what was read can't be written and read: %v", err)
		}
		if !bytes.Equal(again.Encode(), c.Encode()) {
			t.Fatal("second encoding differs")
		}
	})
}

func TestHashSeesContentNotName(t *testing.T) {
	make2 := func(name string, v float64) *Table {
		tb, err := New(name, TextOf("ward", "A"), NumberOf("x", v))
		if err != nil {
			t.Fatal(err)
		}
		return tb
	}
	if make2("a", 1).Hash() != make2("b", 1).Hash() {
		t.Error("the table's name changes the hash")
	}
	if make2("a", 1).Hash() == make2("a", 2).Hash() {
		t.Error("another cell, the same hash")
	}
	role := make2("a", 1)
	role.Columns[1].Role = RolePopulation
	if role.Hash() == make2("a", 1).Hash() {
		t.Error("another role, the same hash")
	}
}

func TestTableRefusesUnevenAndRepeatedColumns(t *testing.T) {
	if _, err := New("t", NumberOf("a", 1), NumberOf("b", 1, 2)); err == nil {
		t.Error("columns of different length accepted")
	}
	if _, err := New("t", NumberOf("a", 1), NumberOf("a", 2)); err == nil {
		t.Error("two columns of one name accepted")
	}
}

func TestPickKeepsMarksAndOrder(t *testing.T) {
	tb, err := New("t", sample()...)
	if err != nil {
		t.Fatal(err)
	}
	p := tb.Pick([]int{4, 0, 3})
	if p.Rows() != 3 {
		t.Fatalf("%d rows", p.Rows())
	}
	tpr, _ := p.Column("tpr")
	if !tpr.Imputed(0) || tpr.Imputed(1) || !tpr.Missing(2) {
		t.Error("marks did not follow their rows")
	}
	ward, _ := p.Column("ward")
	if s, _ := ward.Text(1); s != "Afon" || !ward.Missing(0) {
		t.Error("texts did not follow their rows")
	}
}

func TestRolesAreDistinct(t *testing.T) {
	seen := map[Role]bool{}
	for _, r := range Roles() {
		if seen[r] || r == "" {
			t.Errorf("role %q twice or empty", r)
		}
		seen[r] = true
	}
	if !seen[TestedRole(RDT, Under5)] || !seen[PositiveRole(Microscopy, Pregnant)] {
		t.Error("indicator roles are missing")
	}
}
