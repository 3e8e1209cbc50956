package gate

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// A changed ConfigMap waits for the kubelets where the API server was away, and only then.
func TestAwaitKubelets(t *testing.T) {
	for name, c := range map[string]struct {
		away  string
		since time.Duration
		waits bool
	}{
		"nothing was away": {"", 0, false},
		"the scheduler":    {"kube-scheduler", 0, false},
		"the API server":   {"kube-apiserver", 0, true},
		"etcd":             {"etcd", time.Minute, true},
		"long ago":         {"kube-apiserver", kubeletsLag, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			w, err := record.Create(filepath.Join(t.TempDir(), "record.jsonl"))
			g.Expect(err).NotTo(HaveOccurred())
			defer w.Close()
			var out bytes.Buffer
			r := &Run{out: &out, record: w, playing: playing{scenario: "config-change"}}
			r.noteBack(record.Fault{Effect: record.Effect{Away: c.away}})
			if !r.apiBack.IsZero() {
				r.apiBack = r.apiBack.Add(-c.since)
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel() // nobody waits here
			g.Expect(AwaitKubelets(ctx, r)).To(Succeed())
			g.Expect(out.Len() > 0).To(Equal(c.waits), out.String())
		})
	}
}
