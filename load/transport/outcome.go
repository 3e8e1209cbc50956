package transport

import (
	"net/netip"
	"time"
)

// Outcome is everything that one try of a request taught. Phases that were not reached are
// 0.
type Outcome struct {
	Before []Outcome     // tries of the same request that failed and that this one followed
	Took   time.Duration // the whole of the try

	DNS       time.Duration // waited for a lookup
	Connect   time.Duration // 0 on a reused connection
	Write     time.Duration // request handed to the kernel
	FirstByte time.Duration // from there to the first byte of the answer
	Body      time.Duration // from there to the last byte

	Status  int            // of the answer; 0: none came
	Pod     string         // value of the Pod header; of a failure without one, that of the connection's last answer
	Class   string         // a record.Class…; empty: a whole, well-formed answer came
	Error   string         // the phase and what went wrong in it
	Remote  netip.AddrPort // connected to, or tried
	Reused  bool           // the connection had served before
	Opened  int            // connections opened, 0 or 1
	Noticed int            // idle connections found closed by the server on the way
	Ended   int            // whole answers that ended their connection by the server's wish, 0 or 1
}
