package verdict

import (
	"maps"
	"slices"
	"time"

	"hagate/record"
)

// facts is a history with what every check asks of it worked out once.
type facts struct {
	*history
	turn    time.Time // when the fault first went in, or a scenario without one settled; zero where neither came
	settled time.Time // zero where it never settled
	done    time.Time // zero where it did not end

	// The clean baseline is the Unix seconds [from, to) before the turn. Everything
	// from from on is judged; where the load is raised, up to until.
	from, to, until int64

	open map[way]bool // ways to the service that had carried an answer before the scenario

	capacity *Capacity // nil where the load is not raised

	rounds     []*round
	unreadable []record.Text // seconds whose latencies cannot be read
	sums       []Stream      // of the streams, in the plan's order
	usual      *usual        // what latencies are held to beside the scenario's own baseline; nil where nothing

	// Worked out when they are first asked for.
	sorted []tally
	known  []*life
	left   []leaver
}

// newFacts works out what is asked of h, before which some ways to the service had carried
// an answer, and some seconds had been recorded already.
func newFacts(h *history, open map[way]bool, before map[recorded]bool) *facts {
	f := &facts{history: h, open: open}
	f.setApart(before)
	for _, p := range h.phases {
		switch p.Name {
		case record.Settled:
			f.settled = p.Time
		case record.Done:
			f.done = p.Time
		}
	}
	f.findRounds()
	switch {
	case len(h.start.Plan.Steps) > 0:
		f.turn = f.raised()
	case h.start.NoFault:
		f.turn = f.settled
	case len(f.rounds) > 0:
		f.turn = f.rounds[0].turn
	}
	f.findBaseline()
	f.climb()
	f.sums = []Stream{}
	for _, name := range f.streams() {
		f.sums = append(f.sums, f.stream(name))
	}
	return f
}

// findBaseline looks for the longest run of clean seconds that ends at the turn, or up to
// lead seconds before it where it is too short there.
func (f *facts) findBaseline() {
	if f.turn.IsZero() {
		f.from = f.allBegun()
		f.to = f.from
		return
	}
	began := f.baselineBegan()
	for lead := int64(0); lead <= f.lead() && f.to-f.from < CleanSeconds; lead++ {
		to := f.turn.Unix() - lead
		from := to
		for from > began && f.cleanSecond(from-1) {
			from--
		}
		if f.to == f.from || to-from >= CleanSeconds {
			f.from, f.to = from, to
		}
	}
}

// firstSecond is the first Unix second of which anything is recorded, 0 where nothing is.
func (f *facts) firstSecond() (first int64) {
	for _, seconds := range f.seconds {
		for at := range seconds {
			if first == 0 || at < first {
				first = at
			}
		}
	}
	return first
}

// allBegun is the Unix second from which every stream is recorded, where they begin within
// MaxHealthGap seconds of each other; else the first of any.
func (f *facts) allBegun() int64 {
	first := f.firstSecond()
	all := first
	for _, seconds := range f.seconds {
		begins := int64(0)
		for at := range seconds {
			if begins == 0 || at < begins {
				begins = at
			}
		}
		all = max(all, begins)
	}
	if all > first+MaxHealthGap {
		return first
	}
	return all
}

// over says whether the scenario had ended before a Unix second began: what is recorded of
// it came before anything else was done.
func (f *facts) over(second int64) bool {
	return !f.done.IsZero() && !time.Unix(second, 0).Before(f.done)
}

// cleanSecond says whether every stream sent what it had planned for the second at
// and nothing failed.
func (f *facts) cleanSecond(at int64) bool {
	for _, st := range f.start.Plan.Streams {
		s, ok := f.seconds[st.Name()][at]
		if !ok || !f.whole(at, s) || s.FailedTotal() > 0 {
			return false
		}
	}
	return len(f.start.Plan.Streams) > 0
}

// whole says whether s, at a Unix second, is a whole second of traffic: one request may
// fall on either side of its edge.
func (f *facts) whole(at int64, s record.Second) bool {
	return s.Due > 0 && s.Due >= f.start.Plan.RateAt(at)-1
}

// endpointsAt is what the workload's own endpoints of the Service were just before t; at
// a zero t, at the end.
func (f *facts) endpointsAt(t time.Time) record.Endpoints { return f.own(lastBefore(f.endpoints, t)) }

// own is e without the endpoints of strays: Pods that the Service selects and that are not
// the workload's.
func (f *facts) own(e record.Endpoints) record.Endpoints {
	stray := func(p record.Endpoint) bool { return f.strays[p.UID] }
	if slices.ContainsFunc(e.List, stray) {
		e.List = slices.DeleteFunc(slices.Clone(e.List), stray)
	}
	return e
}

// service is the Service as it was last said to be before the turn; as it was first said
// to be, where that was later.
func (f *facts) service() record.Service { return asOf(f.services, f.turn) }

// template is the workload's template, likewise: a fault may change it.
func (f *facts) template() record.Template { return asOf(f.templates, f.turn) }

// asOf is the last of what was seen before t, or the first where nothing was; at a zero
// t, the first.
func asOf[T any](of []seen[T], t time.Time) (it T) {
	for i, s := range of {
		if i == 0 || s.at.Before(t) {
			it = s.it
		}
	}
	return it
}

func lastBefore[T any](of []seen[T], t time.Time) (it T) {
	for _, s := range of {
		if t.IsZero() || s.at.Before(t) {
			it = s.it
		}
	}
	return it
}

// streams are the names of the planned streams, in the plan's order.
func (f *facts) streams() []string {
	var names []string
	for _, s := range f.start.Plan.Streams {
		names = append(names, s.Name())
	}
	return names
}

// vantages are those of the planned streams, sorted.
func (f *facts) vantages() []string {
	set := map[string]bool{}
	for _, s := range f.start.Plan.Streams {
		set[s.Vantage] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// times are the Unix seconds that stream has recorded, sorted.
func (f *facts) times(stream string) []int64 {
	return slices.Sorted(maps.Keys(f.seconds[stream]))
}

// judged are those of times that the scenario's checks look at: from its clean baseline to
// its end.
func (f *facts) judged(stream string) []int64 {
	t := f.times(stream)
	i, _ := slices.BinarySearch(t, f.from)
	j := len(t)
	for j > i && f.over(t[j-1]) {
		j--
	}
	return t[i:j]
}

// within are those of times in the Unix seconds [from, to).
func (f *facts) within(stream string, from, to int64) []int64 {
	t := f.times(stream)
	i, _ := slices.BinarySearch(t, from)
	j, _ := slices.BinarySearch(t, to)
	return t[i:max(i, j)]
}

// answered says which Pods answered on a vantage (any where empty) in the Unix
// seconds [from, to).
func (f *facts) answered(vantage string, from, to int64) map[string]bool {
	pods := map[string]bool{}
	for _, st := range f.start.Plan.Streams {
		if vantage != "" && st.Vantage != vantage {
			continue
		}
		for at, s := range f.seconds[st.Name()] {
			for pod, n := range s.Pods {
				if at >= from && at < to && n > 0 {
					pods[pod] = true
				}
			}
		}
	}
	return pods
}

// baselineBegan is the Unix second in which the baseline phase began.
func (f *facts) baselineBegan() int64 {
	for _, p := range f.phases {
		if p.Name == record.Baseline {
			return p.Time.Unix()
		}
	}
	return f.from
}

// blocked is the fault's step that says that the service would not let it finish,
// or nil.
func (f *facts) blocked() *Fault {
	for _, r := range f.rounds {
		if b := r.fault(record.Blocked); b != nil {
			return b
		}
	}
	return nil
}
