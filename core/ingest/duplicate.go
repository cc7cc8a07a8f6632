package ingest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"chatmrpt/core/ingest/header"
	"chatmrpt/core/ingest/repair"
	"chatmrpt/core/ingest/value"
	"chatmrpt/core/problem"
	"chatmrpt/core/table"
)

// resolve makes one column of every group of columns with one header. DHIS2
// gives two columns of one name when a form was migrated: one holds the years
// before, the other those after, and zeros elsewhere. Taking the first, as
// spreadsheet readers do, loses years.
//
// The rules are those of spec/analytics.md 1.5, first that fits. Two go
// further in one direction only, that no value is lost: identical columns
// fill each other's gaps, and a column is "not numbers" when a fifth of its
// values are not. Outside of tables of counts only identical columns are
// joined, because adding up is meant for counts. Where no rule fits a person
// is asked: the sum counts twice what two forms both reported, anything else
// loses what one of them did.
func resolve(s *sheet, o Options, counts bool, rep *Report) error {
	groups := repeated(s, o)
	if err := o.checkDuplicates(groups); err != nil {
		return err
	}
	periods := periodKeys(s, len(groups))
	gone := map[*column]bool{}
	var open []Duplicate
	for _, g := range groups {
		d := joinGroup(g, s, periods, counts, o, rep)
		rep.Duplicates = append(rep.Duplicates, d)
		if d.Strategy == Ambiguous {
			open = append(open, d)
		}
		if d.Strategy == KeptApart {
			continue
		}
		for _, c := range g[1:] {
			gone[c] = true
		}
	}
	if len(open) > 0 {
		return askDuplicates(open)
	}
	s.columns = slices.DeleteFunc(s.columns, func(c *column) bool { return gone[c] })
	makeUnique(s)
	return nil
}

// answer is what the person said about a group, "" for nothing.
func (o Options) answer(header string) string {
	for name, how := range o.Duplicates {
		fixed, _ := repair.Header(name)
		if name == header || strings.EqualFold(fixed, header) {
			return how
		}
	}
	return o.Duplicates[AllDuplicates]
}

// checkDuplicates refuses answers that mean nothing: a slip in a header would
// leave its question open for ever.
func (o Options) checkDuplicates(groups [][]*column) error {
	for name, how := range o.Duplicates {
		if !slices.Contains(DuplicateAnswers(), how) {
			return problem.New(problem.Usage, "", "", strconv.Quote(how)+" is no way to treat columns of one name",
				"Use one of: "+strings.Join(DuplicateAnswers(), ", "))
		}
		one := Options{Duplicates: map[string]string{name: how}}
		if name != AllDuplicates && !slices.ContainsFunc(groups, func(g []*column) bool { return one.answer(g[0].name) != "" }) {
			return problem.New(problem.NotFound, "", "", "there are no columns of one name "+name,
				"Give the name as in the file's header; only columns that stand there more than once need an answer")
		}
	}
	return nil
}

// askDuplicates is the question, with what helps to answer it.
func askDuplicates(open []Duplicate) error {
	var facts []string
	for i, d := range open {
		if i == 5 {
			facts = append(facts, fmt.Sprintf("and %d more", len(open)-i))
			break
		}
		var totals []string
		for _, t := range d.Totals {
			totals = append(totals, formatNumber(t))
		}
		facts = append(facts, fmt.Sprintf("%s (totals %s; different in %d rows)", clip(d.Header), strings.Join(totals, " and "), d.Conflicts))
	}
	first := clip(open[0].Header)
	message := fmt.Sprintf("%d columns are named %s and nothing shows whether their counts belong together", len(open[0].Columns), first)
	if len(open) > 1 {
		message = fmt.Sprintf("%d names stand over several columns each, and nothing shows whether their counts belong together", len(open))
	}
	return problem.New(problem.Usage, "", "", message, fmt.Sprintf(
		"Look at them and say what they are: --duplicate \"%s=sum\" adds them up (two parts of one form), =first keeps the first and drops the others, "+
			"=largest takes the larger of each row (the same counted twice), =apart keeps all; --duplicate all=… answers for every name. They are: %s",
		first, strings.Join(facts, "; ")))
}

// repeated groups columns of one header: literally, or with the suffix .1,
// .2 … that readers give to repeated headers, when the base is there too. A
// column that shares the name of a text column but holds levels of care is
// another thing (organisationunitname.1 of the yearly files), and so is one
// that the person chose by its suffix.
func repeated(s *sheet, o Options) [][]*column {
	names := map[string]bool{}
	for _, c := range s.columns {
		names[c.name] = true
	}
	groups := map[string][]*column{}
	var order []string
	for _, c := range s.columns {
		base := baseName(c.name, names)
		g := groups[base]
		switch {
		case base != c.name && isChosen(o, c):
			continue
		case len(g) == 0:
			order = append(order, base)
		case c.levelShare() >= 0.8 && g[0].levelShare() < 0.8:
			continue
		}
		groups[base] = append(g, c)
	}
	var out [][]*column
	for _, base := range order {
		if len(groups[base]) > 1 {
			out = append(out, groups[base])
		}
	}
	return out
}

// baseName strips a reader's suffix when a column without it exists:
// version_1.1 without version_1 repeats nothing.
func baseName(name string, names map[string]bool) string {
	at := strings.LastIndexByte(name, '.')
	if at <= 0 {
		return name
	}
	if n, err := strconv.Atoi(name[at+1:]); err != nil || n < 1 || !names[name[:at]] {
		return name
	}
	return name[:at]
}

// joinGroup resolves one group into its first column.
func joinGroup(g []*column, s *sheet, periods []string, counts bool, o Options, rep *Report) Duplicate {
	d, rows := Duplicate{Header: g[0].name}, s.rows
	numeric := true
	for _, c := range g {
		d.Columns = append(d.Columns, c.written)
		p := c.profile()
		numeric = numeric && (p.mostlyNumbers() || p.present() == 0)
	}
	if numeric {
		for _, c := range g {
			d.Totals = append(d.Totals, c.total(rows))
		}
	}
	identical, overlap := compare(g, rows)
	d.Conflicts = overlap
	d.Strategy, d.Reason = strategy(g, rows, periods, numeric, counts, identical)
	if chosen := o.answer(d.Header); chosen != "" && (numeric || chosen != Sum && chosen != Largest) {
		d.Strategy, d.Reason = chosen, "you said so"
	}
	join(g, s, d.Strategy, rep)
	if numeric {
		d.Merged = g[0].total(rows)
	}
	return d
}

// strategy is the first rule that fits, with its reason.
func strategy(g []*column, rows int, periods []string, numeric, counts, identical bool) (name, reason string) {
	switch {
	case !numeric && counts:
		return KeepFirst, "the columns hold text"
	case identical:
		return Identical, "the values are the same in every row where both columns have one"
	case !counts:
		return KeptApart, "the columns differ and the table is not one of counts"
	case isKey(g[0].name):
		return KeepFirst, "the columns hold keys or periods, which can't be added up"
	case isRate(g[0].name):
		return FirstValue, "the name is that of a rate, which can't be added up"
	}
	if most, least, ok := activePeriods(g, periods); ok && most >= 2*max(least, 1) {
		return Sum, fmt.Sprintf("one column is in use in %d periods, another in %d: the form was changed", most, least)
	} else if !ok && len(g) == 2 {
		if apart := nonOverlap(g, rows); apart >= 0.8 {
			return Sum, fmt.Sprintf("in %.0f %% of the rows only one of the columns is above zero", apart*100)
		}
	}
	return Ambiguous, "no rule fits"
}

// isKey: names of columns whose numbers stand for places, times and records.
func isKey(name string) bool {
	if header.IsIdentifier(name) {
		return true
	}
	g, ok := header.Of(name)
	return ok && g.Role != table.RolePopulation && !isCount(g.Role) && !isPatients(g.Role)
}

// isPatients: the roles that count patients without a test of malaria.
func isPatients(r table.Role) bool {
	return r == table.RoleAttendance || r == table.RoleGeneralAttendance || isFever(r)
}

// isFever: the roles of persons with fever, or taken for malaria without a test.
func isFever(r table.Role) bool {
	return strings.HasPrefix(string(r), "fever_") || strings.HasPrefix(string(r), "presumed_")
}

func isRate(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"rate", "percent", "%", "ratio", "tpr", "proportion"}, func(s string) bool {
		return strings.Contains(name, s)
	})
}

// compare reports whether all members agree wherever two have a value, with
// at least one such row, and in how many rows they don't.
func compare(g []*column, rows int) (identical bool, conflicts int) {
	joint := 0
	for i := range rows {
		first, seen, differ := "", false, false
		for _, c := range g {
			text, ok := c.comparable(i)
			if ok && seen {
				joint++
				differ = differ || text != first
			} else if ok {
				first, seen = text, true
			}
		}
		if differ {
			conflicts++
		}
	}
	return joint > 0 && conflicts == 0, conflicts
}

// comparable is the cell's value in one form: "1.0" and 1 are the same.
func (c *column) comparable(i int) (string, bool) {
	if v, ok := c.number(i); ok {
		return formatNumber(v), true
	}
	return c.text(i)
}

// activePeriods counts for each member the periods in which it has any value
// that is not zero, and returns the largest and smallest count.
func activePeriods(g []*column, periods []string) (most, least int, ok bool) {
	if periods == nil {
		return 0, 0, false
	}
	least = len(periods)
	for _, c := range g {
		active := map[string]bool{}
		for i, p := range periods {
			if v, ok := c.number(i); ok && v != 0 && p != "" {
				active[p] = true
			}
		}
		most, least = max(most, len(active)), min(least, len(active))
	}
	return most, least, true
}

// nonOverlap is the share of rows, among those where any of two columns is
// not zero, in which only one is. DHIS2 writes 0 for "form not in use", so
// presence proves nothing.
func nonOverlap(g []*column, rows int) float64 {
	both, any := 0, 0
	for i := range rows {
		a, _ := g[0].number(i)
		b, _ := g[1].number(i)
		if a != 0 || b != 0 {
			any++
		}
		if a != 0 && b != 0 {
			both++
		}
	}
	if any == 0 {
		return 0
	}
	return 1 - float64(both)/float64(any)
}

// join writes the group's result into its first column.
func join(g []*column, s *sheet, how string, rep *Report) {
	first := g[0]
	switch how {
	case KeepFirst, KeptApart, Ambiguous:
		return
	case Sum, Largest:
		refuseNegatives(g, s.lines, rep)
	}
	for i := range s.rows {
		if how != Sum && how != Largest {
			first.set(i, coalesce(g, i))
		} else if v, ok := together(g, i, how); ok {
			first.set(i, packNumber(v))
		}
	}
	first.recount()
}

// coalesce is the first cell with a value.
func coalesce(g []*column, i int) packed {
	for _, c := range g {
		if v, ok := c.number(i); ok {
			return packNumber(v)
		}
		if text, ok := c.text(i); ok {
			return g[0].intern(text)
		}
	}
	return g[0].at(i)
}

// together is the sum or the largest of the members' numbers; without any it is
// missing.
func together(g []*column, i int, how string) (out float64, ok bool) {
	for _, c := range g {
		v, has := c.number(i)
		switch {
		case !has || v < 0:
		case how == Sum:
			out, ok = out+v, true
		default:
			out, ok = max(out, v), true
		}
	}
	return out, ok
}

// refuseNegatives reports negative members, which may not lower a sum unseen.
func refuseNegatives(g []*column, lines []uint32, rep *Report) {
	for _, c := range g {
		issue := CellIssue{Column: c.name, Problem: problemNegative}
		for i := range c.cells {
			if v, ok := c.number(i); ok && v < 0 {
				issue.count(lines[i], formatNumber(v))
			}
		}
		rep.issue(issue)
	}
}

// set writes cell i.
func (c *column) set(i int, p packed) {
	if p == tagEmpty && i >= len(c.cells) {
		return
	}
	for len(c.cells) <= i {
		c.cells = append(c.cells, tagEmpty)
	}
	c.cells[i] = p
}

// intern returns the cell of a text, which joins the dictionary if need be.
func (c *column) intern(text string) packed {
	if c.index == nil {
		c.index = map[string]uint32{}
		for i, e := range c.dict {
			c.index[e.text] = uint32(i)
		}
	}
	k, ok := c.index[text]
	if !ok {
		k = uint32(len(c.dict))
		c.dict, c.index[text] = append(c.dict, entry{text: text}), k
	}
	return tagText | packed(k)
}

// recount brings the counts up to date after cells were rewritten.
func (c *column) recount() {
	c.numbers, c.texts, c.dates, c.errors = 0, 0, 0, 0
	for i := range c.dict {
		c.dict[i].count = 0
	}
	for _, p := range c.cells {
		switch p.tag() {
		case 0:
			c.numbers++
		case tagText:
			c.texts++
			c.dict[p.code()].count++
		case tagDate:
			c.dates++
		case tagError:
			c.errors++
		}
	}
}

// total is the sum of a column's numbers.
func (c *column) total(rows int) (sum float64) {
	for i := range min(rows, len(c.cells)) {
		if v, ok := c.number(i); ok {
			sum += v
		}
	}
	return sum
}

// levelShare is the share of a column's distinct texts that are levels of care.
func (c *column) levelShare() float64 {
	return c.share(func(s string) bool { _, ok := value.Level(s); return ok })
}

// share is the share of the distinct texts for which test holds.
func (c *column) share(test func(string) bool) float64 {
	hits, all := 0, 0
	for i := range c.dict {
		if e := &c.dict[i]; e.count > 0 && !e.missing && !value.IsUnknownPlace(e.text) {
			all++
			if test(e.text) {
				hits++
			}
		}
	}
	if all == 0 {
		return 0
	}
	return float64(hits) / float64(all)
}

// makeUnique gives later columns of one name the suffix a reader would.
func makeUnique(s *sheet) {
	taken := map[string]bool{}
	for _, c := range s.columns {
		name := c.name
		for n := 1; taken[c.name]; n++ {
			c.name = name + "." + strconv.Itoa(n)
		}
		taken[c.name] = true
	}
}
