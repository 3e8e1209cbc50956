package target

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestPulledImages(t *testing.T) {
	for container, pulled := range map[string]bool{
		`image: "example/web:1"`:                                     false,
		`image: "example/web:latest"`:                                true,
		`image: "example/web"`:                                       true,
		`image: "localhost:5000/web"`:                                true,
		`image: "localhost:5000/web:1"`:                              false,
		`image: "example/web:latest-1"`:                              false,
		`image: "example/web@sha256:12"`:                             false,
		`image: "example/web:latest", imagePullPolicy: IfNotPresent`: false,
		`image: "example/web:1", imagePullPolicy: Always`:            true,
	} {
		t.Run(container, func(t *testing.T) {
			g := NewWithT(t)
			got := good(t, edit{"web.yaml", `image: "example/web:1"`, container}).PulledImages()
			if pulled {
				g.Expect(got).To(HaveLen(1))
			} else {
				g.Expect(got).To(BeEmpty())
			}
		})
	}
}
