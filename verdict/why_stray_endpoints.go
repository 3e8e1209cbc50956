package verdict

import (
	"time"

	"hagate/record"
)

// strayEndpoints: the Service's selector fits Pods of something else, and clients are sent
// to them.
//
// For it: such Pods were ready endpoints as the requests failed. Against it: requests
// failed while none was, or the answers came from the workload's own Pods.
func strayEndpoints(f *facts, b burst, d *Diagnosis) bool {
	if b.whole() {
		return false
	}
	n := 0
	var names, owners []string
	for at, failed := range b.failed {
		found := false
		for _, l := range f.lives() {
			if l.stray && l.served(at, 2*time.Second) {
				found = true
				names = append(names, l.name)
				if l.last.Owner != "" {
					owners = append(owners, l.last.Owner)
				}
			}
		}
		if found {
			n += failed
		}
	}
	if n == 0 {
		return false
	}
	d.pro(shows, record.Say("Pods that are not the workload's were ready endpoints of the Service: %s", once(names)))
	if len(owners) > 0 {
		d.pro(0, record.Say("they belong to %s", once(owners)))
	}
	if 2*n > b.n() {
		d.pro(shows, record.Say("%s were due while they were ready endpoints", share(n, b.n())))
	} else {
		d.con(shows+allows, record.Say("only %s were due while they were ready endpoints", share(n, b.n())))
	}
	if own, known := f.answerers(b, func(l *life, _ time.Time) bool { return !l.stray }); 2*own > known && known > 0 && 2*known > b.n() {
		d.con(shows, record.Say("%s were answered by the workload's own Pods", share(own, known)))
	}
	d.say(record.Say("The Service's selector also matches Pods that are not the workload's, and routes requests to them: %s.", once(names)),
		record.Say("Select by a label that only the workload's Pods have, or remove the label from the others."))
	return true
}
