package target

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
)

// Runs that start together have the default target whole, each.
func TestWriteDefault(t *testing.T) {
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			at, err := WriteDefault(dir)
			if err == nil {
				_, err = Load(at, nil)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	left, err := os.ReadDir(filepath.Join(dir, "target"))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	NewWithT(t).Expect(left).To(HaveLen(1), "what was half written is gone")
}
