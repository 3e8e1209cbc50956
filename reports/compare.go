package reports

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"hagate/record"
	"hagate/reports/lang"
	"hagate/verdict"
	"hagate/verdict/words"
)

// figure is one that is compared for every scenario.
type figure struct {
	name  record.Text
	of    func(verdict.Scenario) float64 // +Inf for what never came
	usual noise                          // measured, docs/noise.md
	say   func(float64) string
	exact func(verdict.Scenario) bool // it has no noise where it was always 0; never where nil
}

var figures = []figure{
	{record.Say("failed requests"), func(s verdict.Scenario) (n float64) {
		for _, st := range s.Streams {
			n += float64(st.Charged())
		}
		return n
	}, noise{floor: 10, variance: 0.37 * 0.37, freedom: 23}, sayCount, func(s verdict.Scenario) bool { return s.SLO.MaxFailed == 0 }},
	{record.Say("longest outage"), func(s verdict.Scenario) (d float64) {
		for _, st := range s.Streams {
			d = max(d, float64(st.LongestOutage))
		}
		return d
	}, noise{floor: float64(time.Second), variance: 0.2 * 0.2, freedom: 10}, sayDuration, nil},
	{record.Say("time to recover"), func(s verdict.Scenario) float64 {
		if !s.Recovered && s.TimeToRecover == 0 {
			return math.Inf(1)
		}
		return float64(s.TimeToRecover)
	}, noise{floor: float64(time.Second), variance: 0.13 * 0.13, freedom: 18}, sayDuration, nil},
	{record.Say("median latency"), func(s verdict.Scenario) float64 { return float64(slowest(s).P50) },
		noise{floor: float64(time.Millisecond), variance: 0.06 * 0.06, freedom: 18}, sayDuration, nil},
	{record.Say("p99 latency"), func(s verdict.Scenario) float64 { return float64(slowest(s).P99) },
		noise{floor: float64(time.Millisecond), variance: 0.62 * 0.62, freedom: 18}, sayDuration, nil},
}

func sayCount(f float64) string { return words.Count(int(math.Round(f))) }

func sayDuration(f float64) string { return words.Duration(time.Duration(f)) }

// comparison is what a run shows against earlier ones.
type comparison struct {
	in      *lang.Lang
	Runs    int
	Newest  time.Time // of the earlier runs
	Changes []difference
	Within  int      // figures that differ by no more than noise, or not at all
	New     []string // scenarios that no earlier run played
	Missing []string // scenarios that only earlier runs played
}

// difference is a figure that lies outside what the earlier runs showed, noise included.
type difference struct {
	Scenario    string
	Figure      record.Text
	Now, Before string
	Noise       string // what would have been no change
	Better      bool
}

// earlier reads the verdicts to compare now with: of one run's folder, or of the runs of
// the same target in a folder of runs, oldest first.
func earlier(base string, now verdict.Verdict) (runs []verdict.Verdict, err error) {
	if _, err := os.Stat(filepath.Join(base, record.FileName)); err == nil {
		v, err := readVerdict(base)
		if err != nil {
			return nil, fmt.Errorf("%w: `hagate report %s` judges that run by its record", err, base)
		}
		if v.Run.Target != now.Run.Target {
			return nil, fmt.Errorf("%s is a run of target %s and this one of %s: compare runs of one target", base, v.Run.Target, now.Run.Target)
		}
		return []verdict.Verdict{v}, nil
	}
	all, err := readRuns(base)
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if r.Run.Target == now.Run.Target && r.Run.ID != now.Run.ID && r.Started.Before(now.Started) {
			runs = append(runs, r.Verdict)
		}
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("%s is no run, and holds no earlier run of target %s: name a folder of one, as reports/out/<run>", base, now.Run.Target)
	}
	return runs, nil
}

// compare looks for what changed since the earlier runs, which are oldest first.
func compare(now verdict.Verdict, before []verdict.Verdict, in *lang.Lang) *comparison {
	now.Scenarios = now.Counted()
	c := &comparison{in: in, Runs: len(before), Newest: before[len(before)-1].Started}
	played := map[string][]verdict.Scenario{}
	var names []string
	for _, v := range before {
		for _, s := range v.Counted() {
			if played[s.Name] == nil {
				names = append(names, s.Name)
			}
			played[s.Name] = append(played[s.Name], s)
		}
	}
	compared, rates := 0, map[string]int{}
	for _, s := range now.Scenarios {
		if played[s.Name] == nil {
			c.New = append(c.New, s.Name)
			continue
		}
		if last := played[s.Name][len(played[s.Name])-1]; last.Result != s.Result {
			c.Changes = append(c.Changes, difference{s.Name, record.Say("verdict"), string(s.Result), string(last.Result), c.in.Sprintf("none"), s.Result == verdict.Pass})
		} else {
			c.Within++
		}
		rates[s.Name] = s.Rate
		if s.Result != verdict.Invalid && len(measured(played[s.Name], s.Rate)) > 0 {
			compared += len(figures)
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(now.Scenarios, func(s verdict.Scenario) bool { return s.Name == name }) {
			c.Missing = append(c.Missing, name)
		}
	}
	for _, f := range figures {
		var known [][]float64
		for _, name := range names {
			known = append(known, f.values(measured(played[name], rates[name])))
		}
		usual := f.usual.learn(known)
		for _, s := range now.Scenarios {
			if earlier := f.values(measured(played[s.Name], s.Rate)); s.Result != verdict.Invalid && len(earlier) > 0 {
				c.figure(f, s, earlier, usual, familyRisk/float64(compared))
			}
		}
	}
	slices.SortStableFunc(c.Changes, func(a, b difference) int { return place(now, a.Scenario) - place(now, b.Scenario) })
	return c
}

// measured are those that say something of the service, under the same load.
func measured(scenarios []verdict.Scenario, rate int) []verdict.Scenario {
	return slices.DeleteFunc(slices.Clone(scenarios), func(s verdict.Scenario) bool { return s.Result == verdict.Invalid || s.Rate != rate })
}

func place(v verdict.Verdict, scenario string) int {
	return slices.IndexFunc(v.Scenarios, func(s verdict.Scenario) bool { return s.Name == scenario })
}

func (f figure) values(scenarios []verdict.Scenario) (values []float64) {
	for _, s := range scenarios {
		values = append(values, f.of(s))
	}
	return values
}

// figure holds one figure of a scenario up to its earlier values.
func (c *comparison) figure(f figure, now verdict.Scenario, earlier []float64, usual noise, risk float64) {
	from, to := usual.interval(earlier, risk)
	if f.exact != nil && f.exact(now) && slices.Max(earlier) == 0 {
		from, to = 0, 0
	}
	value := f.of(now)
	if value >= from && value <= to {
		c.Within++
		return
	}
	say := func(v float64) string {
		if math.IsInf(v, 1) {
			return c.in.Sprintf("never")
		}
		return f.say(v)
	}
	span := func(low, high float64) string {
		if low == high {
			return say(low)
		}
		return c.in.Sprintf("%v to %v", say(low), say(high))
	}
	c.Changes = append(c.Changes, difference{now.Name, f.name, say(value), span(slices.Min(earlier), slices.Max(earlier)), span(from, to), value < from})
}

// slowest is the worst of the streams, figure by figure.
func slowest(s verdict.Scenario) (l verdict.Latency) {
	for _, st := range s.Streams {
		l = l.Worst(st.Whole)
	}
	return l
}
