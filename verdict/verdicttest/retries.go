package verdicttest

import (
	"maps"
	"slices"

	"hagate/record"
)

// Retried is what a scenario leaves behind where clients try again once and that saves all
// that failed by the service's doing.
func Retried(entries []record.Entry) []record.Entry {
	for _, e := range entries {
		switch {
		case e.Start != nil:
			e.Start.Plan.Retries = 1
		case e.Second != nil:
			save(e.Second)
		case e.Request != nil && e.Request.Class != "" && e.Request.Class != record.ClassClient:
			r := e.Request
			r.Tries = []record.Try{{At: r.Latency, DNS: r.DNS, Connect: r.Connect, Status: r.Status, Class: r.Class, Error: r.Error, Pod: r.Pod, Remote: r.Remote, Reused: r.Reused}}
			r.Latency, r.Status, r.Class, r.Error, r.Reused = 2*r.Latency, 200, "", "", false
		}
	}
	return entries
}

func save(s *record.Second) {
	for _, class := range slices.Collect(maps.Keys(s.Failed)) {
		if class == record.ClassClient {
			continue
		}
		if s.Saved == nil {
			s.Saved = map[string][]int{}
		}
		s.Saved[class] = s.Failed[class]
		delete(s.Failed, class)
		for i, n := range s.Saved[class] {
			s.OK[i] += n
			s.Retried += n
		}
	}
}
