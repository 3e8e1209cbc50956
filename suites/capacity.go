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
	Done:    "the load is raised by half every 10 s, until requests fail, p99 exceeds five times the baseline (and 100 ms), the client side reaches its limit, or the total load reaches 20,000 requests/s",
	Holds:   "1.5 times the declared load is sustained: no request fails, and p99 stays within that limit; the report shows which load ended the ramp, and why",
	Planned: true,
	Raises:  true,
	SLO:     func(r *gate.Run) record.SLO { return gate.Capacity(r.Replicas(), r.Rate(), r.Streams(), r.Timeout()) },
})
