package reports

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"hagate/record"
)

func TestTicks(t *testing.T) {
	zero := time.Date(2026, 11, 24, 14, 0, 8, 250e6, time.UTC)
	for name, c := range map[string]struct {
		from, to time.Duration
		want     string
	}{
		"a scenario":   {-8 * time.Second, 14 * time.Second, "−5 s, 0, +5 s, +10 s"},
		"a close-up":   {-500 * time.Millisecond, 1500 * time.Millisecond, "−0.4 s, −0.2 s, 0, +0.2 s, +0.4 s, +0.6 s, +0.8 s, +1 s, +1.2 s, +1.4 s"},
		"ten minutes":  {0, 10 * time.Minute, "0, +100 s, +200 s, +300 s, +400 s, +500 s, +600 s"},
		"a blink":      {-300 * time.Microsecond, 200 * time.Microsecond, "0"},
		"hardly a bit": {0, 0, "0"},
	} {
		a := axis{from: zero.Add(c.from), to: zero.Add(c.to), zero: zero, left: chartLeft, right: chartRight}
		at, labels := a.ticks()
		if got := strings.Join(labels, ", "); got != c.want || len(at) != len(labels) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestPodState(t *testing.T) {
	now := time.Now()
	for want, p := range map[string]record.Pod{
		"pending":            {Phase: "Pending"},
		"starting":           {Phase: "Running"},
		"running, not ready": {Phase: "Running", Started: true},
		"ready":              {Phase: "Running", Started: true, Ready: true},
		"terminating":        {Phase: "Running", Started: true, Ready: true, Terminating: &now},
		"ended":              {Phase: "Failed"},
		"gone":               {Phase: "Running", Gone: true},
	} {
		if got := podState(p); got != want {
			t.Errorf("%+v is %s, want %s", p, got, want)
		}
	}
}

// TestEveryStateHasAStyle keeps a new state from being drawn invisibly.
func TestEveryStateHasAStyle(t *testing.T) {
	for state, class := range stateClass {
		if !strings.Contains(style, ".life."+class+" ") {
			t.Errorf("%s is drawn as %s, which style.css does not know", state, class)
		}
	}
}

func TestShapesTellClassesApart(t *testing.T) {
	seen := map[string]string{}
	for _, class := range []string{record.ClassRefused, record.ClassReset, record.ClassTimeout, record.ClassStatus5, record.ClassClosed, record.ClassDNS} {
		d := shape(class, 100, 50)
		if other := seen[d]; other != "" || strings.Contains(d, "%!") {
			t.Errorf("%s is drawn as %q, like %q", class, d, other)
		}
		seen[d] = class
	}
}

func TestStepsOutsideTheChart(t *testing.T) {
	zero := time.Unix(1000, 0)
	c := &chart{axis: axis{from: zero, to: zero.Add(10 * time.Second), zero: zero, left: 0, right: 100}}
	changes := []change[int]{{zero.Add(-20 * time.Second), 1}, {zero.Add(-10 * time.Second), 3}, {zero.Add(5 * time.Second), 2}, {zero.Add(30 * time.Second), 9}}
	got := steps(c, changes, func(n int) int { return n }, func(n int) float64 { return float64(n) })
	if got != "M0 3H50L50 2H100" {
		t.Errorf("steps are %s", got)
	}
}

// A rollout shows who answered by version; where nothing was rolled out there is nothing
// to show.
func TestVersions(t *testing.T) {
	at := time.Unix(1000, 0)
	tale := &tale{answers: map[int64]map[answerer]int{1000: {{"a", "fresh"}: 3}, 1001: {{"a", "fresh"}: 1, {"b", "fresh"}: 1, {"b", "reused"}: 1, {"stranger", "fresh"}: 5}, 1002: {{"b", "fresh"}: 3}}}
	tale.pods = follow(tale.pods, "1", at, record.Pod{Name: "a", Version: "old"})
	if got := tale.versions(); got != nil {
		t.Errorf("one version: %v", got)
	}
	tale.pods = follow(tale.pods, "2", at, record.Pod{Name: "b", Version: "new"})
	tale.pods = follow(tale.pods, "3", at, record.Pod{Name: "c", Version: "never answered"})
	c := &chart{axis: axis{from: at, to: at.Add(3 * time.Second), zero: at, left: chartLeft, right: chartRight}, tale: tale, bin: 50 * time.Millisecond}
	seconds, lines := c.versionSeries()
	want := []versionSeries{{"old", []int{3, 1, 0, 0}}, {"new", []int{0, 2, 3, 0}}}
	if !reflect.DeepEqual(lines, want) || !reflect.DeepEqual(seconds, []float64{0, 1, 2, 3}) {
		t.Errorf("%v at %v, want %v", lines, seconds, want)
	}
	panels := c.versionsPanel()
	if len(panels) != 1 {
		t.Fatalf("%d panels", len(panels))
	}
	panels[0].draw(0)
	svg := string(c.image(chartWidth, 100, "versions"))
	for _, part := range []string{"answers of version old", "answers of version new", "versionname v1", `class="version v0"`} {
		if !strings.Contains(svg, part) {
			t.Errorf("no %q in %s", part, svg)
		}
	}
}
