package verdict

import (
	"fmt"
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// Tolerances of the judge. Every one of them stands in the Verdict.
const (
	MinShare        = 0.5                    // of an even share of fresh connections
	ShareChance     = 5                      // standard deviations below even that chance may leave a Pod
	MinToShare      = 15                     // requests a Pod on average, for shares to be judged
	LateRequest     = 100 * time.Millisecond // beyond the baseline's p99, where a Pod's packets are late
	LateChance      = 0.1                    // of the requests, beside the share of the Pod that is late
	WarmUp          = 10 * time.Second       // of a load that begins, in which no way to the service need be there yet
	CleanSeconds    = 3                      // clean seconds before the fault and at the end, at least
	FaultLead       = 1                      // seconds before the fault whose failures count as the fault's
	MinSent         = 0.99                   // of the planned requests
	MaxLateShare    = 0.05                   // of the requests, later than record.LateAfter
	MaxLate         = 500 * time.Millisecond // behind schedule, of any request
	BusyLimit       = 0.97                   // share of all cores
	BusySpan        = 5                      // seconds; their mean is held against BusyLimit
	MaxBusyShare    = 0.25                   // of a scenario's seconds at BusyLimit
	ServiceShare    = 0.5                    // of all cores, by the service itself: nobody else filled them
	MaxHealthGap    = 3                      // seconds without word from an agent
	MaxClockShift   = 250 * time.Millisecond // between an agent's clock and the harness's
	MaxP99Ratio     = 5                      // a raised load's p99 against the baseline's
	LeastMaxP99     = 100 * time.Millisecond // no p99 within it ends a raised load
	MinBlock        = 10 * time.Second       // of a drift
	MinInBlock      = 1000                   // requests, so that ten lie beyond a p99
	MinBlocks       = 30                     // fewer tell no drift from chance
	DriftNoise      = 3                      // standard deviations between blocks; what moves less does not drift
	StopTime        = 20 * time.Second       // for the agents to stop and hand over
	LostPacket      = 900 * time.Millisecond // over the median, by which a request shows that a packet was lost
	MaxSlowestRatio = 2                      // the slowest request of a planned disruption against the baseline's
	PlannedP99      = 500 * time.Millisecond // no p99 of a planned disruption within it is too long
	WideRatio       = 2                      // times a default limit; what is beyond stands in the verdict's first line
	WideOutage      = 90 * time.Second       // likewise, of an outage that a default limit allows
	OutageGap       = time.Second            // failures closer than this are one outage
	Slot            = time.Second / record.SlotsPerSecond
)

// Tolerances lists them for the report of a run whose clients tried a request again up to
// retries times.
func Tolerances(retries int) []record.Setting {
	all := []record.Setting{
		{Name: "clean seconds", Value: fmt.Sprint(CleanSeconds), Reason: "consecutive seconds without any failure on every stream, before a fault may be judged and at a scenario's end"},
		{Name: "path setup", Value: words.Duration(WarmUp), Reason: "from a load's start, and for as long as the service answers on another path: a failure to connect before a path to the service (from inside or outside, to one address, its name looked up for every connection or not) has carried its first response in the run is attributed to the harness, which has just set it up; it is counted in the verdict, and every other failure without a fault is attributed to the service"},
		{Name: "fault lead", Value: fmt.Sprintf("%d s", FaultLead), Reason: "or a request's timeout less a second, where that is more: a request that was under way when the fault went in was due before it, and its failure is the fault's"},
		{Name: "load sent", Value: fmt.Sprintf("≥ %g %%", MinSent*100), Reason: "of the planned requests, on every stream"},
		{Name: "requests sent late", Value: fmt.Sprintf("≤ %g %%", MaxLateShare*100), Reason: fmt.Sprintf("sent more than %s behind their due time; a late request is still sent, and judged by its due time", words.Duration(record.LateAfter))},
		{Name: "longest stall", Value: fmt.Sprintf("≤ %s", words.Duration(MaxLate)), Reason: "behind its due time, of any request: a client that stalls for longer may miss what it is there to observe"},
		{Name: "machine busy", Value: fmt.Sprintf("≥ %g %% of all cores", BusyLimit*100), Reason: fmt.Sprintf("on average over %d seconds, or in more than %g %% of a scenario's seconds: the machine was saturated, and failures may be due to that; not that more Pods were asked to terminate at once than may be unavailable, nor that the API server refused the fault because of the service's objects; and in the first case not what failed more than %d s after it, or a request's timeout before it, if that is more than may fail, and came before or is the majority", BusySpan, MaxBusyShare*100, BusySpan)},
		{Name: "machine saturated by the service", Value: fmt.Sprintf("≥ %g %% of all cores", ServiceShare*100), Reason: "used by the service's own Pods while the machine was saturated: all others together used less, so it excuses nothing; the usage is read from cgroups, and where it is not known every saturated machine excuses"},
		{Name: "agent silence", Value: fmt.Sprintf("≤ %d s", MaxHealthGap), Reason: "a load agent sends a heartbeat every second"},
		{Name: "agents stop", Value: fmt.Sprintf("≤ %s and the request timeout", words.Duration(StopTime)), Reason: "seconds before a scenario's end that a stream need not have recorded"},
		{Name: "clock offset", Value: fmt.Sprintf("≤ %s", words.Duration(MaxClockShift)), Reason: "between an agent's clock and the harness's; times are compared across them"},
		{Name: "p99 in a load ramp", Value: fmt.Sprintf("≤ %d × the baseline's, or %s", MaxP99Ratio, words.Duration(LeastMaxP99)), Reason: "whichever is more, on each stream; what a person waits up to 0.1 s for feels immediate, and is no knee"},
		{Name: "drift", Value: fmt.Sprintf("> %d × the noise between blocks", DriftNoise), Reason: fmt.Sprintf("over the run, and the 95 %% interval of the slope excludes 0; at least %d blocks of %s and %d requests or more, so traffic without a fault for %s; drift is reported only and does not affect the verdict", MinBlocks, words.Duration(MinBlock), MinInBlock, words.Duration(MinBlocks*MinBlock))},
		{Name: "planned, slowest", Value: fmt.Sprintf("≤ the baseline's p50 + %s, or %d × its slowest", words.Duration(LostPacket), MaxSlowestRatio), Reason: "whichever is more, where the target sets no maxLatency; the kernel sends a lost packet again after 1 s; the baseline is the first of the run with the same load, of the stream that was worst, or the scenario's own where that is within what the first allows"},
		{Name: "planned, p99", Value: fmt.Sprintf("≤ %d × the baseline's, or %s", MaxP99Ratio, words.Duration(PlannedP99)), Reason: "whichever is more, where the target sets no maxP99; the baseline is the same"},
		{Name: "outage gap", Value: words.Duration(OutageGap), Reason: "failures closer together than this are one outage"},
		{Name: "load share", Value: fmt.Sprintf("≥ %g of even, or even - %d × its root", MinShare, ShareChance), Reason: fmt.Sprintf("endpoints are picked at random, so shares vary, the more the fewer requests there are; a Pod that gets less does not really receive traffic; under %d requests per Pod shares are not judged", MinToShare)},
		{Name: "slow requests, with one Pod delayed", Value: fmt.Sprintf("> the baseline's p99 + %s", words.Duration(LateRequest)), Reason: fmt.Sprintf("no more of them than the Pod's share plus %g %% of all: endpoints are picked at random, and a saturated machine slows some as well", LateChance*100)},
		{Name: "closed in flight", Value: fmt.Sprintf("≤ %s", words.Duration(record.ClosedWithin)), Reason: "from a request's last byte until the close of its connection is observed: a round trip, a retransmission, and time for the agent to notice; a server that closes later had received the request and dropped it"},
		{Name: "time resolution", Value: words.Duration(Slot), Reason: "of outages and blackouts"},
	}
	if retries > 0 {
		all = append(all, record.Setting{Name: "retries", Value: fmt.Sprintf("≤ %d for a request", retries), Reason: "by the target's load.retries: a GET, HEAD, PUT, DELETE or OPTIONS that failed to connect, whose kept-alive connection ended before any byte of an answer, or that was answered 502, 503 or 504; at once and on another connection, within the timeout of one request; it counts as failed where its last try failed, and its latency runs from the first; the service's clients have to do the same"})
	}
	return all
}
