package workspace

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/paulmach/orb"

	"chatmrpt/core/problem"
	"chatmrpt/core/store"
	"chatmrpt/core/table"
)

// Kinds of dataset. Imported ones are named after what the file holds, results
// after the act that made them.
const (
	KindFacilities = "facilities"
	KindWards      = "wards"
	KindPopulation = "population"
	KindBoundaries = "boundaries"
	KindRaster     = "raster" // what a raster gave each ward
	KindMatch      = "match"
	KindPositivity = "positivity" // a measure of malaria, one row per ward
	KindSeries     = "series"     // the same by period, LGA or state
	KindTrend      = "trend"      // its change over time
	KindStrata     = "strata"     // its classes
	KindSeason     = "seasonality"
	KindFunnel     = "funnel"
	KindReprior    = "reprioritised" // wards put first or last
	KindRanking    = "ranking"
	KindModels     = "models"
	KindPlan       = "plan"

	// KindQuality holds the verdict on each year of a facility table,
	// KindQualityWards what is missing in each ward, and KindSuspects the rows
	// and facilities to ask about.
	KindQuality      = "quality"
	KindQualityWards = "quality_wards"
	KindSuspects     = "suspects"

	// What spatial found: of the whole map, ward by ward, and steadied rates.
	KindAutocorrelation = "autocorrelation"
	KindClusters        = "clusters"
	KindSmoothed        = "smoothed"
	KindRegions         = "regions"

	// What stands beside a ranking.
	KindDirections    = "directions"    // of the variables, with reasons and how they go together
	KindContributions = "contributions" // of each variable to each ward's score
	KindLeaveOut      = "leave-out"     // the ranking without each variable
	KindComponents    = "components"    // principal components
	KindAgreement     = "agreement"     // between two ways to rank

	KindVariables = "variables" // the variables a user chose to remember

	// KindAliases holds decisions about names that colleagues made, and
	// KindPlaces the wards of facilities placed by their coordinates.
	KindAliases = "aliases"
	KindPlaces  = "places"
)

// Datasets lists every version of every dataset of the project, oldest first,
// those that were taken back too; while a run is done again, as they stood when
// it began.
func (w *Workspace) Datasets(ctx context.Context) ([]store.Dataset, error) {
	if w.again != nil {
		ds, err := w.store.DatasetsBefore(ctx, w.project.ID, w.again.run.ID)
		return ds, storeProblem(err, "data", w.project.Name)
	}
	ds, err := w.store.Datasets(ctx, w.project.ID)
	return ds, storeProblem(err, "data", w.project.Name)
}

// Current lists the newest version of every dataset of the given kind, oldest
// first, without what was taken back.
func (w *Workspace) Current(ctx context.Context, kind string) ([]store.Dataset, error) {
	if w.again == nil {
		ds, err := w.store.Current(ctx, w.project.ID, kind)
		return ds, storeProblem(err, "data", w.project.Name)
	}
	all, err := w.Datasets(ctx)
	newest := map[string]store.Dataset{}
	for _, d := range all {
		if d.Kind == kind && !d.Undone {
			newest[d.Name] = d
		}
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b store.Dataset) int { return cmp.Compare(a.ID.N, b.ID.N) }), err
}

// Latest returns the newest dataset of kind and name, or of the kind whatever
// its name when name is empty. When there is none, the problem's hint is the
// one given, which says how to get one.
func (w *Workspace) Latest(ctx context.Context, op, kind, name, hint string) (store.Dataset, error) {
	d, err := w.latest(ctx, kind, name)
	if errors.Is(err, store.ErrNotFound) {
		subject := kind
		if name != "" {
			subject += " " + name
		}
		return d, problem.New(problem.NotFound, op, subject, "there is none in this project yet", hint).Because(err)
	}
	return d, storeProblem(err, op, kind)
}

func (w *Workspace) latest(ctx context.Context, kind, name string) (store.Dataset, error) {
	if w.again == nil {
		return w.store.Latest(ctx, w.project.ID, kind, name)
	}
	all, err := w.Datasets(ctx)
	if err != nil {
		return store.Dataset{}, err
	}
	for _, d := range slices.Backward(all) {
		if d.Kind == kind && !d.Undone && (name == "" || d.Name == name) {
			return d, nil
		}
	}
	return store.Dataset{}, store.ErrNotFound
}

// Table reads the cells of a dataset of this project. The caller must not change them: they
// are shared with later callers while the workspace is open.
func (w *Workspace) Table(ctx context.Context, d store.Dataset) (*table.Table, error) {
	return cached(w, cacheKey{"table", d.ID}, func() (*table.Table, error) {
		t, err := w.store.Table(ctx, w.project.ID, d)
		return t, storeProblem(err, "read", d.Name)
	})
}

// Areas reads the geometry of a dataset; the same sharing as Table.
func (w *Workspace) Areas(ctx context.Context, d store.Dataset) ([]orb.MultiPolygon, error) {
	return cached(w, cacheKey{"areas", d.ID}, func() ([]orb.MultiPolygon, error) {
		a, err := w.store.Areas(ctx, w.project.ID, d)
		return a, storeProblem(err, "read", d.Name)
	})
}

// Derived keeps a value that is costly to work out from a dataset, such as the
// neighbours of its areas, for as long as the workspace is open.
func Derived[T any](w *Workspace, what string, d store.Dataset, make func() (T, error)) (T, error) {
	return cached(w, cacheKey{what, d.ID}, make)
}

// cacheKey names a cached value by what it is and of which dataset; the id
// carries the owner.
type cacheKey struct {
	what string
	of   store.DatasetID
}

// cached returns the value under key, making it when absent. Two callers at
// once may both make it; they make the same value, and one is kept. A key of
// another owner's, or of nothing, is not found, whatever may lie under it.
func cached[T any](w *Workspace, key cacheKey, make func() (T, error)) (T, error) {
	if key.of.Owner != w.store.Owner() || key.of.N <= 0 {
		var none T
		return none, storeProblem(store.ErrNotFound, "read", key.what)
	}
	w.mu.Lock()
	v, ok := w.cache[key]
	w.mu.Unlock()
	if ok {
		return v.(T), nil
	}
	made, err := make()
	if err != nil {
		return made, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		w.cache[key] = made
	}
	return made, nil
}
