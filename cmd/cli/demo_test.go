package cli

import (
	"bytes"
	"testing"

	. "github.com/onsi/gomega"
)

// The record that the program carries is one that this hagate can judge and render.
func TestDemo(t *testing.T) {
	g := NewWithT(t)
	var out bytes.Buffer
	page, err := renderDemo(t.TempDir(), &out)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(page).To(BeARegularFile())
	g.Expect(out.String()).To(ContainSubstring("FAIL: "))
}
