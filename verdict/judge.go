package verdict

import (
	"slices"
	"strings"
	"sync"
	"time"

	"hagate/record"
)

// Judge takes a record in, entry by entry, and gives verdicts. Its memory grows with
// the seconds and the cluster's changes, not with the requests. The zero Judge is
// ready; it is safe for use by several goroutines.
type Judge struct {
	mu        sync.Mutex
	run       *record.Run
	settings  []record.Setting
	timings   []record.Timing
	skipped   []record.Skipped
	astray    int      // requests that no scenario is said to have sent
	problems  []string // outside any scenario
	harmed    []string // likewise, the service's
	end       *record.End
	first     time.Time // by the harness's clock
	last      time.Time
	outset    *history // what was seen of the service before the first scenario
	order     []string
	histories map[string]*history
}

// File judges the record at path.
func File(path string) (Verdict, error) {
	var j Judge
	err := record.ReadFile(path, func(e record.Entry) error {
		j.Add(e)
		return nil
	})
	if err != nil {
		return Verdict{}, err
	}
	return j.Verdict(), nil
}

// Add takes one entry in. It can be given to record.Writer.Observe.
func (j *Judge) Add(e record.Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if e.Clock == "" || e.Clock == record.ClockHarness {
		if j.first.IsZero() || e.Time.Before(j.first) {
			j.first = e.Time
		}
		if e.Time.After(j.last) {
			j.last = e.Time
		}
	}
	switch {
	case e.Run != nil:
		j.run = e.Run
	case e.Setting != nil:
		j.settings = append(j.settings, *e.Setting)
	case e.Timing != nil:
		j.timings = append(j.timings, *e.Timing)
	case e.Skipped != nil:
		j.skipped = append(j.skipped, *e.Skipped)
	case e.End != nil:
		j.end = e.End
	case e.Second != nil && e.Scenario == "":
		j.astray += e.Second.Due
	case e.Scenario != "":
		j.history(e.Scenario).add(e)
	case e.Problem != nil && e.Problem.Whose == record.WhoseService:
		j.harmed = append(j.harmed, e.Problem.What)
	case e.Problem != nil:
		j.problems = append(j.problems, e.Problem.What)
	case len(j.order) == 0:
		if j.outset == nil {
			j.outset = newHistory("")
		}
		j.outset.add(e)
	}
}

func (j *Judge) history(scenario string) *history {
	h := j.histories[scenario]
	if h == nil {
		h = newHistory(scenario)
		if j.histories == nil {
			j.histories = map[string]*history{}
		}
		j.histories[scenario] = h
		j.order = append(j.order, scenario)
	}
	return h
}

// Scenario judges the named scenario by what was added so far. A name that never
// occurred gives an INVALID Scenario.
func (j *Judge) Scenario(name string) Scenario {
	j.mu.Lock()
	defer j.mu.Unlock()
	h := j.histories[name]
	if h == nil {
		h = newHistory(name)
	}
	f := newFacts(h, j.beginning(h))
	if j.blameEarlier(name) != "" {
		f.takeBefore()
	}
	for _, other := range j.order {
		if other == name || f.usual != nil {
			break
		}
		if o := j.histories[other]; sameLoad(o.start.Plan, h.start.Plan) {
			f.usual = newFacts(o, j.beginning(o)).reference()
		}
	}
	return judge(f)
}

// beginning looks for a load that was there when the one of h began.
func (j *Judge) beginning(h *history) beginning {
	first := (&facts{history: h}).firstSecond()
	for _, name := range j.order {
		if name == h.name {
			break
		}
		for _, seconds := range j.histories[name].seconds {
			_, before := seconds[first-1]
			_, same := seconds[first]
			if before || same {
				return continued
			}
		}
	}
	if len(j.order) > 0 && !samePath(h.start.Plan, j.histories[j.order[0]].start.Plan) {
		return otherPath
	}
	return anew
}

// samePath says whether two loads go the same way to the service.
func samePath(a, b record.Plan) bool {
	return a.FreshNames == b.FreshNames && slices.EqualFunc(a.Streams, b.Streams, func(x, y record.Stream) bool { return x.URL == y.URL })
}

// blameEarlier is the scenario whose fault came last before the named one began; nothing
// where no fault had gone in.
func (j *Judge) blameEarlier(name string) (earlier string) {
	for _, other := range j.order {
		if other == name {
			break
		}
		if slices.ContainsFunc(j.histories[other].phases, func(p Phase) bool { return p.Name == record.FaultIn }) {
			earlier = other
		}
	}
	return earlier
}

// takeBefore gives what failed before the clean baseline to another scenario, by stream.
func (f *facts) takeBefore() map[string]int {
	taken := map[string]int{}
	for i := range f.sums {
		taken[f.sums[i].Name] = f.sums[i].FailedBefore
		f.sums[i].FailedBefore = 0
	}
	return taken
}

// Capacity is what the named scenario's raised load has shown so far, or nil.
func (j *Judge) Capacity(name string) *Capacity {
	j.mu.Lock()
	defer j.mu.Unlock()
	h := j.histories[name]
	if h == nil {
		return nil
	}
	f := &facts{history: h}
	f.turn = f.raised()
	f.findBaseline()
	f.climb()
	return f.capacity
}

// Verdict judges the run by what was added so far.
func (j *Judge) Verdict() Verdict {
	j.mu.Lock()
	defer j.mu.Unlock()
	v := Verdict{
		Schema:     Schema,
		Started:    j.first,
		Ended:      j.last,
		Scenarios:  []Scenario{},
		Skipped:    append([]record.Skipped{}, j.skipped...),
		Settings:   append([]record.Setting{}, j.settings...),
		Tolerances: Tolerances(j.retries()),
		Timings:    append([]record.Timing{}, j.timings...),
	}
	if j.run != nil {
		v.Run = *j.run
	}
	all := map[string]*facts{}
	var baselines []*usual // the first of each load
	for _, name := range j.order {
		f := newFacts(j.histories[name], j.beginning(j.histories[name]))
		all[name] = f
		if i := slices.IndexFunc(baselines, func(u *usual) bool { return sameLoad(u.plan, f.start.Plan) }); i >= 0 {
			f.usual = baselines[i]
		} else if own := f.reference(); own != nil {
			baselines = append(baselines, own)
		}
		if earlier := all[j.blameEarlier(name)]; earlier != nil {
			taken := f.takeBefore()
			for i := range earlier.sums {
				earlier.sums[i].FailedAfter += taken[earlier.sums[i].Name]
			}
		}
	}
	for _, name := range j.order {
		v.Scenarios = append(v.Scenarios, judge(all[name]))
	}
	v.Requests = j.requests(all)
	v.Result, v.Reason = j.conclude(v.Scenarios, v.Requests.Retried)
	if len(j.harmed) > 0 && len(v.Scenarios) == 0 {
		v.Diagnoses = j.notUp()
		v.Cause, v.Fix = v.Diagnoses[0].What, v.Diagnoses[0].Fix
	}
	return v
}

// notUp says why the service did not come up.
func (j *Judge) notUp() []Diagnosis {
	h := j.outset
	if h == nil {
		h = newHistory("")
	}
	f, whole := newFacts(h, anew), burst{from: h.first, to: h.last}
	if found := f.explain(whole); len(found) > 0 {
		return found
	}
	d := f.unexplained(whole)
	d.pro(0, "what was said: "+strings.Join(j.harmed, "; "))
	return []Diagnosis{d}
}

// retries is how often clients were to try a request again, at the most.
func (j *Judge) retries() (most int) {
	for _, h := range j.histories {
		most = max(most, h.start.Plan.Retries)
	}
	return most
}

// requests adds up what was sent. A second that ends one scenario may begin the next.
func (j *Judge) requests(all map[string]*facts) (sum Requests) {
	type key struct {
		stream string
		at     int64
	}
	counted := map[key]bool{}
	for _, name := range j.order {
		for _, st := range all[name].sums {
			sum.WarmUp += st.WarmUpFailed
		}
		for stream, seconds := range j.histories[name].seconds {
			for at, s := range seconds {
				if counted[key{stream, at}] {
					continue
				}
				counted[key{stream, at}] = true
				closed, client := record.Sum(s.Failed[record.ClassClosed]), record.Sum(s.Failed[record.ClassClient])
				sum.Due += s.Due
				sum.Retried += s.Retried
				sum.OK += record.Sum(s.OK)
				sum.Closed += closed
				sum.Client += client
				sum.Failed += s.FailedTotal() - closed - client
			}
		}
	}
	return sum
}

// judge runs every check on one scenario.
func judge(f *facts) Scenario {
	s := f.summary()
	for _, c := range checks {
		s.Checks = append(s.Checks, c.on(f))
	}
	excuse(f, s.Checks)
	s.Result, s.Reason = concludeScenario(s)
	s.Diagnoses = f.diagnose(s)
	if s.Result == Fail {
		s.Cause, s.Fix = s.Diagnoses[0].What, s.Diagnoses[0].Fix
	}
	return s
}
