package reports_test

import (
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/reports"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

// patient is a run whose clients pause and try again, which saves all but a few requests.
func patient() []record.Entry {
	entries := verdicttest.Retried(verdicttest.Run(verdicttest.PodDelete(), verdicttest.NodeDrain()))
	lost := false
	for _, e := range entries {
		switch {
		case e.Start != nil:
			e.Start.Plan.ThinkTime = 1500 * time.Millisecond
		case e.Second != nil && e.Second.Stream == "external/fresh" && e.Second.Saved[record.ClassRefused] != nil && !lost:
			lost = true
			s := e.Second
			s.Failed, s.Saved = s.Saved, nil
			for i, n := range s.Failed[record.ClassRefused] {
				s.OK[i] -= n
			}
		case e.Request != nil && e.Request.Stream == "external/fresh" && e.Request.Tries != nil:
			e.Request.Class, e.Request.Status = record.ClassRefused, 0
		}
	}
	return entries
}

// What clients were allowed stands in each report, and what they made of it, where a target
// says so; and nothing of it where none does.
func TestReportsTellOfRetriesAndPauses(t *testing.T) {
	said := map[string][]string{
		reports.HTMLFile: {
			"needed a retry</small><br><small>", "refused, resolved by it", " retried</small>", "before: refused", "Retries per request: at most 1;",
			"Kept-alive clients pause for at least 1.5 s", "≤ 1 for a request", " needed a retry.</p>",
			"none is reused before it has been idle for 1.5 s",
		},
		reports.SummaryFile: {` tried again) |`},
		reports.VerdictFile: {`"retried": `, `"saved": {`},
		reports.MetricsFile: {`hagate_retried_requests{target="nginx",scenario="node-drain",stream="external/fresh"} 1`},
	}
	v, patient := render(t, patient())
	if v.Result != verdict.Fail {
		t.Fatalf("%s: %s", v.Result, v.Reason)
	}
	_, plain := render(t, verdicttest.Run(verdicttest.PodDelete(), verdicttest.NodeDrain()))
	for name, texts := range said {
		for _, text := range texts {
			if !strings.Contains(patient[name], text) || strings.Contains(plain[name], text) {
				t.Errorf("%s: %q stands there: %t, without retries: %t", name, text, strings.Contains(patient[name], text), strings.Contains(plain[name], text))
			}
		}
	}
}

// The cause of what only had to be tried again is told with a PASS.
func TestReportsNameCausesOfRetries(t *testing.T) {
	entries := verdicttest.Retried(verdicttest.NodeDrain())
	for _, e := range entries {
		if e.Start != nil {
			e.Start.SLO.MinServesOn = 0
		}
	}
	v, files := render(t, verdicttest.Run(entries))
	if v.Result != verdict.Pass || !strings.Contains(files[reports.HTMLFile], "failed at first, from ") || !strings.Contains(files[reports.SummaryFile], "needed a retry, so the service's clients must retry as well") {
		t.Errorf("%s: %s", v.Result, v.Reason)
	}
}
