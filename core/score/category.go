package score

// Categories says how ranks become words.
type Categories string

// The ways to make categories.
const (
	// Thirds calls the first third of the ranked wards High, the last third
	// Low and the rest Medium. With n wards a third is n/3 rounded down, so
	// that a remainder goes to Medium. Wards that share a rank share their
	// category, that of the first of them; a tie can thus make High larger
	// than a third.
	Thirds       Categories = "thirds"
	NoCategories Categories = "none"
)

// The names of the categories.
const (
	High   = "High"
	Medium = "Medium"
	Low    = "Low"
)

func (r *Ranking) categorise(how Categories) {
	if how == NoCategories {
		return
	}
	third := r.Ranked / 3
	for _, i := range r.Order[:r.Ranked] {
		w := &r.Wards[i]
		switch {
		case w.Rank <= third:
			w.Category = High
		case w.Rank > r.Ranked-third:
			w.Category = Low
		default:
			w.Category = Medium
		}
	}
}
