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

// Noise of a figure from run to run: what lies within it is no change.
const (
	// noiseTime and noiseShare, whichever is more, are what a time may differ by: probes
	// and kube-proxy look once a second.
	noiseTime  = time.Second
	noiseShare = 0.25
	// noiseLatency is the least factor between two latencies that tells them apart. Where
	// the clean baselines differ by more, theirs is.
	noiseLatency = 1.25
)

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
	Scenario, Figure string
	Now, Before      string
	Noise            string // what would have been no change
	Better           bool
}

// earlier reads the verdicts to compare now with: of one run's folder, or of the runs of
// the same target in a folder of runs, oldest first.
func earlier(base string, now verdict.Verdict) (runs []verdict.Verdict, err error) {
	if _, err := os.Stat(filepath.Join(base, record.FileName)); err == nil {
		v, err := readVerdict(base)
		if err != nil {
			return nil, fmt.Errorf("%w: `make report RUN=%s` judges that run by its record", err, base)
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
	c := &comparison{in: in, Runs: len(before), Newest: before[len(before)-1].Started}
	played := map[string][]verdict.Scenario{}
	var names []string
	for _, v := range before {
		for _, s := range v.Scenarios {
			if played[s.Name] == nil {
				names = append(names, s.Name)
			}
			played[s.Name] = append(played[s.Name], s)
		}
	}
	for _, s := range now.Scenarios {
		if played[s.Name] == nil {
			c.New = append(c.New, s.Name)
			continue
		}
		c.scenario(s, played[s.Name])
	}
	for _, name := range names {
		if !slices.ContainsFunc(now.Scenarios, func(s verdict.Scenario) bool { return s.Name == name }) {
			c.Missing = append(c.Missing, name)
		}
	}
	return c
}

func (c *comparison) scenario(now verdict.Scenario, before []verdict.Scenario) {
	if last := before[len(before)-1]; last.Result != now.Result {
		c.Changes = append(c.Changes, difference{now.Name, "verdict", string(now.Result), string(last.Result), c.in.Sprintf("none"), now.Result == verdict.Pass})
	} else {
		c.Within++
	}
	if now.Result == verdict.Invalid {
		return
	}
	before = slices.DeleteFunc(slices.Clone(before), func(s verdict.Scenario) bool { return s.Result == verdict.Invalid })
	if len(before) == 0 {
		return
	}
	count := func(f float64) string { return words.Count(int(math.Round(f))) }
	duration := func(f float64) string { return words.Duration(time.Duration(f)) }
	counted := func(low, high float64) (float64, float64) { // two standard deviations of a count
		return low - 2*math.Sqrt(low), high + 2*math.Sqrt(high+1)
	}
	timed := func(low, high float64) (float64, float64) {
		if !math.IsInf(low, 1) {
			low -= max(float64(noiseTime), noiseShare*low)
		}
		return low, high + max(float64(noiseTime), noiseShare*high)
	}
	factor := noiseLatency
	for _, s := range append(slices.Clone(before), now) {
		for _, t := range append(slices.Clone(before), now) {
			factor = max(factor, float64(slowest(s, inBaseline).P99)/math.Max(1, float64(slowest(t, inBaseline).P99)))
		}
	}
	latent := func(low, high float64) (float64, float64) { return low / factor, high * factor }

	for _, f := range []struct {
		name  string
		of    func(verdict.Scenario) float64
		noise func(low, high float64) (float64, float64)
		say   func(float64) string
	}{
		{"failed requests", func(s verdict.Scenario) (n float64) {
			for _, st := range s.Streams {
				n += float64(st.Failed)
			}
			return n
		}, counted, count},
		{"longest outage", func(s verdict.Scenario) (d float64) {
			for _, st := range s.Streams {
				d = max(d, float64(st.LongestOutage))
			}
			return d
		}, timed, duration},
		{"time to recover", func(s verdict.Scenario) float64 {
			if !s.Recovered && s.TimeToRecover == 0 {
				return math.Inf(1)
			}
			return float64(s.TimeToRecover)
		}, timed, duration},
		{"median latency", func(s verdict.Scenario) float64 { return float64(slowest(s, inAll).P50) }, latent, duration},
		{"p99 latency", func(s verdict.Scenario) float64 { return float64(slowest(s, inAll).P99) }, latent, duration},
	} {
		values := make([]float64, len(before))
		for i, s := range before {
			values[i] = f.of(s)
		}
		low, high := slices.Min(values), slices.Max(values)
		from, to := f.noise(low, high)
		from = max(0, from)
		value := f.of(now)
		if value >= from && value <= to {
			c.Within++
			continue
		}
		say := func(v float64) string {
			if math.IsInf(v, 1) {
				return c.in.Sprintf("never")
			}
			return f.say(v)
		}
		was := say(low)
		if low != high {
			was = c.in.Sprintf("%v to %v", was, say(high))
		}
		c.Changes = append(c.Changes, difference{now.Name, f.name, say(value), was, c.in.Sprintf("%v to %v", say(from), say(to)), value < from})
	}
}

func inBaseline(s verdict.Stream) verdict.Latency { return s.Baseline }
func inAll(s verdict.Stream) verdict.Latency      { return s.Whole }

// slowest is the worst of the streams, figure by figure.
func slowest(s verdict.Scenario, of func(verdict.Stream) verdict.Latency) (l verdict.Latency) {
	for _, st := range s.Streams {
		l = slower(l, of(st))
	}
	return l
}
