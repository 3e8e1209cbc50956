package target

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestSLO(t *testing.T) {
	g := NewWithT(t)
	def := record.SLO{MaxFailed: 10, MaxOutage: time.Second, MinReady: 2, MinServesOn: time.Second, Derivation: record.Words("planned")}
	got := good(t).SLO("pod-kill", def)
	g.Expect(got).To(Equal(record.SLO{MaxFailed: 50, MaxOutage: 3 * time.Second, MinReady: 2, MinServesOn: time.Second,
		Derivation: record.Join("; ", record.Words("planned"), record.Say("overridden by the target file: %s", "maxFailed 50, maxOutage 3s"))}))
	g.Expect(good(t).SLO("pod-delete", def)).To(Equal(def), "the file says nothing about it")

	zero := good(t, edit{FileName, "      maxOutage: 3s\n", "      maxBlackout: 0s\n      maxRecovery: 1m\n      minReady: 0\n      maxLatency: 5ms\n      maxClosedInFlight: 7\n      minServesOn: 0s\n"})
	g.Expect(zero.SLO("pod-kill", def)).To(Equal(record.SLO{MaxFailed: 50, MaxOutage: time.Second, MaxRecovery: time.Minute,
		MaxLatency: 5 * time.Millisecond, MaxClosedInFlight: 7,
		Derivation: record.Join("; ", record.Words("planned"), record.Say("overridden by the target file: %s", "maxFailed 50, maxBlackout 0s, maxRecovery 1m0s, minReady 0, maxLatency 5ms, maxClosedInFlight 7, minServesOn 0s"))}))
}
