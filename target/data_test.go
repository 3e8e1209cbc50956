package target

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestData(t *testing.T) {
	const podHeader = "  podHeader: X-Pod"
	for _, path := range []string{"data", "/", "/data/", "/data/../etc"} {
		_, err := load(files(t, edit{FileName, podHeader, podHeader + "\n  data: {path: " + path + "}"}), "shop", scenarios)
		NewWithT(t).Expect(err).To(MatchError(`shop/hagate.yaml:18: spec.data.path: "` + path + `" is no folder of a container: write its whole path, such as /var/lib/shop`))
	}
	g := NewWithT(t)
	got, err := Load("../cases/stateful", scenarios)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got.DataContainer()).To(Equal("nginx"))
	g.Expect((&Target{}).DataContainer()).To(BeEmpty())
}
