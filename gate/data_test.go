package gate

import (
	"slices"
	"testing"

	. "github.com/onsi/gomega"
)

// A line that was cut off by the Pod's end was not acknowledged.
func TestWriterRemembersWholeLines(t *testing.T) {
	g := NewWithT(t)
	w := &writer{}
	for _, part := range []string{"1\n2", "\n3\n1", "0"} {
		n, err := w.Write([]byte(part))
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(n).To(Equal(len(part)))
	}
	g.Expect(w.acknowledged()).To(Equal([]string{"1", "2", "3"}))
}

func TestLacking(t *testing.T) {
	g := NewWithT(t)
	g.Expect(lacking([]string{"1", "2", "10"}, []string{"1", "2", "9", "10", "11"})).To(BeZero())
	g.Expect(lacking([]string{"1", "2", "10"}, []string{"1", "10"})).To(Equal(1))
	g.Expect(lacking([]string{"1", "2"}, nil)).To(Equal(2))
	g.Expect(slices.IsSortedFunc([]string{"1", "9", "10", "99", "100"}, byNumber)).To(BeTrue())
}
