package verdict

import (
	"math"
	"slices"

	"hagate/record"
	"hagate/verdict/words"
)

// loadShare looks at the whole seconds in which the Service stood as a fault that
// changed the replica count had made it. kube-proxy picks an endpoint at random for
// each connection, so shares differ: what is wanted of each is stated, and Pearson's
// chi-square printed beside it.
func loadShare(f *facts) finding {
	var r *round
	for _, each := range f.rounds {
		if fault := each.fault(record.Injecting); fault != nil && fault.Replicas > 0 {
			r = each
		}
	}
	switch {
	case r == nil:
		return skipped(record.Say("no fault changed the replica count"))
	case f.start.Plan.PodHeader == "":
		return skipped(record.Say("the target sets no podHeader, so the responding Pod is unknown"))
	}
	want := record.Say("from each vantage at least %g of an even share for every Pod, or within random variation: %g standard deviations below even", MinShare, float64(ShareChance))
	took, ok := f.recovered(r)
	back := r.fault(record.Reverting)
	if !ok || back == nil {
		return met(false, want, record.Say("the Service never had all of them ready"))
	}
	from := r.fault(record.Injecting).Time.Add(took).Unix() + 1
	to := back.Time.Unix()
	ready := f.endpointsAt(back.Time)
	var wrong, got, few []record.Text
	for _, st := range f.start.Plan.Streams {
		if st.Mode != record.Fresh {
			continue
		}
		share := map[string]int{}
		total := 0
		for at, s := range f.seconds[st.Name()] {
			if at < from || at >= to {
				continue
			}
			for pod, n := range s.Pods {
				share[pod] += n
				total += n
			}
		}
		even := float64(total) / float64(max(1, ready.Ready()))
		if total > 0 && even < MinToShare {
			few = append(few, record.Say("%s: %s requests over %d Pods", st.Name(), words.Count(total), ready.Ready()))
			continue
		}
		least := leastShare(even)
		chi := 0.0
		for _, e := range ready.List {
			if !e.Ready {
				continue
			}
			n := float64(share[e.Pod])
			if n < least || total == 0 {
				wrong = append(wrong, record.Say("%s was sent %d of %s by %s", e.Pod, share[e.Pod], words.Count(total), st.Name()))
			}
			if even > 0 {
				chi += (n - even) * (n - even) / even
			}
		}
		got = append(got, record.Say("%s: %s requests over %d Pods, chi-square %.1f at %d degrees of freedom", st.Name(), words.Count(total), ready.Ready(), chi, max(0, ready.Ready()-1)))
	}
	slices.SortFunc(wrong, byWords)
	if len(wrong) > 0 {
		return met(false, want, record.Say("a Pod did not get its share: %s", listed(wrong...)))
	}
	if len(few) > 0 {
		return skipped(record.Say("too few requests to judge shares (under %d per Pod): %s", MinToShare, listed(few...)))
	}
	return met(true, want, record.Join("; ", got...))
}

// leastShare is what a Pod gets at the least of requests of which even are due to each:
// where endpoints are picked at random, as good as Poisson, so that the standard deviation
// is the root of even. One request in any case.
func leastShare(even float64) float64 {
	return max(1, min(MinShare*even, even-ShareChance*math.Sqrt(even)))
}
