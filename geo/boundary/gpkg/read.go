package gpkg

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"chatmrpt/geo/feature"
)

// errTooMuch says that a file holds, by defaults or repetition, more than its
// size explains.
var errTooMuch = errors.New("its attributes make far more than its size explains")

// freeBytes is how much attributes may hold beyond a multiple of the file.
const (
	freeBytes = 64 << 20
	swelling  = 8
)

// Read gives the shapes of a layer, each as the file holds it (nil for none),
// and its attributes. The primary key that only counts the rows is left out,
// and so are columns the file would compute.
func (f *File) Read(ctx context.Context, l Info) ([][]byte, []feature.Column, error) {
	names, err := f.attributes(ctx, l)
	if err != nil {
		return nil, nil, damaged(ctx, err)
	}
	list := quoted(l.Geometry)
	for _, n := range names {
		list += ", " + quoted(n)
	}
	r := &reader{left: swelling*f.size + freeBytes, columns: make([]builder, len(names))}
	if err := f.rows(ctx, "SELECT "+list+" FROM "+quoted(l.Name), 1+len(names), r.add); err != nil {
		return nil, nil, damaged(ctx, err)
	}
	out := make([]feature.Column, len(names))
	for i, n := range names {
		out[i] = r.columns[i].column(n)
	}
	return r.shapes, out, nil
}

// attributes lists the columns of a layer that are its attributes.
func (f *File) attributes(ctx context.Context, l Info) ([]string, error) {
	var out []string
	err := f.rows(ctx, "PRAGMA table_xinfo("+quoted(l.Name)+")", 7, func(v []driver.Value) error {
		name, kind := text(v[1]), strings.ToUpper(text(v[2]))
		key, _ := v[5].(int64)
		hidden, _ := v[6].(int64)
		isNumbering := key > 0 && strings.Contains(kind, "INT")
		if hidden == 0 && !isNumbering && !strings.EqualFold(name, l.Geometry) {
			out = append(out, name)
		}
		return nil
	})
	return out, err
}

// reader collects the rows of a layer.
type reader struct {
	shapes  [][]byte
	columns []builder
	left    int // bytes that may still be taken
}

// add takes one row: the shape and the attributes.
func (r *reader) add(v []driver.Value) error {
	shape, _ := v[0].([]byte)
	if len(shape) == 0 {
		shape = nil
	}
	r.left -= len(shape) + 8
	r.shapes = append(r.shapes, shape)
	for i := range r.columns {
		r.left -= r.columns[i].add(v[i+1])
	}
	if r.left < 0 {
		return errTooMuch
	}
	return nil
}

// builder makes a column: numbers as long as all values are, else text.
type builder struct {
	values  []driver.Value
	hasText bool
	any     bool
}

// add takes a value and says how many bytes it costs.
func (b *builder) add(v driver.Value) int {
	const cell = 16
	size := cell
	switch x := v.(type) {
	case nil:
	case int64, float64:
		b.any = true
	case []byte: // a picture or the like: nothing to score or to name a ward by
		v = nil
	case string:
		if x == "" {
			v = nil
			break
		}
		b.hasText = true
		size += len(x)
	default:
		b.hasText = true
	}
	b.values = append(b.values, v)
	return size
}

func (b *builder) column(name string) feature.Column {
	n := len(b.values)
	c := feature.Column{Name: name, IsNumber: b.any && !b.hasText, Present: make([]bool, n)}
	if c.IsNumber {
		c.Numbers = make([]float64, n)
	} else {
		c.Texts = make([]string, n)
	}
	for i, v := range b.values {
		c.Present[i] = v != nil
		switch {
		case v == nil:
		case c.IsNumber:
			c.Numbers[i] = number(v)
		default:
			c.Texts[i] = plainText(v)
		}
	}
	return c
}

func number(v driver.Value) float64 {
	if n, ok := v.(int64); ok {
		return float64(n)
	}
	f, _ := v.(float64)
	return f
}

// plainText writes a value as text: dates without the time of day they don't
// have.
func plainText(v driver.Value) string {
	switch x := v.(type) {
	case string:
		return x
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(x)
	case time.Time:
		if x.Equal(x.Truncate(24 * time.Hour)) {
			return x.Format(time.DateOnly)
		}
		return x.Format(time.RFC3339)
	}
	return fmt.Sprint(v)
}
