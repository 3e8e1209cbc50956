package verdict

import (
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
	CrowdedLimit    = 0.8                    // share of all cores, from which on a thread may wait because of others
	BusySpan        = 5                      // seconds on end in which somebody waits for a core
	MaxBusyShare    = 0.25                   // of a scenario's seconds in which somebody does
	MaxWaited       = 900 * time.Millisecond // of a second, of a thread of the service's, for a core
	YoungPod        = 15 * time.Second       // of being ready, in which a Pod's slow answers are its own on any machine
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
		{Name: record.Say("clean seconds"), Value: record.Say("%d", CleanSeconds), Reason: record.Say("consecutive seconds without any failure on every stream, before a fault may be judged and at a scenario's end")},
		{Name: record.Say("path setup"), Value: record.Words(words.Duration(WarmUp)), Reason: record.Say("from a load's start, and for as long as the service answers on another path: a failure to connect before a path to the service (from inside or outside, to one address, its name looked up for every connection or not) has carried its first response in the run is attributed to the harness, which has just set it up; it is counted in the verdict, and every other failure without a fault is attributed to the service")},
		{Name: record.Say("fault lead"), Value: record.Say("%d s", FaultLead), Reason: record.Say("or a request's timeout less a second, where that is more: a request that was under way when the fault went in was due before it, and its failure is the fault's")},
		{Name: record.Say("load sent"), Value: record.Say("≥ %g %%", MinSent*100), Reason: record.Say("of the planned requests, on every stream")},
		{Name: record.Say("requests sent late"), Value: record.Say("≤ %g %%", MaxLateShare*100), Reason: record.Say("sent more than %s behind their due time; a late request is still sent, and judged by its due time", words.Duration(record.LateAfter))},
		{Name: record.Say("longest stall"), Value: record.Say("≤ %s", words.Duration(MaxLate)), Reason: record.Say("behind its due time, of any request: a client that stalls for longer may miss what it is there to observe")},
		{Name: record.Say("waiting for a core"), Value: record.Say("> %s, or ≥ %s", words.Duration(record.LateAfter), words.Duration(MaxWaited)), Reason: record.Say("that a load agent sends a request late, or that a thread of the service waits in a second at %g %% of all cores or above, when all its work queues up; where nobody knows what the service waited, a second at %g %% of all cores or above. For %d seconds on end, or in more than %g %% of a scenario's seconds: the machine was saturated, and failures may be due to that; not that more Pods were asked to terminate at once than may be unavailable, nor that the API server or the scheduler refused the fault because of the service's objects, nor that data is lost or a PodDisruptionBudget is missing; and in the first case not what failed more than %d s after it, or a request's timeout before it, if that is more than may fail, and came before or is the majority", CrowdedLimit*100, BusyLimit*100, BusySpan, MaxBusyShare*100, BusySpan)},
		{Name: record.Say("slow while a core was waited for"), Value: record.Say("≤ as long as that, and %s", words.Duration(time.Second)), Reason: record.Say("that a request may be slow that was under way within a second of a single such second, or of one at %g %% of all cores or above; a request may time out, where none may fail, if in as many seconds as its timeout has, from its due time on, a load agent or the service waited for %s or more, or nobody knows and the usage was as high; where nothing else failed or is beyond its limit, in at most half of the seconds, and the slowest request not of a Pod that had been ready for less than %s, unless the service had to wait then", BusyLimit*100, words.Duration(MaxWaited), words.Duration(YoungPod))},
		{Name: record.Say("machine saturated by the service"), Value: record.Say("≥ %g %% of all cores", ServiceShare*100), Reason: record.Say("used by the service's own Pods while the machine was saturated: all others together used less, so it excuses nothing; the usage is read from cgroups, and where it is not known every saturated machine excuses")},
		{Name: record.Say("agent silence"), Value: record.Say("≤ %d s", MaxHealthGap), Reason: record.Say("a load agent sends a heartbeat every second")},
		{Name: record.Say("agents stop"), Value: record.Say("≤ %s and the request timeout", words.Duration(StopTime)), Reason: record.Say("seconds before a scenario's end that a stream need not have recorded")},
		{Name: record.Say("clock offset"), Value: record.Say("≤ %s", words.Duration(MaxClockShift)), Reason: record.Say("between an agent's clock and the harness's; times are compared across them")},
		{Name: record.Say("p99 in a load ramp"), Value: record.Say("≤ %d × the baseline's, or %s", MaxP99Ratio, words.Duration(LeastMaxP99)), Reason: record.Say("whichever is more, on each stream; what a person waits up to 0.1 s for feels immediate, and is no knee; where it holds without the seconds next to one in which the machine was saturated, or a load agent or the service waited for it, and those are fewer than half, the client side was the limit")},
		{Name: record.Say("drift"), Value: record.Say("> %d × the noise between blocks", DriftNoise), Reason: record.Say("over the run, and the 95 %% interval of the slope excludes 0; at least %d blocks of %s and %d requests or more, so traffic without a fault for %s; drift is reported only and does not affect the verdict", MinBlocks, words.Duration(MinBlock), MinInBlock, words.Duration(MinBlocks*MinBlock))},
		{Name: record.Say("planned, slowest"), Value: record.Say("≤ the baseline's p50 + %s, or %d × its slowest", words.Duration(LostPacket), MaxSlowestRatio), Reason: record.Say("whichever is more, where the target sets no maxLatency; the kernel sends a lost packet again after 1 s; the baseline is the first of the run with the same load, of the stream that was worst, or the scenario's own where that is within what the first allows")},
		{Name: record.Say("planned, p99"), Value: record.Say("≤ %d × the baseline's, or %s", MaxP99Ratio, words.Duration(PlannedP99)), Reason: record.Say("whichever is more, where the target sets no maxP99; the baseline is the same")},
		{Name: record.Say("outage gap"), Value: record.Words(words.Duration(OutageGap)), Reason: record.Say("failures closer together than this are one outage")},
		{Name: record.Say("load share"), Value: record.Say("≥ %g of even, or even - %d × its root", MinShare, ShareChance), Reason: record.Say("endpoints are picked at random, so shares vary, the more the fewer requests there are; a Pod that gets less does not really receive traffic; under %d requests per Pod shares are not judged", MinToShare)},
		{Name: record.Say("slow requests, with one Pod delayed"), Value: record.Say("> the baseline's p99 + %s", words.Duration(LateRequest)), Reason: record.Say("no more of them than the Pod's share plus %g %% of all: endpoints are picked at random, and a saturated machine slows some as well", LateChance*100)},
		{Name: record.Say("closed in flight"), Value: record.Say("≤ %s", words.Duration(record.ClosedWithin)), Reason: record.Say("from a request's last byte until the close of its connection is observed: a round trip, a retransmission, and time for the agent to notice; a server that closes later had received the request and dropped it")},
		{Name: record.Say("time resolution"), Value: record.Words(words.Duration(Slot)), Reason: record.Say("of outages and blackouts")},
	}
	if retries > 0 {
		all = append(all, record.Setting{Name: record.Say("retries"), Value: record.Say("≤ %d for a request", retries), Reason: record.Say("by the target's load.retries: a GET, HEAD, PUT, DELETE or OPTIONS that failed to connect, whose kept-alive connection ended before any byte of an answer, or that was answered 502, 503 or 504; at once and on another connection, within the timeout of one request; it counts as failed where its last try failed, and its latency runs from the first; the service's clients have to do the same")})
	}
	return all
}
