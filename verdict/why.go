package verdict

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"hagate/record"
)

// cause is one reason for which requests fail, or a scenario does. Its function gathers
// what is for it and against it in d; it is false where the cause is none of what b is
// about. It looks at failures, or at the scenario as a whole, or at either.
type cause struct {
	id   string
	look func(f *facts, b burst, d *Diagnosis) bool
}

// causes are all that are known, each in a file of its own: special ones before general
// ones. why_unexplained.go is for what none of them fits.
var causes = []cause{
	{"publishes-not-ready", publishesNotReady},
	{"stray-endpoints", strayEndpoints},
	{"internal-traffic-policy", internalPolicy},
	{"external-traffic-policy", externalPolicy},
	{"budgets-overlap", budgetsOverlap},
	{"blocked-by-budget", blockedByBudget},
	{"quota-exceeded", quotaExceeded},
	{"unschedulable", unschedulable},
	{"image-not-pulled", imageNotPulled},
	{"oom-killed", oomKilled},
	{"evicted", evicted},
	{"preempted", preempted},
	{"liveness-kills", livenessKills},
	{"crash-loop", crashLoop},
	{"killed-at-grace-end", killedAtGraceEnd},
	{"cuts-off", cutsOff},
	{"answers-5xx-on-term", answersWrongOnTerm},
	{"ready-before-it-serves", readyBeforeItServes},
	{"no-readiness-probe", noReadinessProbe},
	{"depends-on-control-plane", dependsOnControlPlane},
	{"depends-on-dns", dependsOnDNS},
	{"noticed-late", noticedLate},
	{"idle-timeout-race", idleTimeoutRace},
	{"stale-address", staleAddress},
	{"start-holds-up-others", startHoldsUp},
	{"too-few-left", tooFewLeft},
	{"depends-on-neighbour", dependsOnNeighbour},
	{"readiness-fails-under-load", readinessFails},
	{"stops-while-routed", stopsWhileRouted},
	{"slow-after-start", slowAfterStart},
	{"waits-at-start", waitsAtStart},
	{"never-ready", neverReady},
	{"no-budget", noBudget},
	{"all-in-one-zone", allInOneZone},
	{"nobody-left", nobodyLeft},
	{"cpu-throttled", cpuThrottled},
	{"admission-denied", admissionDenied},
	{"answers-nobody", answersNobody},
	{"fails-by-itself", failsByItself},
}

// CauseIDs are the ids of all causes, special ones before general ones.
func CauseIDs() (ids []string) {
	for _, c := range causes {
		ids = append(ids, c.id)
	}
	return ids
}

// answerers counts the failures of b that a known Pod answered, or had answered on the same
// connection last, and those of them whose Pod fits.
func (f *facts) answerers(b burst, fits func(l *life, at time.Time) bool) (n, known int) {
	for _, t := range b.asked {
		if t.pod == "" {
			continue
		}
		known += t.n
		at := time.Unix(t.second, 0)
		if l := f.named(t.pod, at.Add(time.Second)); l != nil && fits(l, at) {
			n += t.n
		}
	}
	return n, known
}

// expected says whether status is what a client counts as success.
func (f *facts) expected(status int) bool {
	return slices.ContainsFunc(f.start.Plan.Requests, func(c record.Call) bool { return c.Status == status })
}

// called is what clients ask for first: "GET /".
func (f *facts) called() record.Call {
	if len(f.start.Plan.Requests) == 0 {
		return record.Call{Method: "GET", Path: "/"}
	}
	return f.start.Plan.Requests[0]
}

// said are the Events about Pods of the workload that fit, in the order of time.
func (f *facts) said(fits func(record.Event) bool) (all []seen[record.Event]) {
	for _, e := range f.events {
		if fits(e.it) {
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b seen[record.Event]) int { return a.at.Compare(b.at) })
	return all
}

// podOf is the Pod that an Event is about, or nil.
func (f *facts) podOf(e seen[record.Event]) *life {
	name, ok := strings.CutPrefix(e.it.Object, "Pod/")
	if !ok {
		return nil
	}
	return f.named(name, e.at)
}

// refusals are what was refused to the scenario's faults.
func (f *facts) refusals() (all []record.Refusal) {
	for _, fault := range f.faults {
		for _, r := range fault.Refusals {
			if !slices.ContainsFunc(all, func(o record.Refusal) bool { return o.Asked == r.Asked && o.Said == r.Said }) {
				all = append(all, r)
			}
		}
	}
	return all
}

// short is what somebody said, in one line that is not too long.
func short(said string) string {
	said = strings.Join(strings.Fields(said), " ")
	if r := []rune(said); len(r) > 240 {
		return string(r[:240]) + "…"
	}
	return said
}

// once is names sorted, each once, and not too many of them.
func once(names []string) record.Text {
	return listed(named(slices.Compact(slices.Sorted(slices.Values(names))))...)
}

// broken says whether the fault itself has a version come up that does not work.
func (f *facts) broken() bool {
	return f.effect().Kind == record.VersionBroken
}

// moment is when the scenario as a whole is looked at: as the fault was given up, or at
// the end.
func (f *facts) moment() time.Time {
	if b := f.blocked(); b != nil {
		return b.Time
	}
	return time.Time{}
}

// waiting are the workload's Pods that were there and not ready at the moment at which the
// scenario is looked at, and were not on their way out.
func (f *facts) waiting() (all []record.Pod) {
	for _, l := range f.lives() {
		of := record.Pod{Gone: true}
		for _, s := range f.pods {
			if s.it.UID == l.uid && (f.moment().IsZero() || !s.at.After(f.moment())) {
				of = s.it
			}
		}
		if !of.Ready && !of.Stray && !leaving(of) {
			all = append(all, of)
		}
	}
	return all
}

// quantity is a Kubernetes quantity as a number and its unit: "64Mi" is 64 and "Mi".
func quantity(text string) (n float64, unit string, ok bool) {
	i := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if i < 0 {
		i = len(text)
	}
	n, err := strconv.ParseFloat(text[:i], 64)
	return n, text[i:], err == nil
}

// cores is a quantity of CPU in cores, 0 where there is none.
func cores(text string) float64 {
	n, unit, _ := quantity(text)
	if unit == "m" {
		n /= 1000
	}
	return n
}
