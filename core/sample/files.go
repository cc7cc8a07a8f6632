package sample

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// File is one file of the set, as it would lie in a folder.
type File struct {
	Name string
	Data []byte
	What string // what it is, one line for a person
}

// Files gives the set: boundaries, facility records as a workbook and as text,
// ward variables, population, and a note that all of it is made up. The bytes
// depend on the seed and the options alone.
func (s *State) Files() ([]File, error) {
	workbook, err := s.sheet.workbook()
	if err != nil {
		return nil, fmt.Errorf("sample: facility workbook: %w", err)
	}
	lastYear := s.Options.FirstYear + (s.Options.Months-1)/12
	records := fmt.Sprintf("fictional-state_dhis2_malaria_%d-%d", s.Options.FirstYear, lastYear)
	list := []File{
		{"fictional-state_wards.geojson", s.geojson(), "ward boundaries"},
		{records + ".xlsx", workbook, "monthly malaria records of the facilities, a raw export"},
		{records + ".csv", s.sheet.csv(), "the same records as text"},
		{"wards_environment.csv", s.environmentCSV(), "variables of the wards"},
		{"population_2024.csv", s.populationCSV(), "people per ward"},
	}
	readme := File{"README.txt", s.readme(list), "what this set is: made up"}
	return append([]File{readme}, list...), nil
}

// csv writes the facility file as text in UTF-8, with the same blank row and
// title above the headers.
func (h sheet) csv() []byte {
	var b bytes.Buffer
	commas := strings.Repeat(",", len(h.headers)-1) + "\n"
	b.WriteString(commas)
	b.WriteString(quoted(h.title) + commas)
	writeLine(&b, h.headers)
	for _, r := range h.rows {
		for i, c := range r.cells {
			if i > 0 {
				b.WriteByte(',')
			}
			switch c.kind {
			case count:
				b.Write(strconv.AppendInt(b.AvailableBuffer(), int64(c.number), 10))
			case text:
				b.WriteString(quoted(c.text))
			}
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func writeLine(b *bytes.Buffer, fields []string) {
	for i, f := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(quoted(f))
	}
	b.WriteByte('\n')
}

// quoted puts a field between quotes where RFC 4180 asks for it.
func quoted(field string) string {
	if !strings.ContainsAny(field, ",\"\r\n") {
		return field
	}
	return `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
}

// environmentCSV writes the ward variables. The last column carries the label.
func (s *State) environmentCSV() []byte {
	var b bytes.Buffer
	writeLine(&b, slices.Concat([]string{"State", "LGA", "WardName"}, Variables(), []string{"Note"}))
	for i, w := range s.Wards {
		fields := []string{s.Name, s.LGAs[w.LGA].Name, w.Name}
		for v, value := range w.Values {
			field := strconv.FormatFloat(value, 'f', -1, 64)
			if slices.Contains(s.gaps, gapCell{i, v}) {
				field = ""
			}
			fields = append(fields, field)
		}
		writeLine(&b, append(fields, Label))
	}
	return b.Bytes()
}

// populationCSV writes the people per ward. The last column carries the label.
func (s *State) populationCSV() []byte {
	var b bytes.Buffer
	writeLine(&b, []string{"State", "LGA", "Ward", "WardCode", "Population", "Note"})
	for _, w := range s.Wards {
		writeLine(&b, []string{s.Name, s.LGAs[w.LGA].Name, w.Name, w.Code, strconv.Itoa(w.Population), Label})
	}
	return b.Bytes()
}

func (s *State) readme(list []File) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s DATA\n\n", Label)
	fmt.Fprintf(&b, "%s State does not exist. Its map, its wards and their names, its facilities,\n", s.Name)
	b.WriteString("its people and its malaria are made up by a program from a number. Any likeness\nto a real place is chance. Use these files to try the program, never to plan.\n\n")
	fmt.Fprintf(&b, "Seed %d: %d LGAs, %d wards, %d facilities, %s to %s.\n\n", s.Seed, len(s.LGAs), len(s.Wards),
		len(s.Facilities), s.period(0), s.period(s.Options.Months-1))
	for _, f := range list {
		fmt.Fprintf(&b, "%-44s %s\n", f.Name, f.What)
	}
	if !s.Options.Clean {
		b.WriteString("\nThe files carry the faults of real ones on purpose: rows above the headers, signs\nthat went through a wrong decoding, a count in two columns of one name, wards\n" +
			"unknown or misspelt, an LGA in two spellings, wards of one name in two LGAs,\nmore positives than tests, words for numbers, repeated rows, facilities that\n" +
			"fall silent, a ward without any report, and empty cells.\n")
	}
	return []byte(b.String())
}
