package reports_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/reports"
	"hagate/verdict/verdicttest"
)

// overloaded is a service that answers badly from 225 requests/s a stream on.
func overloaded() []record.Entry {
	return verdicttest.Raised(verdicttest.Rates[:3], func(rate int, e *record.Entry) {
		if s := e.Second; s != nil && rate == 225 && s.Stream == "external/fresh" {
			s.Failed = map[string][]int{record.ClassStatus5: make([]int, record.SlotsPerSecond)}
			s.OK[7]--
			s.Failed[record.ClassStatus5][7]++
		}
	})
}

// soak has one stream that gets slower by a half.
func soak() []record.Entry {
	const length = 6 * time.Minute
	return verdicttest.Steady(length, func(stream string, at float64) time.Duration {
		if stream == "external/reused" {
			return time.Duration(700e3 * (1 + 0.5*at/length.Seconds()))
		}
		return 700 * time.Microsecond
	})
}

// TestPanels keeps what the page says and draws of a raised load and of a soak.
func TestPanels(t *testing.T) {
	_, files := render(t, verdicttest.Run(overloaded(), soak()))
	for name, heading := range map[string]string{"capacity.html": "Capacity", "drift.html": "Drift"} {
		got := regexp.MustCompile("(?s)<h3>" + heading + "</h3>.*?<h3>").FindString(files[reports.HTMLFile])
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got == "" || got != string(want) {
			t.Errorf("%s on the page differs from %s; run with -update and look at the difference", heading, path)
		}
	}
	for _, want := range []string{
		"In short: sustained 600 requests/s, 150 on each of 4 streams; at 900 requests/s 10 of 9,000 failed (10 5xx).",
		"knee: 600/s", `aria-label="Sustained load of capacity during the load ramp"`, "requests failed</td>",
		`aria-label="Drift of the streams of steady over time"`, "At least one stream drifted.",
	} {
		if !strings.Contains(files[reports.HTMLFile], want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if want := `hagate_capacity_requests_per_second{target="nginx",scenario="capacity",ended_by="failures"} 600`; !strings.Contains(files[reports.MetricsFile], want+"\n") {
		t.Errorf("the metrics have no %s", want)
	}
}

// Where there is nothing to say, nothing is said.
func TestNoPanels(t *testing.T) {
	_, files := render(t, verdicttest.Run(verdicttest.PodDelete()))
	for _, heading := range []string{"Capacity", "<h3>Drift"} {
		if strings.Contains(files[reports.HTMLFile], heading) {
			t.Errorf("the page of a deletion speaks of %q", heading)
		}
	}
}

// What a climb found without the service at its end is a lower bound.
func TestPanelsOfALimitThatIsNotTheServices(t *testing.T) {
	_, files := render(t, verdicttest.Run(verdicttest.Raised(verdicttest.Rates[:3], func(rate int, e *record.Entry) {
		if e.Health != nil && rate == 225 {
			e.Health.Busy = 1
		}
	})))
	for _, want := range []string{"at least 600/s", "sustained at least 600 requests/s", "client-side limit</td>"} {
		if !strings.Contains(files[reports.HTMLFile], want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(files[reports.HTMLFile], "knee:") {
		t.Error("the page calls a knee what is none")
	}
}

// A Pod behind the Service that is not the workload's is named so, and counts for nothing.
func TestStraysAreNamed(t *testing.T) {
	for note, stray := range map[string]bool{"on worker2, not the workload&#39;s": true, "on worker2<": false} {
		entries := verdicttest.PodDelete()
		began := entries[0].Time
		job := record.Pod{Name: "report-1", UID: "report-1", Node: "worker2", Phase: "Running", Ready: true, Started: true, Stray: stray}
		_, files := render(t, verdicttest.Run(append(entries, record.Entry{Time: began.Add(9 * time.Second), Scenario: "pod-delete", Pod: &job})))
		lane := regexp.MustCompile(`>report-1</text>\s*<text[^>]*>([^<]*<)`).FindStringSubmatch(files[reports.HTMLFile])
		if lane == nil || !strings.HasPrefix(lane[1], note) {
			t.Errorf("stray %t: the lane says %q, want %q", stray, lane, note)
		}
	}
}
