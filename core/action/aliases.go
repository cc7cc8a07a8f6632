package action

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"chatmrpt/core/place"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// recall collects what was decided earlier: by the person herself, and by
// others in the alias files she imported, the one of this run included.
func (m *matching) recall(ctx context.Context, w *workspace.Workspace) error {
	decisions, err := w.Decisions(ctx)
	if err != nil {
		return err
	}
	for _, d := range decisions {
		r := place.Remembered{
			Given:    place.Given{State: d.GivenState, LGA: d.GivenLGA, Ward: d.GivenWard, Code: d.GivenCode},
			Unit:     place.Unit{State: d.State, LGA: d.LGA, Ward: d.Ward, Code: d.WardCode},
			Decision: place.Decision(d.Decision),
		}
		m.earlier.Own = append(m.earlier.Own, r)
		m.own = append(m.own, place.Alias{Remembered: r, When: d.Made})
	}
	fresh, err := m.importAliases()
	if err != nil {
		return err
	}
	held, err := w.Current(ctx, workspace.KindAliases)
	if err != nil {
		return err
	}
	for _, d := range held {
		if len(fresh) > 0 && d.Name == aliasName(m.act.ImportAliases) {
			continue // a newer version of it is being imported
		}
		t, err := w.Table(ctx, d)
		if err != nil {
			return err
		}
		m.draft.Inputs = append(m.draft.Inputs, d)
		m.earlier.Imported = append(m.earlier.Imported, aliasesIn(t)...)
	}
	m.earlier.Imported = append(m.earlier.Imported, fresh...)
	return nil
}

// aliasName is the name under which an alias file is kept.
func aliasName(path string) string {
	base := filepath.Base(path)
	return strings.TrimSuffix(base, filepath.Ext(base))
}

// importAliases reads the alias file, when one is given, and says what it
// brings.
func (m *matching) importAliases() ([]place.Alias, error) {
	if m.act.ImportAliases == "" {
		return nil, nil
	}
	in, err := readFile("match", m.act.ImportAliases)
	if err != nil {
		return nil, err
	}
	aliases, err := place.ReadAliases(bytes.NewReader(in.data))
	if err != nil {
		return nil, inFile(in.name, err)
	}
	t, err := aliasTable(aliases)
	if err != nil {
		return nil, err
	}
	m.draft.Outputs = append(m.draft.Outputs, store.NewDataset{Kind: workspace.KindAliases, Name: aliasName(in.name), Source: in.name, SourceHash: in.hash, Table: t})
	m.draft.Notices = append(m.draft.Notices, m.brought(aliases)...)
	return aliases, nil
}

// brought says what imported aliases bring, and where they contradict the
// person.
func (m *matching) brought(aliases []place.Alias) []string {
	merged := place.Merge(m.own, aliases)
	mine := map[place.Given]place.Alias{}
	for _, a := range m.own {
		mine[a.Given] = a
	}
	var against []string
	for _, a := range aliases {
		if own, ok := mine[a.Given]; ok && (own.Decision != a.Decision || own.Unit != a.Unit) {
			against = append(against, fmt.Sprintf("%s (%s)", a.Given.Ward, a.Given.LGA))
		}
	}
	out := []string{fmt.Sprintf("%s imported; with your own decisions there are now %s", counted(len(aliases), "decision"), counted(len(merged), "decided name"))}
	if len(against) > 0 {
		out = append(out, fmt.Sprintf("%s of the file contradict yours, which stand: %s", counted(len(against), "decision"), listed(against, 5)))
	}
	return out
}

// shared lists every decision in force, the person's own under her name.
func (m *matching) shared(w *workspace.Workspace) []place.Alias {
	own := slices.Clone(m.own)
	for i := range own {
		own[i].Who = cmp.Or(own[i].Who, w.User())
	}
	return place.Merge(own, m.earlier.Imported)
}

// aliasTable keeps imported decisions as a table of the project.
func aliasTable(aliases []place.Alias) (*table.Table, error) {
	var c columns
	for _, a := range aliases {
		c.text("given_state", a.Given.State)
		c.text("given_lga", a.Given.LGA)
		c.text("given_ward", a.Given.Ward)
		c.text("given_code", a.Given.Code)
		c.text("state", a.Unit.State)
		c.text("lga", a.Unit.LGA)
		c.text("ward", a.Unit.Ward)
		c.text("ward_code", a.Unit.Code)
		c.text("decision", string(a.Decision))
		c.text("who", a.Who)
		c.text("when", a.When.UTC().Format(time.RFC3339))
	}
	return c.table("aliases")
}

// aliasesIn reads such a table.
func aliasesIn(t *table.Table) []place.Alias {
	out := make([]place.Alias, t.Rows())
	cell := func(name string, row int) string {
		c, ok := t.Column(name)
		if !ok {
			return ""
		}
		return c.Format(row)
	}
	for i := range out {
		when, _ := time.Parse(time.RFC3339, cell("when", i)) // written by aliasTable
		out[i] = place.Alias{
			Remembered: place.Remembered{
				Given:    place.Given{State: cell("given_state", i), LGA: cell("given_lga", i), Ward: cell("given_ward", i), Code: cell("given_code", i)},
				Unit:     place.Unit{State: cell("state", i), LGA: cell("lga", i), Ward: cell("ward", i), Code: cell("ward_code", i)},
				Decision: place.Decision(cell("decision", i)),
			},
			Who: cell("who", i), When: when,
		}
	}
	return out
}
