package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"hagate/verdict"
)

// metric is one family of figures of a run in OpenMetrics' text format
// (https://github.com/prometheus/OpenMetrics): a gauge, since each run stands alone.
type metric struct {
	name, help string
	samples    []string
}

// metrics are the run's figures for those who chart launches over time.
func metrics(v verdict.Verdict) ([]byte, error) {
	var result, requests, failed, retried, outage, recovery, ready, latency, capacity metric
	result = metric{name: "hagate_result", help: "1 for the verdict of the run (scenario is empty) or of a scenario."}
	requests = metric{name: "hagate_requests", help: "Requests that were due, from the clean baseline to the end."}
	failed = metric{name: "hagate_failed_requests", help: "Requests that failed, by class."}
	retried = metric{name: "hagate_retried_requests", help: "Requests that were tried again."}
	outage = metric{name: "hagate_longest_outage_seconds", help: "Longest span in which failures lie less than a second apart."}
	recovery = metric{name: "hagate_time_to_recover_seconds", help: "From the fault to the declared replicas behind the Service."}
	ready = metric{name: "hagate_ready_endpoints_low", help: "Fewest ready endpoints from the fault to the end."}
	latency = metric{name: "hagate_latency_seconds", help: "Latency of successes from their due time, from the clean baseline to the end."}
	capacity = metric{name: "hagate_capacity_requests_per_second", help: "Highest load of all streams together that was carried as it was raised."}

	for _, r := range []verdict.Result{verdict.Pass, verdict.Fail, verdict.Invalid} {
		result.add(truth(v.Result == r), "target", v.Run.Target, "scenario", "", "result", string(r))
	}
	for _, s := range v.Counted() {
		of := []string{"target", v.Run.Target, "scenario", s.Name}
		for _, r := range []verdict.Result{verdict.Pass, verdict.Fail, verdict.Invalid} {
			result.add(truth(s.Result == r), append(slices.Clone(of), "result", string(r))...)
		}
		if s.Recovered {
			recovery.add(s.TimeToRecover.Seconds(), of...)
		}
		if s.ReadyLow >= 0 {
			ready.add(float64(s.ReadyLow), of...)
		}
		if c := s.Capacity; c != nil {
			capacity.add(float64(c.Knee*c.Streams), append(slices.Clone(of), "ended_by", c.EndedBy)...)
		}
		for _, st := range s.Streams {
			of := append(slices.Clone(of), "stream", st.Name)
			requests.add(float64(st.Due), of...)
			retried.add(float64(st.Retried), of...)
			outage.add(st.LongestOutage.Seconds(), of...)
			for _, class := range slices.Sorted(maps.Keys(st.ByClass)) {
				failed.add(float64(st.ByClass[class]), append(slices.Clone(of), "class", class)...)
			}
			for _, q := range []struct {
				name string
				of   time.Duration
			}{{"0.5", st.Whole.P50}, {"0.99", st.Whole.P99}, {"0.999", st.Whole.P999}, {"1", st.Whole.Max}} {
				latency.add(q.of.Seconds(), append(slices.Clone(of), "quantile", q.name)...)
			}
		}
	}
	var b strings.Builder
	for _, m := range []metric{result, requests, failed, retried, outage, recovery, ready, latency, capacity} {
		fmt.Fprintf(&b, "# TYPE %s gauge\n# HELP %s %s\n", m.name, m.name, m.help)
		for _, s := range m.samples {
			fmt.Fprintf(&b, "%s%s\n", m.name, s)
		}
	}
	b.WriteString("# EOF\n")
	return []byte(b.String()), nil
}

// add takes in a sample with its labels, given as names and values in turn.
func (m *metric) add(value float64, labels ...string) {
	var pairs []string
	for i := 0; i+1 < len(labels); i += 2 {
		pairs = append(pairs, fmt.Sprintf(`%s="%s"`, labels[i], labelValue.Replace(labels[i+1])))
	}
	m.samples = append(m.samples, fmt.Sprintf("{%s} %g", strings.Join(pairs, ","), value))
}

// labelValue escapes what OpenMetrics wants escaped between quotes.
var labelValue = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func truth(ok bool) float64 {
	if ok {
		return 1
	}
	return 0
}
