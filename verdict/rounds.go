package verdict

import (
	"maps"
	"slices"
	"time"

	"hagate/record"
)

// round is one time that the fault went in.
type round struct {
	turn    time.Time                // when its fault phase began
	faults  []Fault                  // its steps
	victims map[string]record.Victim // Pods that it hit, by UID
	nodes   []string                 // nodes that it hit
}

// findRounds divides the faults among the fault phases.
func (f *facts) findRounds() {
	for _, p := range f.phases {
		if p.Name == record.FaultIn {
			f.rounds = append(f.rounds, &round{turn: p.Time, victims: map[string]record.Victim{}})
		}
	}
	for i, r := range f.rounds {
		for _, fault := range f.faults {
			if !fault.Time.Before(r.turn) && (i+1 == len(f.rounds) || fault.Time.Before(f.rounds[i+1].turn)) {
				r.faults = append(r.faults, fault)
			}
		}
		f.findVictims(r)
	}
}

// findVictims gathers the Pods that the fault named, and those that served on the
// nodes that it named.
func (f *facts) findVictims(r *round) {
	for _, fault := range r.faults {
		for _, v := range fault.Victims {
			switch v.Kind {
			case "Pod":
				r.victims[v.UID] = v
			case "Node":
				if !slices.Contains(r.nodes, v.Name) {
					r.nodes = append(r.nodes, v.Name)
				}
				for _, e := range f.endpointsAt(r.turn).List {
					if _, known := r.victims[e.UID]; e.Node == v.Name && e.Ready && !known {
						r.victims[e.UID] = record.Victim{Kind: "Pod", Name: e.Pod, UID: e.UID, Node: e.Node}
					}
				}
			}
		}
	}
}

// planned is how often the fault was to go in.
func (f *facts) planned() int { return max(1, f.start.Rounds) }

// replaced are the victims of every round that owe their place to another. A fault that was
// blocked may not have come to them.
func (f *facts) replaced() map[string]record.Victim {
	all := map[string]record.Victim{}
	for _, r := range f.rounds {
		if !r.returns() && r.fault(record.Blocked) == nil {
			maps.Copy(all, r.victims)
		}
	}
	return all
}

// returns says whether what was hit lives on and may serve again.
func (r *round) returns() bool {
	fault := r.fault(record.Injecting)
	return fault != nil && fault.Returns
}

// healed is when the fault began to be taken back, where the service was to recover
// only from then on.
func (f *facts) healed(r *round) (at time.Time, ok bool) {
	back := r.fault(record.Reverting)
	if back == nil {
		return at, false
	}
	for _, p := range f.phases {
		if p.Name == record.Recovery && p.Time.After(r.turn) {
			return back.Time, back.Time.Before(p.Time)
		}
	}
	return at, false
}

// stalled is what was seen and what kept the service from recovering, in the words of who
// said so, where somebody said anything.
func (f *facts) stalled(got record.Text) record.Text {
	var said []string
	for _, fault := range f.faults {
		for _, r := range fault.Refusals {
			if text := r.String(); fault.State == record.Stalled && !slices.Contains(said, text) {
				said = append(said, text)
			}
		}
	}
	if len(said) == 0 {
		return got
	}
	return record.Say("%s: %s", got, listed(named(said)...))
}

// fault is the round's first step into state, or nil.
func (r *round) fault(state string) *Fault {
	for i := range r.faults {
		if r.faults[i].State == state {
			return &r.faults[i]
		}
	}
	return nil
}
