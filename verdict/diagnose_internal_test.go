package verdict

import (
	"slices"
	"testing"
	"time"

	"hagate/record"
)

func TestNobodyReadyIn(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	one := record.Endpoints{List: []record.Endpoint{{UID: "a", Ready: true}}}
	f := &facts{history: &history{endpoints: []seen[record.Endpoints]{{at(1), one}, {at(5), record.Endpoints{}}, {at(9), one}}}}
	for _, c := range []struct {
		from, to int
		want     bool
	}{{5, 12, true}, {4, 6, true}, {1, 5, false}, {9, 12, false}} {
		if got := f.nobodyReadyIn(at(c.from), at(c.to)); got != c.want {
			t.Errorf("from %d to %d: %t", c.from, c.to, got)
		}
	}
}

func TestChecksAboutRequestsExist(t *testing.T) {
	for _, name := range aboutRequests {
		if !slices.Contains(CheckNames(), name) {
			t.Errorf("%s is no check", name)
		}
	}
}
