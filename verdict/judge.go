package verdict

import (
	"slices"
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
	astray    int           // requests that no scenario is said to have sent
	problems  []record.Text // outside any scenario
	harmed    []record.Text // likewise, the service's
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
	f := j.facts(name)
	if j.blameEarlier(name) != "" {
		f.charge(nil)
	}
	for _, other := range j.order {
		if other == name || f.usual != nil {
			break
		}
		if o := j.histories[other]; sameLoad(o.start.Plan, f.start.Plan) {
			f.usual = j.facts(other).reference()
		}
	}
	return judge(f)
}

// facts are those of the named scenario, in view of what came before it.
func (j *Judge) facts(name string) *facts {
	h := j.histories[name]
	if h == nil {
		h = newHistory(name)
	}
	return newFacts(h, j.waysBefore(name), j.recordedBefore(name))
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

// charge gives what failed before the clean baseline to the scenario whose fault came last,
// which is nil where it is judged elsewhere. What failed on a way to the service that was not
// there then stays: it is the service's as it is found on that way.
func (f *facts) charge(earlier *facts) {
	for i, st := range f.start.Plan.Streams {
		if !f.open[wayOf(f.start.Plan, st)] {
			continue
		}
		before := &f.sums[i]
		if earlier != nil {
			if k := slices.IndexFunc(earlier.sums, func(after Stream) bool { return after.Name == before.Name }); k >= 0 {
				earlier.sums[k].FailedAfter += before.FailedBefore
				earlier.sums[k].ClosedInFlight += before.closedBefore
			}
		}
		before.ClosedInFlight -= before.closedBefore
		before.FailedBefore, before.closedBefore = 0, 0
	}
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
		f := j.facts(name)
		all[name] = f
		if i := slices.IndexFunc(baselines, func(u *usual) bool { return sameLoad(u.plan, f.start.Plan) }); i >= 0 {
			f.usual = baselines[i]
		} else if own := f.reference(); own != nil {
			baselines = append(baselines, own)
		}
		if earlier := all[j.blameEarlier(name)]; earlier != nil {
			f.charge(earlier)
		}
	}
	for _, name := range j.order {
		v.Scenarios = append(v.Scenarios, judge(all[name]))
	}
	j.measuredAgain(v.Scenarios)
	v.Requests = j.requests(all)
	v.Result, v.Reason = j.conclude(v.Scenarios, v.Requests.Retried)
	if len(j.harmed) > 0 && len(v.Scenarios) == 0 {
		v.Diagnoses = j.notUp()
		v.Cause, v.Fix = v.Diagnoses[0].What, v.Diagnoses[0].Fix
	}
	return v
}

// measuredAgain marks the scenarios that could not be measured and were once more. What one
// is charged with that failed after its end, the second attempt has not seen, so it stands.
func (j *Judge) measuredAgain(scenarios []Scenario) {
	for _, later := range scenarios {
		for i := range scenarios {
			charged := func(st Stream) bool { return st.FailedAfter > 0 }
			if s := &scenarios[i]; s.Name == j.histories[later.Name].start.Again && s.Result == Invalid && !slices.ContainsFunc(s.Streams, charged) {
				s.MeasuredAgain = later.Name
				s.Reason = record.Join("; ", s.Reason, record.Say("it was measured again as %s, whose verdict counts", later.Name))
			}
		}
	}
}

// notUp says why the service did not come up.
func (j *Judge) notUp() []Diagnosis {
	h := j.outset
	if h == nil {
		h = newHistory("")
	}
	f, whole := newFacts(h, nil, nil), burst{from: h.first, to: h.last}
	if found := f.explain(whole); len(found) > 0 {
		return found
	}
	d := f.unexplained(whole)
	d.pro(0, record.Say("what was said: %s", record.Join("; ", j.harmed...)))
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
	for _, name := range j.order {
		before := j.recordedBefore(name)
		for stream, seconds := range all[name].seconds {
			for at, s := range seconds {
				if before[recorded{stream, at}] {
					continue
				}
				sum.Due += s.Due
				sum.Retried += s.Retried
				sum.OK += record.Sum(s.OK)
				sum.Failed += blamedIn(s)
				sum.Closed += record.Sum(s.Failed[record.ClassClosed])
				sum.Client += record.Sum(s.Failed[record.ClassClient])
				sum.Unmade += record.Sum(s.Failed[classUnmade])
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
