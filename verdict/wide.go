package verdict

import (
	"time"

	"hagate/record"
	"hagate/verdict/words"
)

// wide says which of the scenario's limits reach far beyond what they are by default: a
// target's file set them so, or its own probes and grace lead there. A PASS within such
// limits says so in its first line.
func (f *facts) wide() record.Text {
	slo, def := f.start.SLO, f.start.SLO
	if f.start.Default != nil {
		def = *f.start.Default
	}
	var far []record.Text
	count := func(name string, now, before int) {
		if now > WideRatio*before {
			far = append(far, record.Say("%s %s, by default %s", name, words.Count(now), words.Count(before)))
		}
	}
	length := func(name string, now, before time.Duration) {
		if now > WideRatio*before {
			far = append(far, record.Say("%s %s, by default %s", name, words.Duration(now), words.Duration(before)))
		}
	}
	count("maxFailed", slo.MaxFailed, def.MaxFailed)
	length("maxOutage", slo.MaxOutage, def.MaxOutage)
	length("maxBlackout", slo.MaxBlackout, def.MaxBlackout)
	length("maxRecovery", slo.MaxRecovery, def.MaxRecovery)
	count("maxClosedInFlight", slo.MaxClosedInFlight, def.MaxClosedInFlight)
	if def.MaxLatency > 0 {
		length("maxLatency", slo.MaxLatency, def.MaxLatency)
	}
	if slo.MinReady < def.MinReady {
		far = append(far, record.Say("minReady %d, by default %d", slo.MinReady, def.MinReady))
	}
	if slo.MinServesOn < def.MinServesOn {
		far = append(far, record.Say("minServesOn %s, by default %s", words.Duration(slo.MinServesOn), words.Duration(def.MinServesOn)))
	}
	if def.MaxOutage > WideOutage && slo.MaxOutage > WideOutage {
		far = append(far, record.Say("an outage of %s is allowed, derived from the target's own probes and grace period", words.Duration(slo.MaxOutage)))
	}
	return record.Join("; ", far...)
}
