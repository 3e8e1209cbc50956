package record

import "time"

// Classes of a failed request, by the first thing that went wrong.
const (
	ClassRefused = "refused" // connect: RST to the SYN
	ClassReset   = "reset"   // RST or EOF after the request was sent, not ClassClosed
	ClassTimeout = "timeout" // no whole response within Plan.Timeout of the send
	ClassDNS     = "dns"     // the name did not resolve in time
	ClassNetwork = "network" // no route, host unreachable
	ClassStatus4 = "4xx"     // an answer, not the expected one
	ClassStatus5 = "5xx"     //
	ClassBad     = "bad"     // a malformed or unexpected answer of another kind
	ClassClient  = "client"  // the load agent's own: no port, no file, not sent
	ClassClosed  = "closed"  // see below
)

// ClosedMeaning is what ClassClosed says of a request.
var ClosedMeaning = Say("an idempotent request met, on a connection that had served before, the server closing it, and no byte of an answer came: its end was seen within 250 ms of the request's last byte, so the two crossed on the wire: the race that RFC 9112, section 9.3.1, lets every client answer by sending again")

// ClosedWithin is how long after a request's last byte the end of its connection may be
// seen and still have crossed it on the wire. Such an end comes within a round trip; a
// segment lost on the way is sent again after 200 ms (Linux' TCP_RTO_MIN), and the rest
// is for the agent to be scheduled. A server that holds a request for longer and then
// hangs up had it, and dropped it: ClassReset.
const ClosedWithin = 250 * time.Millisecond

// SlotsPerSecond is the number of 10 ms slots in a Second.
const SlotsPerSecond = 100

// Second is what one stream saw of the requests that were due in one second. The
// entry's time is the beginning of that second, by the agent's clock. It is written
// when the last of them is over, so it can come Plan.Timeout late, and only once a
// scenario: the seconds that end one may begin the next.
type Second struct {
	Stream  string           `json:"stream"`           // Stream.Name
	Due     int              `json:"due"`              // requests that were due
	OK      []int            `json:"ok"`               // succeeded, by the 10 ms slot of the due time; SlotsPerSecond long
	Failed  map[string][]int `json:"failed,omitempty"` // by class: likewise
	Late    int              `json:"late,omitempty"`   // sent more than LateAfter behind their due time
	MaxLate time.Duration    `json:"maxLate,omitempty"`
	Pods    map[string]int   `json:"pods,omitempty"`   // successful answers by Pod name
	Status  map[string]int   `json:"status,omitempty"` // answers by HTTP status code
	// Latency of the successful requests, from the due time to the last byte, in
	// microseconds: an HdrHistogram (1 µs to 60 s, 3 significant digits), V2
	// compressed, base64.
	Latency string `json:"latency,omitempty"`
	Opened  int    `json:"opened,omitempty"`  // connections opened
	Noticed int    `json:"noticed,omitempty"` // idle connections found closed by the server before a request went onto them
	Ended   int    `json:"ended,omitempty"`   // whole answers that ended their connection by the server's wish
	// Retried counts the requests of which a try failed and another one followed. Saved are
	// those of them that succeeded in the end, by the class of their first try and by slot;
	// they are among OK.
	Retried int              `json:"retried,omitempty"`
	Saved   map[string][]int `json:"saved,omitempty"`
}

// LateAfter is how far behind its due time a request may start and still count as
// sent on schedule.
const LateAfter = 50 * time.Millisecond

// Sum adds up slots.
func Sum(slots []int) int {
	n := 0
	for _, s := range slots {
		n += s
	}
	return n
}

// FailedTotal is the number of failed requests of all classes, ClassClosed and
// ClassClient included.
func (s Second) FailedTotal() int {
	n := 0
	for _, slots := range s.Failed {
		n += Sum(slots)
	}
	return n
}

// Request is one request that failed, was slow or was tried again. The entry's time is its
// due time. Where it was tried again, all but Late and Latency is said of its last try.
type Request struct {
	Stream  string        `json:"stream"`
	Seq     uint64        `json:"seq"`
	Method  string        `json:"method"`
	Path    string        `json:"path"`
	Late    time.Duration `json:"late"`              // start behind due
	DNS     time.Duration `json:"dns,omitempty"`     // time that it waited for a lookup
	Connect time.Duration `json:"connect,omitempty"` // 0 on a reused connection
	Latency time.Duration `json:"latency"`           // from the due time to the last byte or the failure
	Status  int           `json:"status,omitempty"`
	Class   string        `json:"class,omitempty"` // empty: it succeeded
	Error   string        `json:"error,omitempty"`
	Pod     string        `json:"pod,omitempty"`    // that answered; of a failure on a reused connection, that had answered on it last
	Remote  string        `json:"remote,omitempty"` // address connected to
	Reused  bool          `json:"reused,omitempty"`
	Tries   []Try         `json:"tries,omitempty"` // that failed before the last one, in their order
}

// Try is a try of a request that failed and that another one followed.
type Try struct {
	At      time.Duration `json:"at"`            // of its failure, from the due time
	DNS     time.Duration `json:"dns,omitempty"` // the rest as in Request
	Connect time.Duration `json:"connect,omitempty"`
	Status  int           `json:"status,omitempty"`
	Class   string        `json:"class"`
	Error   string        `json:"error,omitempty"`
	Pod     string        `json:"pod,omitempty"`
	Remote  string        `json:"remote,omitempty"`
	Reused  bool          `json:"reused,omitempty"`
}

// Lookup is one name resolution by a load agent.
type Lookup struct {
	Vantage string        `json:"vantage"`
	Name    string        `json:"name"`
	Took    time.Duration `json:"took"`
	Error   string        `json:"error,omitempty"`
}

// Health is how a load agent and its machine were, once a second.
type Health struct {
	Vantage string        `json:"vantage"`
	Busy    float64       `json:"busy"`    // share of all cores that was not idle, 0 to 1; -1 where unknown
	Own     time.Duration `json:"own"`     // CPU time that the agent itself took in that second
	Offset  time.Duration `json:"offset"`  // the agent's clock minus the harness's, where measured
	Workers int           `json:"workers"` // requests in flight
}
