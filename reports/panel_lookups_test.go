package reports

import (
	"slices"
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
)

func TestLookups(t *testing.T) {
	at := func(s float64) time.Time { return time.Unix(1000, 0).Add(time.Duration(s * float64(time.Second))) }
	asks := tales{}
	asks.add(record.Entry{Scenario: "dns", Time: at(0), Start: &record.Start{Plan: record.Plan{FreshNames: true}}})
	for _, l := range []struct {
		at   float64
		took time.Duration
		err  string
	}{{0.2, 2 * time.Millisecond, ""}, {0.7, 40 * time.Millisecond, ""}, {1.5, 2 * time.Second, "timed out"}, {1.6, time.Millisecond, ""}, {3.1, 5 * time.Millisecond, ""}} {
		asks.add(record.Entry{Scenario: "dns", Time: at(l.at), Lookup: &record.Lookup{Took: l.took, Error: l.err}})
	}
	c := newChart(verdict.Scenario{}, asks["dns"], nil, at(0), at(4), time.Second)
	got := c.lookupSeries()
	if want := (lookupSeries{[]float64{0, 1, 3}, []float64{40, 2000, 5}, []int{0, 1, 0}}); !slices.Equal(got.T, want.T) || !slices.Equal(got.Max, want.Max) || !slices.Equal(got.Failed, want.Failed) {
		t.Errorf("%+v, want %+v", *got, want)
	}
	panels := c.lookupsPanel()
	if len(panels) != 1 {
		t.Fatalf("%d panels", len(panels))
	}
	panels[0].draw(0)
	for part, n := range map[string]int{"1 of 2 lookups failed": 1, "slowest lookup": 1, "mark bad": 1, ">2 s<": 1} {
		if got := strings.Count(c.String(), part); got != n {
			t.Errorf("%d times %q, want %d, in %s", got, part, n, c.String())
		}
	}
	asks["dns"].start.Plan.FreshNames = false
	if c.lookupSeries() != nil || c.lookupsPanel() != nil {
		t.Error("lookups are drawn where DNS is no part of the story")
	}
}
