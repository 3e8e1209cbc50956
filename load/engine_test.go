//go:build integration

package load

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/cluster/engine"
	"hagate/record"
)

// image is one with the agent as its only file.
func image(t *testing.T) *bytes.Buffer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent")
	build := exec.Command("go", "build", "-o", path, "hagate/cmd/agent")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var root bytes.Buffer
	w := tar.NewWriter(&root)
	if err := w.WriteHeader(&tar.Header{Name: "agent", Mode: 0o755, Size: int64(len(b))}); err != nil {
		t.Fatal(err)
	}
	w.Write(b)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &root
}

func TestEngineExec(t *testing.T) {
	g := NewWithT(t)
	ctx := t.Context()
	eng, _, err := engine.Ensure(ctx, t.Output())
	g.Expect(err).NotTo(HaveOccurred())
	name := fmt.Sprintf("hagate-load-test-%d", os.Getpid())
	g.Expect(eng.Pipe(ctx, image(t), nil, "import", "-", name)).To(Succeed())
	t.Cleanup(func() { eng.Run(context.Background(), "rmi", "-f", name) })
	_, err = eng.Run(ctx, "run", "-d", "--network", "none", "--name", name, name, "/agent", "serve", "--vantage", record.External)
	g.Expect(err).NotTo(HaveOccurred())
	t.Cleanup(func() { eng.Run(context.Background(), "rm", "-f", name) })

	w, entries := newRecord(t)
	a := NewAgent(record.External, EngineExec(eng, name), w.Write)
	ready, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	g.Expect(a.Ready(ready)).To(Succeed())
	// Nobody listens in there.
	g.Expect(a.Start(ctx, "container", plan(100, "http://127.0.0.1:80", record.Fresh))).To(Succeed())
	g.Eventually(func() int { return count(t, entries()).due }, 20*time.Second).Should(BeNumerically(">=", 100))
	g.Expect(a.Stop(ctx)).To(Succeed())
	n := count(t, entries())
	g.Expect(n.failed).To(Equal(map[string]int{record.ClassRefused: n.due}))
	g.Expect(EngineExec(eng, name)(ctx, nil, io.Discard, "/agent", "ctl", "/record?from=99999999")).To(MatchError(ContainSubstring("416")))
}
