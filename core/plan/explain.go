package plan

import "fmt"

// explain sets the reason of each share.
func (p *Plan) explain() {
	most := capOf(p.Options)
	for i := range p.Shares {
		p.Shares[i].Reason = p.reason(&p.Shares[i], most)
	}
}

// reason says why a ward got what it got.
func (p *Plan) reason(s *Share, most int) string {
	switch {
	case !s.HasNeed && s.Rank == 0:
		return "population and rank not known"
	case !s.HasNeed:
		return "population not known"
	case s.Rank == 0:
		return "no rank, for want of data"
	case s.Needed == 0:
		return "no population, no need"
	case s.Allocated == s.Needed:
		return "full need"
	case p.Options.Cap > 0 && s.Allocated == most:
		return fmt.Sprintf("limited to %.4g %% of the stock", 100*p.Options.Cap)
	}
	return p.shortage(s)
}

// shortage says why a ward got less than it needs though no cap holds it back.
func (p *Plan) shortage(s *Share) string {
	switch {
	case s.Allocated == 0 && s.Tier == 2:
		return "urban; the stock ended with the wards before it"
	case p.Options.Strategy == Proportional && s.Allocated > 0:
		return "its share of the stock, in proportion to need"
	case p.Options.Strategy == Proportional:
		return "its share of the stock is less than one net"
	case s.Allocated == 0:
		return "the stock ended with wards of higher risk"
	}
	return "the last of the stock"
}

func (p *Plan) sum(wards []Ward) Totals {
	t := Totals{Nets: p.Options.Nets}
	for _, s := range p.Shares {
		t.Allocated += s.Allocated
		if s.Rank == 0 {
			t.Unranked++
		}
		if !s.HasNeed {
			t.Unknown++
			continue
		}
		t.Needed += s.Needed
		t.Population += wards[s.Ward].Population
		switch {
		case s.Needed == 0:
		case s.Gap == 0:
			t.Full++
		case s.Allocated > 0:
			t.Part++
		default:
			t.None++
		}
	}
	t.Left, t.Gap = t.Nets-t.Allocated, t.Needed-t.Allocated
	return t
}

// Coverage is the share of the known need that the plan meets; false when no
// need is known.
func (t Totals) Coverage() (float64, bool) {
	if t.Needed == 0 {
		return 0, false
	}
	return float64(t.Allocated) / float64(t.Needed), true
}

func (p *Plan) warnings(wards []Ward) (out []string) {
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	t := p.Totals
	for _, s := range p.Shares {
		if 2*s.Allocated > t.Nets && len(p.Shares) > 1 {
			say("%s alone receives %d of %d nets, more than half of the stock.", s.Key, s.Allocated, t.Nets)
		}
	}
	if t.Unknown > 0 {
		say("%d wards have no known population and receive no nets.", t.Unknown)
	}
	if t.Unranked > 0 {
		say("%d wards have no rank and receive no nets.", t.Unranked)
	}
	if t.Left > 0 {
		say("%d nets are left over.", t.Left)
	}
	if n := withoutUrban(wards); p.Options.UrbanThreshold > 0 && n > 0 {
		say("%d wards have no known urban percentage and are treated as below the threshold.", n)
	}
	return out
}

func withoutUrban(wards []Ward) int {
	n := 0
	for _, w := range wards {
		if !w.HasUrban {
			n++
		}
	}
	return n
}
