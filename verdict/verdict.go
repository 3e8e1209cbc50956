// Package verdict says what a record means: PASS, FAIL or INVALID for each scenario
// and for the run, with every check that led there. It is pure: a record goes in, a
// Verdict comes out, and the same record always gives the same Verdict.
package verdict

import (
	"time"

	"hagate/record"
)

// Schema is written in every Verdict and changes when a reader of an older one would
// misread a newer one.
const Schema = "hagate/verdict/v1alpha1"

// Result is the outcome of a check, a scenario or a run.
type Result string

const (
	Pass    Result = "PASS"    // the service kept its promise
	Fail    Result = "FAIL"    // it did not
	Invalid Result = "INVALID" // the harness could not measure: nothing is said of the service
	Skipped Result = "SKIPPED" // of a check only: it does not apply, and Got says why
)

// Verdict is the outcome of a run, as verdict.json holds it. Durations are in
// nanoseconds, times in UTC.
type Verdict struct {
	Schema string      `json:"schema"`
	Result Result      `json:"result"`
	Reason record.Text `json:"reason"` // one sentence
	// Diagnoses explain why the service did not come up, so that no scenario began, best
	// first; Cause and Fix are as the first of them has them.
	Cause      record.Text      `json:"cause,omitzero"`
	Fix        record.Text      `json:"fix,omitzero"`
	Diagnoses  []Diagnosis      `json:"diagnoses,omitempty"`
	Run        record.Run       `json:"run"`
	Started    time.Time        `json:"started"` // first entry of the record
	Ended      time.Time        `json:"ended"`   // last entry of the record
	Scenarios  []Scenario       `json:"scenarios"`
	Skipped    []record.Skipped `json:"skipped"`    // chosen, and not about this target or cluster
	Settings   []record.Setting `json:"settings"`   // of the cluster and the host
	Tolerances []record.Setting `json:"tolerances"` // of the judge
	Timings    []record.Timing  `json:"timings"`
	Requests   Requests         `json:"requests"`
}

// Whole is the run where no scenario shows what it is, as if it were one named "run".
func (v Verdict) Whole() Scenario {
	return Scenario{Name: "run", Started: v.Started, Ended: v.Ended, Result: v.Result, Reason: v.Reason, Cause: v.Cause, Fix: v.Fix, Diagnoses: v.Diagnoses}
}

// Requests adds up all that the run sent, on every stream and in every second, each request
// once. Due is OK + Failed + Closed + Client + Unmade; Failed is what the streams of all
// scenarios are charged with, Closed the sum of their ClosedInFlight.
type Requests struct {
	Due    int `json:"due"`
	OK     int `json:"ok"`
	Failed int `json:"failed"` // all classes but those below
	Closed int `json:"closed"` // record.ClassClosed
	Client int `json:"client"` // record.ClassClient
	Unmade int `json:"unmade"` // as in Stream: the harness's own
	// Retried is how many of them were tried again, whatever became of them.
	Retried int `json:"retried,omitempty"`
}

// Scenario is the outcome of one scenario.
type Scenario struct {
	Name    string      `json:"name"`
	Promise string      `json:"promise"`
	Labels  []string    `json:"labels"`
	Planned bool        `json:"planned"`
	Result  Result      `json:"result"`
	Reason  record.Text `json:"reason"` // one sentence
	// Cause is why it failed, and Fix what to change, in one sentence each, as the first of
	// the diagnoses has them; empty where it did not fail.
	Cause   record.Text `json:"cause,omitzero"`
	Fix     record.Text `json:"fix,omitzero"`
	Started time.Time   `json:"started"`
	Ended   time.Time   `json:"ended"`
	SLO     record.SLO  `json:"slo"`
	Rate    int         `json:"rate"` // planned requests/second of each stream
	Checks  []Check     `json:"checks"`
	Streams []Stream    `json:"streams"`
	Phases  []Phase     `json:"phases"`
	// Diagnoses explain a failed scenario and its failed requests, best first: what made all
	// of it fail, then what made most requests fail, each with its alternatives.
	Diagnoses []Diagnosis `json:"diagnoses"`
	Faults    []Fault     `json:"faults"`

	// Replicas is the declared count; ReadyLow the fewest ready endpoints from the
	// fault to the end, -1 where none were watched.
	Replicas int `json:"replicas"`
	ReadyLow int `json:"readyLow"`

	// TimeToRecover runs from the fault until the declared replicas were ready and behind
	// the Service without the victims, as they were when the wait for that ended. It means
	// nothing unless Recovered.
	Recovered     bool          `json:"recovered"`
	TimeToRecover time.Duration `json:"timeToRecover"`

	// Wide says which limits of SLO reach far beyond their defaults; nothing where none does.
	Wide record.Text `json:"wide,omitzero"`

	Capacity *Capacity `json:"capacity,omitempty"` // of a load that was raised

	// MeasuredAgain is the name of the scenario whose verdict counts instead of this one's,
	// which is INVALID; empty where this one's does.
	MeasuredAgain string `json:"measuredAgain,omitempty"`
}

// Kinds of checks.
const (
	Harness = "harness" // not met: INVALID
	Service = "service" // not met: FAIL
)

// Check is one thing that was looked at.
type Check struct {
	Name   string      `json:"name"`
	Kind   string      `json:"kind"` // Harness or Service
	Result Result      `json:"result"`
	About  record.Text `json:"about"` // what is looked at, in a sentence
	Want   record.Text `json:"want"`
	Got    record.Text `json:"got"`
}

// Stream is what one stream saw from the first second of the clean baseline to the
// end. Due is OK and the sum of ByClass.
type Stream struct {
	Name            string         `json:"name"`
	Due             int            `json:"due"`
	OK              int            `json:"ok"`
	Failed          int            `json:"failed"`            // record.ClassClosed and record.ClassClient not counted
	ByClass         map[string]int `json:"byClass,omitempty"` // of everything that was not OK
	ClosedInFlight  int            `json:"closedInFlight"`    // record.ClassClosed, those before and after counted
	Late            int            `json:"late"`              // sent more than record.LateAfter behind schedule
	MaxLate         time.Duration  `json:"maxLate"`
	Noticed         int            `json:"noticed"` // idle connections found closed in time
	Opened          int            `json:"opened"`  // connections opened
	Ended           int            `json:"ended"`   // whole answers that ended their connection by the server's wish
	LongestOutage   time.Duration  `json:"longestOutage"`
	LongestBlackout time.Duration  `json:"longestBlackout"`
	Baseline        Latency        `json:"baseline"` // in the clean baseline
	During          Latency        `json:"during"`   // from there to the end
	Whole           Latency        `json:"whole"`    // in both
	Pods            map[string]int `json:"pods,omitempty"`
	Statuses        map[string]int `json:"statuses,omitempty"`
	Drift           *Drift         `json:"drift,omitempty"` // of traffic without a fault that was long enough
	// FailedBefore counts what failed before the clean baseline, and FailedAfter what failed
	// after the scenario's end and before the next fault: they are judged with Failed, and
	// are no part of it. Unmade counts what found no connection before a way to the service
	// that the harness had just made carried its first answer: it is the harness's own.
	Unmade       int `json:"unmade,omitempty"`
	FailedBefore int `json:"failedBefore,omitempty"`
	FailedAfter  int `json:"failedAfter,omitempty"`

	Retried int            `json:"retried,omitempty"` // requests that were tried again
	Saved   map[string]int `json:"saved,omitempty"`   // those of them that are OK, by the class of their first try

	closedBefore int // of ClosedInFlight, those before the clean baseline
}

// Charged is how many failed requests the scenario is judged by.
func (s Stream) Charged() int { return s.Failed + s.FailedBefore + s.FailedAfter }

// PerConnection is how many requests went on each connection that was opened; 0 where
// none was, as those went on connections that were there before.
func (s Stream) PerConnection() float64 {
	if s.Opened == 0 {
		return 0
	}
	return float64(s.Due) / float64(s.Opened)
}

// Latency is the latency of the successful requests, from the due time.
type Latency struct {
	P50  time.Duration `json:"p50"`
	P99  time.Duration `json:"p99"`
	P999 time.Duration `json:"p999"`
	Max  time.Duration `json:"max"`
}

// Worst is the longer of l and other, quantile by quantile.
func (l Latency) Worst(other Latency) Latency {
	return Latency{P50: max(l.P50, other.P50), P99: max(l.P99, other.P99), P999: max(l.P999, other.P999), Max: max(l.Max, other.Max)}
}

// Phase is one phase of a scenario and when it began.
type Phase struct {
	Time time.Time `json:"time"`
	record.Phase
}

// Fault is one step in the life of the fault and when it was taken.
type Fault struct {
	Time time.Time `json:"time"`
	record.Fault
}
