package suites

import (
	. "github.com/onsi/ginkgo/v2"

	"hagate/gate"
)

var _ = Describe("steady", Label("steady"), func() {
	// Without a fault every failure is the service's own or the harness's. Chosen by
	// name only: make test-ha LABELS=steady DURATION=10m.
	It("nothing is done to the service, and nothing fails", func(ctx SpecContext) {
		prove(ctx, gate.Scenario{
			Name:    "steady",
			Promise: "Left alone, the service answers every request, and none waits for a lost packet.",
			Planned: true,
			SLO:     gate.Steady(run.Replicas()),
			Hold:    run.Config.Duration,
		})
	})
})
