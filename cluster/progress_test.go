package cluster

import (
	"strings"
	"testing"

	"sigs.k8s.io/kind/pkg/log"
)

func TestProgress(t *testing.T) {
	var out strings.Builder
	var l log.Logger = &progress{to: &out}
	l.V(0).Infof(" • %s  ...\n", "Preparing nodes")
	l.V(0).Infof(" ✓ %s\n", "Preparing nodes")
	l.V(1).Info("✓ detail")
	l.Warn("odd")
	if want := "hagate: kind: ✓ Preparing nodes\nhagate: kind: warning: odd\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	new(progress).Warn("nobody listens")
}
