package verdict

import (
	"testing"
	"time"

	"hagate/record"
)

// TestGaps plays 100 requests/s on one stream for four seconds. A key of failed is a
// slot, counted from the beginning; every other request succeeds.
func TestGaps(t *testing.T) {
	const ms = time.Millisecond
	refused := func(slots ...int) map[int]string {
		m := map[int]string{}
		for _, s := range slots {
			m[s] = record.ClassRefused
		}
		return m
	}
	for name, c := range map[string]struct {
		failed           map[int]string
		outage, blackout time.Duration
	}{
		"none":                         {nil, 0, 0},
		"a lone failure":               {refused(5), 10 * ms, 10 * ms},
		"two, half a second apart":     {refused(5, 55), 510 * ms, 10 * ms},
		"two, just under a second":     {refused(5, 104), time.Second, 10 * ms},
		"two, a second apart":          {refused(5, 105), 10 * ms, 10 * ms},
		"a chain":                      {refused(5, 90, 180), 1760 * ms, 10 * ms},
		"three in a row":               {refused(98, 99, 100), 30 * ms, 30 * ms},
		"closed in flight":             {map[int]string{7: record.ClassClosed}, 0, 0},
		"the client's own":             {map[int]string{7: record.ClassClient}, 0, 0},
		"closed between two failures":  {map[int]string{6: record.ClassRefused, 7: record.ClassClosed, 8: record.ClassRefused}, 30 * ms, 30 * ms},
		"the longest counts, not last": {refused(5, 6, 7, 250), 30 * ms, 30 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			st := record.Stream{Vantage: record.External, Mode: record.Fresh}
			f := &facts{history: newHistory("x")}
			f.start.Plan = record.Plan{Rate: 100, Streams: []record.Stream{st}}
			for second := range 4 {
				s := record.Second{Stream: st.Name(), Due: 100, OK: make([]int, record.SlotsPerSecond), Failed: map[string][]int{}}
				for i := range record.SlotsPerSecond {
					class, failed := c.failed[second*record.SlotsPerSecond+i]
					if !failed {
						s.OK[i] = 1
						continue
					}
					if s.Failed[class] == nil {
						s.Failed[class] = make([]int, record.SlotsPerSecond)
					}
					s.Failed[class][i] = 1
				}
				f.addSecond(time.Unix(1000+int64(second), 0), s)
			}
			if outage, blackout := f.gaps(st.Name()); outage != c.outage || blackout != c.blackout {
				t.Errorf("outage %s, blackout %s; want %s and %s", outage, blackout, c.outage, c.blackout)
			}
		})
	}
}
