package verdict

import (
	"math"
	"slices"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// Capacity is what a load that was raised step by step has shown. Its knee is what RFC
// 1242, section 3.17, calls throughput, the highest load at which nothing that is
// offered is lost, with a bound on latency: the highest step that was carried with all
// before it. A step is carried where no request failed and no stream's p99 exceeds
// MaxP99Ratio times its baseline's and LeastMaxP99.
type Capacity struct {
	Knee     int         `json:"knee"`     // requests/second of each stream; 0: no step was carried
	Streams  int         `json:"streams"`  // that sent it at once
	AtLeast  bool        `json:"atLeast"`  // what ended it was not the service: it may carry more
	EndedBy  string      `json:"endedBy"`  // failures, latency, client, bound or stop
	Why      record.Text `json:"why"`      // the same in words
	Promised int         `json:"promised"` // requests/second of each stream that have to be carried
	Steps    []LoadStep  `json:"steps"`    // in order, with the one that ended it
}

// What ends a raised load.
const (
	EndedByFailures = "failures" // requests failed
	EndedByLatency  = "latency"  // p99 exceeded its bound
	EndedByClient   = "client"   // the load agents, or the machine, had no room to send more
	EndedByBound    = "bound"    // all steps were carried
	EndedByStop     = "stop"     // the scenario ended before
)

// LoadStep is one step of a raised load, over all streams.
type LoadStep struct {
	Rate    int       `json:"rate"` // requests/second of each stream
	Began   time.Time `json:"began"`
	Seconds int       `json:"seconds"`
	Due     int       `json:"due"`
	Failed  int       `json:"failed"`  // record.ClassClosed and record.ClassClient not counted
	Latency Latency   `json:"latency"` // each figure of the stream that was worst in it
	Busy    float64   `json:"busy"`    // share of all the machine's cores, 0 to 1; -1 where unknown
	EndedBy string    `json:"endedBy,omitempty"`
}

// Total is the rate of all streams together.
func (s LoadStep) Total(streams int) int { return s.Rate * streams }

// Share is how many of the requests failed, 0 to 1.
func (s LoadStep) Share() float64 { return float64(s.Failed) / float64(max(1, s.Due)) }

// Words are the knee and what ended it.
func (c Capacity) Words() record.Text {
	total, each := words.Count(c.Knee*c.Streams), words.Count(c.Knee)
	switch {
	case c.Knee == 0:
		return c.Why
	case c.AtLeast:
		return record.Join("; ", record.Say("sustained at least %s requests/s, %s on each of %d streams", total, each, c.Streams), c.Why)
	}
	return record.Join("; ", record.Say("sustained %s requests/s, %s on each of %d streams", total, each, c.Streams), c.Why)
}

// raised is when the plan's second step began; zero where it did not.
func (f *facts) raised() (at time.Time) {
	if len(f.start.Plan.Steps) < 2 || !slices.ContainsFunc(f.phases, func(p Phase) bool { return p.Name == record.StepUp }) {
		return at
	}
	from, _ := f.start.Plan.Span(1)
	return time.Unix(from, 0)
}

// climb finds the capacity of a raised load, and leaves to the checks what was promised:
// what was seen after the step that carries it, or that ended the climb before, only
// explores.
func (f *facts) climb() {
	plan := f.start.Plan
	if len(plan.Steps) == 0 || f.turn.IsZero() {
		return
	}
	c := &Capacity{Streams: len(plan.Streams), Promised: f.start.SLO.MinRate, EndedBy: EndedByStop, Why: record.Say("the load ramp was stopped before it reached a limit"), Steps: []LoadStep{}}
	f.capacity = c
	limits := map[string]time.Duration{}
	for _, name := range f.streams() {
		h, _ := f.merged(name, f.from, f.to)
		limits[name] = max(MaxP99Ratio*quantiles(h).P99, LeastMaxP99)
	}
	for i, step := range plan.Steps {
		if !f.played(i) {
			break
		}
		s, why := f.loadStep(i, limits)
		c.Steps = append(c.Steps, s)
		if s.EndedBy != "" {
			c.EndedBy, c.Why = s.EndedBy, why
			break
		}
		c.Knee = step.Rate
		if i == len(plan.Steps)-1 {
			c.EndedBy, c.Why = EndedByBound, record.Say("the load ramp reached its maximum")
		}
	}
	c.AtLeast = c.EndedBy != EndedByFailures && c.EndedBy != EndedByLatency
	for i, step := range plan.Steps {
		_, f.until = plan.Span(i)
		if step.Rate >= c.Promised || i < len(c.Steps) && c.Steps[i].EndedBy != "" {
			break
		}
	}
	f.history = f.history.before(f.until)
}

// played says whether every stream has come to the end of the plan's step i.
func (f *facts) played(i int) bool {
	_, to := f.start.Plan.Span(i)
	for _, name := range f.streams() {
		if t := f.times(name); len(t) == 0 || t[len(t)-1] < to-1 {
			return false
		}
	}
	return true
}

// loadStep looks at the plan's step i, and says what ended the climb in it. Where the
// client was at its end, nothing is said of the service.
func (f *facts) loadStep(i int, limits map[string]time.Duration) (s LoadStep, why record.Text) {
	plan := f.start.Plan
	from, to := plan.Span(i)
	s = LoadStep{Rate: plan.Steps[i].Rate, Began: time.Unix(from, 0).UTC(), Seconds: plan.Steps[i].Seconds, Busy: -1}
	if i == 0 {
		from = max(from, f.from) // what came before the clean baseline was the warming up
	}
	byClass := map[string]int{}
	var short, slow []record.Text
	for _, name := range f.streams() {
		st := f.sent(name, from, to)
		s.Due += st.Due
		for class, n := range st.ByClass {
			if blamed(class) {
				s.Failed += n
				byClass[class] += n
			}
		}
		s.Latency = s.Latency.Worst(st.Whole)
		switch limit := limits[name]; {
		case st.Whole.P99 <= limit:
		case f.quickWithRoom(name, from, to, limit):
			short = append(short, record.Say("%s: p99 was %s only with the seconds in which the machine was saturated, or a load agent or the service had to wait for it", name, words.Duration(st.Whole.P99)))
		default:
			slow = append(slow, record.Say("%s %s, over %s", name, words.Duration(st.Whole.P99), words.Duration(limit)))
		}
		if owed := int(to-from) * s.Rate; float64(st.Due) < MinSent*float64(owed) {
			short = append(short, record.Say("%s: %s of %s planned requests sent", name, words.Count(st.Due), words.Count(owed)))
		}
		if st.MaxLate > MaxLate || float64(st.Late) > MaxLateShare*float64(st.Due) {
			short = append(short, record.Say("%s: %s of %s requests sent more than %s late, up to %s", name, words.Count(st.Late), words.Count(st.Due), words.Duration(record.LateAfter), words.Duration(st.MaxLate)))
		}
		if n := st.ByClass[record.ClassClient]; n > 0 {
			short = append(short, record.Say("%s: %s requests failed inside the load agent", name, words.Count(n)))
		}
	}
	for _, v := range f.vantages() {
		b := f.busy(v, from, to)
		if b.known > 0 {
			s.Busy = max(s.Busy, math.Round(1000*b.sum/float64(b.known))/1000)
		}
		if over(b.busy, b.known) {
			short = []record.Text{record.Say("the machine was saturated in %d of %d seconds", len(b.busy), b.known)} // and so all else
			break
		}
	}
	total := words.Count(s.Rate * len(plan.Streams))
	switch {
	case len(short) > 0:
		s.EndedBy, why = EndedByClient, record.Say("at %s requests/s the client side was the bottleneck: %s", total, listed(short...))
	case s.Failed > 0:
		s.EndedBy, why = EndedByFailures, record.Say("at %s requests/s %s of %s failed (%s)", total, words.Count(s.Failed), words.Count(s.Due), classes(byClass))
	case len(slow) > 0:
		s.EndedBy, why = EndedByLatency, record.Say("at %s requests/s p99 was too high: %s", total, listed(slow...))
	}
	return s, why
}

// quickWithRoom says whether a stream's p99 in the Unix seconds [from, to) is within limit
// without those next to a pressed one, which are less than half of them.
func (f *facts) quickWithRoom(stream string, from, to int64, limit time.Duration) bool {
	pressed := f.pressed()
	var kept record.LatencySum
	n := int64(0)
	for _, at := range f.within(stream, from, to) {
		if text := f.seconds[stream][at].Latency; text != "" && !pressed[at-1] && !pressed[at] && !pressed[at+1] && kept.Add(text) == nil {
			n++
		}
	}
	return 2*n > to-from && quantiles(kept.Histogram()).P99 <= limit
}

// sent adds up what a stream sent in the Unix seconds [from, to).
func (f *facts) sent(stream string, from, to int64) Stream {
	st := Stream{Name: stream, ByClass: map[string]int{}}
	for _, at := range f.within(stream, from, to) {
		s := f.seconds[stream][at]
		st.Due += s.Due
		st.Late += s.Late
		st.MaxLate = max(st.MaxLate, s.MaxLate)
		for class, slots := range s.Failed {
			st.ByClass[class] += record.Sum(slots)
		}
	}
	h, _ := f.merged(stream, from, to)
	st.Whole = quantiles(h)
	return st
}

// stepsSent says whether the client was the limit in a step that was promised.
func stepsSent(f *facts) finding {
	if f.capacity == nil {
		return skipped(record.Say("the scenario has no load ramp"))
	}
	c := f.capacity
	want := record.Say("each step up to %s requests/s per stream sent as load-sent requires, on a machine that others than the service do not saturate", words.Count(c.Promised))
	if c.Knee < c.Promised && c.AtLeast {
		return met(false, want, c.Why)
	}
	return met(true, want, record.Say("sent"))
}

func carried(f *facts) finding {
	if f.capacity == nil {
		return skipped(record.Say("the scenario has no load ramp"))
	}
	c := f.capacity
	want := record.Say("%s requests/s sustained, %s on each of %d streams: no request fails, and no stream's p99 exceeds %d times its baseline's, or %s",
		words.Count(c.Promised*c.Streams), words.Count(c.Promised), c.Streams, MaxP99Ratio, words.Duration(LeastMaxP99))
	if c.Knee < c.Promised {
		return met(false, want, record.Join("; ", c.Words(), record.Say("promised: %s requests/s", words.Count(c.Promised*c.Streams))))
	}
	return met(true, want, c.Words())
}
