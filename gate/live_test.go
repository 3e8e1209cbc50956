package gate

import (
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

const (
	insideFresh   = "in-cluster/fresh"
	outsideFresh  = "external/fresh"
	outsideReused = "external/reused"
)

var (
	noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	plan = record.Plan{Rate: 100, Streams: []record.Stream{
		{Vantage: record.InCluster, Mode: record.Fresh},
		{Vantage: record.External, Mode: record.Fresh},
		{Vantage: record.External, Mode: record.Reused},
	}}
)

// at is the second n of the load on a stream, all of it answered by Pod a.
func at(n int, stream string) record.Entry {
	return record.Entry{Time: noon.Add(time.Duration(n) * time.Second), Clock: "agent",
		Second: &record.Second{Stream: stream, Due: 100, Pods: map[string]int{"a": 100}}}
}

// seen has observed the seconds from 0 to n-1 of every stream, but for what edit does
// to them: it returns false where the second never came.
func seen(n int, edit func(second int, s *record.Second) bool) *live {
	l := newLive()
	for i := range n {
		for _, st := range plan.Streams {
			if e := at(i, st.Name()); edit == nil || edit(i, e.Second) {
				l.observe(e)
			}
		}
	}
	return l
}

// only has edit see one second of one stream.
func only(second int, stream string, edit func(*record.Second) bool) func(int, *record.Second) bool {
	return func(i int, s *record.Second) bool {
		return i != second || s.Stream != stream || edit(s)
	}
}

func failed(class string) func(*record.Second) bool {
	return func(s *record.Second) bool {
		s.Failed = map[string][]int{class: {0, 2, 1}}
		return true
	}
}

func TestClean(t *testing.T) {
	short := func(s *record.Second) bool { s.Due = 99; return true }
	missing := func(*record.Second) bool { return false }
	tooFew := func(stream string) string { return stream + ": fewer than 3 whole seconds so far" }
	for name, c := range map[string]struct {
		live  *live
		since time.Duration // after noon
		want  string        // empty: clean
	}{
		"as many as asked for":                  {seen(3, nil), 0, ""},
		"more":                                  {seen(9, nil), 0, ""},
		"one too few":                           {seen(2, nil), 0, tooFew(insideFresh)},
		"nothing yet":                           {newLive(), 0, tooFew(insideFresh)},
		"one stream has said nothing":           {seen(3, func(_ int, s *record.Second) bool { return s.Stream != outsideReused }), 0, tooFew(outsideReused)},
		"one stream is behind":                  {seen(3, only(2, outsideFresh, missing)), 0, tooFew(outsideFresh)},
		"one stream is behind, with enough":     {seen(4, only(3, outsideFresh, missing)), 0, ""},
		"a second has not come yet":             {seen(4, only(2, outsideFresh, missing)), 0, tooFew(outsideFresh)},
		"a hole before them":                    {seen(4, only(0, outsideFresh, missing)), 0, ""},
		"a short second":                        {seen(4, only(1, insideFresh, short)), 0, tooFew(insideFresh)},
		"a short second before them":            {seen(4, only(0, insideFresh, short)), 0, ""},
		"the newest is short":                   {seen(4, only(3, insideFresh, short)), 0, tooFew(insideFresh)},
		"the newest failed":                     {seen(4, only(3, outsideReused, failed(record.ClassReset))), 0, outsideReused + ": 3 of 100 requests failed in the second at 12:00:03"},
		"the oldest failed":                     {seen(4, only(1, insideFresh, failed(record.ClassStatus5))), 0, insideFresh + ": 3 of 100 requests failed in the second at 12:00:01"},
		"one failed before them":                {seen(4, only(0, insideFresh, failed(record.ClassStatus5))), 0, ""},
		"a connection closed in flight":         {seen(3, only(2, outsideReused, failed(record.ClassClosed))), 0, outsideReused + ": 3 of 100 requests failed in the second at 12:00:02"},
		"the agent's own failure":               {seen(3, only(2, outsideReused, failed(record.ClassClient))), 0, outsideReused + ": 3 of 100 requests failed in the second at 12:00:02"},
		"the first begun before":                {seen(3, nil), time.Nanosecond, tooFew(insideFresh)},
		"the first begun just then":             {seen(4, nil), time.Second, ""},
		"one failed, and all are begun before":  {seen(3, only(2, insideFresh, failed(record.ClassReset))), 3 * time.Second, tooFew(insideFresh)},
		"the second it began in does not count": {seen(4, nil), 1500 * time.Millisecond, tooFew(insideFresh)},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			ok, why := c.live.clean(plan, 3, noon.Add(c.since))
			g.Expect(why.String()).To(Equal(c.want))
			g.Expect(ok).To(Equal(c.want == ""))
		})
	}
}

// Streams come in at their own pace: what they have in common counts.
func TestCleanSpan(t *testing.T) {
	for name, c := range map[string]struct {
		live *live
		from int // seconds after noon; none where negative
	}{
		"the newest":           {seen(9, nil), 6},
		"too few":              {seen(2, nil), -1},
		"nothing":              {newLive(), -1},
		"one stream is behind": {seen(9, only(8, outsideFresh, func(*record.Second) bool { return false })), 5},
		"one is behind, another failed": {seen(9, func(i int, s *record.Second) bool {
			return i < 8 || s.Stream != outsideFresh && failed(record.ClassReset)(s)
		}), -1},
		"one is behind, and too few then": {seen(3, only(2, outsideFresh, func(*record.Second) bool { return false })), -1},
		"one failed before":               {seen(9, only(5, insideFresh, failed(record.ClassReset))), 6},
		"one is behind, and the first of the common failed elsewhere": {seen(9, func(i int, s *record.Second) bool {
			return i < 8 && (i != 5 || s.Stream != insideFresh || failed(record.ClassReset)(s)) || i == 8 && s.Stream != outsideFresh
		}), -1},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			from, until, ok := c.live.cleanSpan(plan, 3)
			g.Expect(ok).To(Equal(c.from >= 0))
			if ok {
				g.Expect(from.Sub(noon)).To(Equal(time.Duration(c.from) * time.Second))
				g.Expect(until.Sub(from)).To(Equal(3 * time.Second))
			}
		})
	}
}

func TestCleanLooksAtTheStreamsOfThePlanInAnyOrderOfArrival(t *testing.T) {
	g := NewWithT(t)
	l := newLive()
	l.observe(at(0, "elsewhere/fresh"))
	l.observe(record.Entry{Time: noon, Health: &record.Health{Vantage: record.External}})
	for i := 2; i >= 0; i-- {
		for _, st := range plan.Streams {
			l.observe(at(i, st.Name()))
		}
	}
	ok, why := l.clean(plan, 3, noon)
	g.Expect(ok).To(BeTrue(), why)
}

func TestResetForgetsTheScenarioBefore(t *testing.T) {
	g := NewWithT(t)
	l := seen(3, nil)
	l.reset()
	ok, _ := l.clean(plan, 3, noon)
	g.Expect(ok).To(BeFalse())
	g.Expect(l.unserved(plan, endpoints("a"), noon)).To(Equal([]string{"a (external)", "a (in-cluster)"}))
}

func endpoints(pods ...string) (list []record.Endpoint) {
	for _, p := range pods {
		list = append(list, record.Endpoint{Pod: p, Node: "node-of-" + p})
	}
	return list
}

// A vantage whose traffic ends on one node owes an answer of no Pod elsewhere.
func TestUnservedElsewhere(t *testing.T) {
	g := NewWithT(t)
	l, local := seen(3, nil), plan // a answers everywhere, b nowhere
	local.Streams = slices.Clone(plan.Streams)
	for i, s := range local.Streams {
		if s.Vantage == record.External {
			local.Streams[i].Node = "node-of-a"
		}
	}
	g.Expect(l.unserved(local, endpoints("a", "b"), noon)).To(Equal([]string{"b (in-cluster)"}))
	g.Expect(l.answered(plan, record.External, noon)).To(Equal([]string{"a"}))
	g.Expect(l.answered(plan, record.External, noon.Add(time.Hour))).To(BeEmpty())

	r := Run{live: l, playing: playing{plan: plan}}
	g.Expect(r.oneAnswered([]record.Victim{{Name: "b"}, {Name: "a"}})).To(BeTrue())
	g.Expect(r.oneAnswered([]record.Victim{{Name: "b"}})).To(BeFalse())
}

func TestUnserved(t *testing.T) {
	want := endpoints("b", "a")
	// answers has Pod b answer too, where it does.
	answers := func(where func(second int, stream string) bool) *live {
		return seen(3, func(i int, s *record.Second) bool {
			if where(i, s.Stream) {
				s.Pods["b"] = 1
			}
			return true
		})
	}
	for name, c := range map[string]struct {
		live  *live
		want  []record.Endpoint
		since time.Duration
		lost  []string
	}{
		"all answered": {answers(func(int, string) bool { return true }), want, 0, nil},
		"one never":    {answers(func(int, string) bool { return false }), want, 0, []string{"b (external)", "b (in-cluster)"}},
		"one on one vantage only": {answers(func(_ int, stream string) bool { return stream == insideFresh }),
			want, 0, []string{"b (external)"}},
		"one on one stream of each vantage": {answers(func(_ int, stream string) bool { return stream != outsideFresh }), want, 0, nil},
		"once is enough":                    {answers(func(second int, _ string) bool { return second == 1 }), want, 0, nil},
		"before only": {answers(func(second int, _ string) bool { return second == 0 }),
			want, time.Second, []string{"b (external)", "b (in-cluster)"}},
		"in the second it began in": {answers(func(second int, _ string) bool { return second == 1 }), want, 1900 * time.Millisecond, nil},
		"nothing seen":              {newLive(), want, 0, []string{"a (external)", "a (in-cluster)", "b (external)", "b (in-cluster)"}},
		"nobody asked for":          {newLive(), nil, 0, nil},
		"more than asked for":       {answers(func(int, string) bool { return true }), endpoints("a"), 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(c.live.unserved(plan, c.want, noon.Add(c.since))).To(Equal(c.lost))
		})
	}
}
