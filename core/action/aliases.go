package action

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"chatmrpt/core/place"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
	"chatmrpt/core/workspace"
)

// Aliases are decisions about names: it lists those in force with who made them
// and when, takes over those of a colleague, or writes all to a small file for
// the team. A person's own decisions stand before any that she takes over.
type Aliases struct {
	List   bool   `param:"list" help:"list the decisions in force, with who made them and when"`
	Import string `param:"import" help:"file of a colleague to take over" json:"-"`
	Export string `param:"export" help:"file to write, CSV" json:"-"`
}

// Check implements Action.
func (a *Aliases) Check() error {
	if asked := boolInt(a.List) + boolInt(a.Import != "") + boolInt(a.Export != ""); asked != 1 {
		return usage("aliases", "list", "one thing has to be asked", "Give --list, --import FILE or --export FILE")
	}
	return nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Run implements Action.
func (a *Aliases) Run(ctx context.Context, w *workspace.Workspace, _ Progress) (*Result, error) {
	k, err := recall(ctx, w)
	if err != nil {
		return nil, err
	}
	if a.Import != "" {
		return a.take(ctx, w, k)
	}
	shared := k.shared(w)
	t, err := aliasTable(shared)
	if err != nil {
		return nil, err
	}
	r := &Result{Summary: counted(len(shared), "decision") + " about names in force."}
	if a.List {
		r.Tables = []*table.Table{t}
		return r, nil
	}
	if err := (output{a.Export, func(out io.Writer) error { return place.WriteAliases(out, shared) }}).save("aliases"); err != nil {
		return nil, err
	}
	r.Summary, r.Files = "Wrote "+counted(len(shared), "decision")+" about names.", []string{a.Export}
	return r, nil
}

// take keeps the decisions of a colleague's file.
func (a *Aliases) take(ctx context.Context, w *workspace.Workspace, k *known) (*Result, error) {
	started := w.Now()
	in, err := readFile("aliases", a.Import)
	if err != nil {
		return nil, err
	}
	aliases, err := place.ReadAliases(bytes.NewReader(in.data))
	if err != nil {
		return nil, inFile("aliases", in.name, err)
	}
	t, err := aliasTable(aliases)
	if err != nil {
		return nil, err
	}
	draft := workspace.Draft{
		Act: "aliases", Params: a, Started: started, Notices: k.against(aliases),
		Summary: fmt.Sprintf("%s of %s taken over. Match again to use them.", counted(len(aliases), "decision"), listed(whose(aliases), 5)),
		Outputs: []store.NewDataset{{Kind: workspace.KindAliases, Name: strings.TrimSuffix(in.name, filepath.Ext(in.name)), Source: in.name, SourceHash: in.hash, Table: t}},
	}
	if len(aliases) == 0 {
		draft.Summary = "The file holds no decisions."
	}
	run, _, err := w.Record(ctx, draft)
	if err != nil {
		return nil, err
	}
	return &Result{Run: run.ID.N, Summary: draft.Summary, Notices: draft.Notices, Tables: []*table.Table{t}}, nil
}

// whose lists the people behind some decisions.
func whose(aliases []place.Alias) []string {
	var out []string
	for _, a := range aliases {
		out = append(out, a.Who)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// known is what was decided about names in a project.
type known struct {
	own, imported []place.Alias // own ones say when, and whose by being own
	files         []store.Dataset
}

// recall collects the person's decisions and those she took over.
func recall(ctx context.Context, w *workspace.Workspace) (*known, error) {
	decisions, err := w.Decisions(ctx)
	if err != nil {
		return nil, err
	}
	k := &known{}
	for _, d := range decisions {
		k.own = append(k.own, place.Alias{When: d.Made, Remembered: place.Remembered{
			Given:    place.Given{State: d.GivenState, LGA: d.GivenLGA, Ward: d.GivenWard, Code: d.GivenCode},
			Unit:     place.Unit{State: d.State, LGA: d.LGA, Ward: d.Ward, Code: d.WardCode},
			Decision: place.Decision(d.Decision),
		}})
	}
	if k.files, err = w.Current(ctx, workspace.KindAliases); err != nil {
		return nil, err
	}
	for _, d := range k.files {
		t, err := w.Table(ctx, d)
		if err != nil {
			return nil, err
		}
		k.imported = append(k.imported, aliasesIn(t)...)
	}
	return k, nil
}

// decisions are those that Match applies.
func (k *known) decisions() place.Decisions {
	d := place.Decisions{Imported: k.imported}
	for _, a := range k.own {
		d.Own = append(d.Own, a.Remembered)
	}
	return d
}

// shared lists every decision in force, the person's own under her name.
func (k *known) shared(w *workspace.Workspace) []place.Alias {
	own := slices.Clone(k.own)
	for i := range own {
		own[i].Who = w.User()
	}
	return place.Merge(own, k.imported)
}

// against says where others' decisions contradict the person's own.
func (k *known) against(aliases []place.Alias) []string {
	mine := map[place.Given]place.Alias{}
	for _, a := range k.own {
		mine[a.Given] = a
	}
	var names []string
	for _, a := range aliases {
		if own, ok := mine[a.Given]; ok && (own.Decision != a.Decision || own.Unit != a.Unit) {
			names = append(names, fmt.Sprintf("%s (%s)", a.Given.Ward, a.Given.LGA))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("decisions of the file against yours, which stand: %s (%s)", grouped(len(names)), listed(names, 5))}
}

// aliasTable keeps imported decisions as a table of the project.
func aliasTable(aliases []place.Alias) (*table.Table, error) {
	var c columns
	for _, name := range place.AliasColumns() { // there are none of them in an empty file
		c.column(name, table.NewText)
	}
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
