package target

import (
	"fmt"
	"strings"
	"time"

	"hagate/record"
)

// SLO is def with the fields that the target file gives for scenario. Derivation says
// which these are.
func (t *Target) SLO(scenario string, def record.SLO) record.SLO {
	s, slo := t.Spec.SLO[scenario], def
	var given []string
	override(&given, "maxFailed", &slo.MaxFailed, s.MaxFailed)
	override(&given, "maxOutage", &slo.MaxOutage, s.MaxOutage)
	override(&given, "maxBlackout", &slo.MaxBlackout, s.MaxBlackout)
	override(&given, "maxRecovery", &slo.MaxRecovery, s.MaxRecovery)
	override(&given, "minReady", &slo.MinReady, s.MinReady)
	override(&given, "maxLatency", &slo.MaxLatency, s.MaxLatency)
	override(&given, "maxP99", &slo.MaxP99, s.MaxP99)
	override(&given, "maxClosedInFlight", &slo.MaxClosedInFlight, s.MaxClosedInFlight)
	override(&given, "minServesOn", &slo.MinServesOn, s.MinServesOn)
	if len(given) > 0 {
		slo.Derivation = record.Join("; ", slo.Derivation, record.Say("overridden by the target file: %s", strings.Join(given, ", ")))
	}
	return slo
}

func override[T any](given *[]string, name string, to, by *T) {
	if by != nil {
		*to = *by
		*given = append(*given, fmt.Sprintf("%s %v", name, *by))
	}
}

func (f *file) checkSLO(field string, s SLO) {
	notBelowZero(f, field+".maxFailed", s.MaxFailed)
	notBelowZero(f, field+".maxOutage", s.MaxOutage)
	notBelowZero(f, field+".maxBlackout", s.MaxBlackout)
	notBelowZero(f, field+".minReady", s.MinReady)
	notBelowZero(f, field+".maxLatency", s.MaxLatency)
	notBelowZero(f, field+".maxP99", s.MaxP99)
	notBelowZero(f, field+".maxClosedInFlight", s.MaxClosedInFlight)
	notBelowZero(f, field+".minServesOn", s.MinServesOn)
	if s.MaxRecovery != nil && *s.MaxRecovery <= 0 {
		f.problem(field+".maxRecovery", "%s leaves no time to recover in: give more, such as 3m", *s.MaxRecovery)
	}
}

func notBelowZero[T int | time.Duration](f *file, field string, v *T) {
	if v != nil && *v < 0 {
		f.problem(field, "%v is below 0: give 0 or more", *v)
	}
}
