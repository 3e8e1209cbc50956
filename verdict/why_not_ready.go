package verdict

import (
	"slices"
	"strings"
	"time"

	"hagate/record"
)

// The kubelet's reasons for which a Pod does not run.
var (
	noImage   = []string{"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}
	endsAgain = []string{"CrashLoopBackOff", "Error", "RunContainerError", "StartError"}
)

// imageNotPulled: a new Pod has no image.
//
// For it: the kubelet's reason. Against it: the fault asked for an image that is none,
// which is no cause then.
func imageNotPulled(f *facts, b burst, d *Diagnosis) bool {
	return f.waits(b, d, noImage, "Failed",
		record.Say("A new Pod's image cannot be pulled, so the old one is not replaced."),
		record.Say("Make the image available to every node: check its name, its tag, the registry, and the imagePullSecrets."))
}

// crashLoop: a new Pod's container ends again and again.
//
// For it: the kubelet's reason, and how the container ended. Where it was killed for its
// memory or by its liveness probe, those are the causes.
func crashLoop(f *facts, b burst, d *Diagnosis) bool {
	if !f.waits(b, d, endsAgain, "BackOff",
		record.Say("A Pod's container is in a crash loop, so the Pod does not become ready."),
		record.Say("Find in its log why it exits (in logs/ beside the report), and make it start even if its dependencies are not available yet.")) {
		return false
	}
	for _, p := range f.waiting() {
		for _, e := range p.Exits {
			if e.Reason == oom && f.effect().Kind != record.PodsOutOfMemory && !e.At.Before(f.first.Add(-time.Second)) {
				d.con(refutes, record.Say("container %s of %s was OOM-killed", e.Container, p.Name))
				continue
			}
			d.pro(0, record.Say("container %s of %s ended with exit code %d (%s)", e.Container, p.Name, e.Code, e.Reason))
		}
	}
	return true
}

// waits says whether a Pod is not ready for one of the kubelet's reasons, and tells its
// words.
func (f *facts) waits(b burst, d *Diagnosis, reasons []string, event string, what, fix record.Text) bool {
	if !b.whole() && len(f.withoutReady()) == 0 || f.broken() {
		return false
	}
	for _, p := range f.waiting() {
		if !slices.Contains(reasons, p.Reason) {
			continue
		}
		said := p.Message
		for _, e := range f.said(func(e record.Event) bool { return e.Object == "Pod/"+p.Name && e.Reason == event }) {
			if said == "" {
				said = e.it.Message
			}
		}
		d.pro(shows+allows, record.Say("Pod %s is not ready, %s: %s", p.Name, p.Reason, short(said)))
		d.say(what, fix)
		return true
	}
	return false
}

// waitsAtStart: a new Pod's init container does not end.
//
// For it: the kubelet's words. Where it ends and is started again, it crashes.
func waitsAtStart(f *facts, b burst, d *Diagnosis) bool {
	if !b.whole() && len(f.withoutReady()) == 0 || f.broken() {
		return false
	}
	for _, p := range f.waiting() {
		if p.Phase != "Pending" || p.Reason != "" || p.Node == "" || !f.nodeReady(p.Node) || !strings.HasPrefix(p.Message, "containers with incomplete status:") {
			continue
		}
		d.pro(shows, record.Say("Pod %s has a node and does not run; the kubelet said: %s", p.Name, p.Message))
		d.say(record.Say("A new Pod's init container does not complete, so the Pod never runs."),
			record.Say("Find in its log what it waits for (in logs/ beside the report). Pods are replaced at any time: make that permanently available, or make a Pod start without it."))
		return true
	}
	return false
}

// neverReady: a Pod runs, and its readiness probe never passes.
//
// For it: the kubelet's words of the probe. Against it: the Pod does not run at all, which
// has causes of its own, or its node is not ready.
func neverReady(f *facts, b burst, d *Diagnosis) bool {
	if !b.whole() && len(f.withoutReady()) == 0 || f.broken() {
		return false
	}
	for _, p := range f.waiting() {
		if p.Phase != "Running" && p.Reason == "" || p.Node == "" || !f.nodeReady(p.Node) || slices.Contains(slices.Concat(noImage, endsAgain), p.Reason) {
			continue
		}
		said := ""
		for _, e := range f.said(func(e record.Event) bool {
			return e.Object == "Pod/"+p.Name && e.Reason == "Unhealthy" && strings.Contains(e.Message, "probe failed")
		}) {
			said = e.it.Message
		}
		gated := strings.Contains(p.Message, "readiness gate") // which the kubelet says only of containers that are all ready
		if said == "" || gated {
			said = p.Message
		}
		d.pro(suggests, record.Say("Pod %s runs and was not ready at the end", p.Name))
		if said != "" {
			d.pro(allows, record.Say("the kubelet said: %s", short(said)))
		}
		d.say(record.Say("A running Pod never becomes ready."), record.Say("Find out what its readiness probe waits for, and provide that, or make the probe check less."))
		if c, ok := f.container(); ok && c.Readiness != nil && strings.Contains(said, "probe failed with statuscode: 404") {
			d.say(record.Say("A running Pod never becomes ready: its readiness probe, %s, requests a path that the server does not have.", c.Readiness.Asks),
				record.Say("Make the readiness probe send the same request as clients."))
		}
		if gated {
			d.say(record.Say("A Pod's containers are ready but the Pod is not: no controller has set the condition that its readiness gate waits for."),
				record.Say("Run the controller that sets it on this cluster, or remove the readinessGates from the Pod template."))
		}
		return true
	}
	return false
}

// nodeReady says whether the node was ready at the moment at which the scenario is looked
// at, or nothing is known of it.
func (f *facts) nodeReady(name string) (ready bool) {
	ready = true
	for _, n := range f.nodes {
		if n.it.Name == name && (f.moment().IsZero() || !n.at.After(f.moment())) {
			ready = n.it.Ready
		}
	}
	return ready
}
