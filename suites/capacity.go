package suites

import (
	"hagate/gate"
	"hagate/record"
)

// What the declared replicas carry beyond the declared load is what a busy day, or the
// loss of one of them, leaves the others with
// (sre.google/sre-book/addressing-cascading-failures). A failure means that the service
// runs at its limit. Chosen by name only: make test-ha LABELS=capacity.
var _ = Promise(gate.Scenario{
	Name: "capacity", Topic: "capacity",
	Promise: "The declared replicas carry half as much load again as is declared.",
	Done:    "the load is raised by half every 10 s, until requests fail, p99 is five times what it was (and over 100 ms), the client is at its limit, or 20,000 requests/s are sent in all",
	Holds:   "1.5 times the declared load is carried: no request fails, p99 stays within that; what ended it, and where, is in the report",
	Planned: true,
	Raises:  true,
	SLO:     func(r *gate.Run) record.SLO { return gate.Capacity(r.Replicas(), r.Rate(), r.Streams(), r.Timeout()) },
})
