// Package agent is the load agent: the process that sends traffic from a vantage,
// keeps the record of it, and answers on a socket. It outlives every connection to
// it, so that a lost one loses nothing.
package agent

import (
	"time"

	"hagate/record"
)

// Where an agent listens and records, unless it is told otherwise.
const (
	Socket     = "/tmp/agent.sock"
	RecordFile = "/tmp/" + record.FileName
)

// Longest is how long an attack lasts at most where its order does not say: a harness
// that died cannot leave load running. The longest soak is an hour.
const Longest = 90 * time.Minute

// Order asks for an attack. All streams of the plan are sent.
type Order struct {
	Scenario string        `json:"scenario"`
	Plan     record.Plan   `json:"plan"`
	Longest  time.Duration `json:"longest,omitempty"` // Longest where 0
}

// Status is how an agent is.
type Status struct {
	Vantage  string `json:"vantage"`
	Running  bool   `json:"running"` // an attack is under way
	Scenario string `json:"scenario,omitempty"`
	InFlight int    `json:"inFlight"`
	Size     int64  `json:"size"`            // of the record, in bytes
	Error    string `json:"error,omitempty"` // the record is not whole: why
}
