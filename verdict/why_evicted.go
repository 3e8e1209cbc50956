package verdict

import (
	"hagate/record"
)

// evicted: the kubelet evicted Pods because their node was short of something, which the
// fault did not ask for.
//
// For it: the kubelet's word, near the failures. Against it: the fault asked for it.
func evicted(f *facts, b burst, d *Diagnosis) bool {
	if f.effect().Kind == record.PodsEvicted {
		return false
	}
	var names []string
	said := ""
	for _, s := range f.pods {
		if s.it.Reason == "Evicted" && (b.whole() || span{b.from, b.to}.within(s.at, 2*leadLimit)) {
			names, said = append(names, s.it.Name), s.it.Message
		}
	}
	if of, word := f.saidOfPods("Evicted", b); len(of) > 0 {
		names, said = append(names, of...), word
	}
	if len(names) == 0 {
		return false
	}
	d.pro(shows+suggests, record.Say("evicted by the kubelet, though no fault caused it: %s", once(names)))
	if said != "" {
		d.pro(0, record.Say("the kubelet said: %s", short(said)))
	}
	d.say(record.Say("The kubelet evicted Pods because their node ran short of memory or disk."), record.Say("Request as much memory and ephemeral storage as the Pods use, so that they are scheduled where there is room and are evicted last."))
	return true
}

// saidOfPods are the service's Pods of which an Event near the failures gives that reason, and
// the last one's words.
func (f *facts) saidOfPods(reason string, b burst) (names []string, said string) {
	for _, e := range f.said(func(e record.Event) bool { return e.Reason == reason }) {
		if l := f.podOf(e); l != nil && (b.whole() || span{b.from, b.to}.within(e.at, 2*leadLimit)) {
			names, said = append(names, l.name), e.it.Message
		}
	}
	return names, said
}
