package chaos

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"testing"

	. "github.com/onsi/gomega"
)

func TestParseInspect(t *testing.T) {
	const one = `{"info":{"pid":4001,"runtimeType":"io.containerd.runc.v2","config":{"metadata":{"name":"x"}}},"status":{"id":"c1","metadata":{"attempt":0,"name":"nginx"},"state":"CONTAINER_RUNNING"}}`
	const two = `{"info":{"pid":4002},"status":{"metadata":{"name":"sidecar"}}}`
	for name, c := range map[string]struct {
		out  string
		want processes
		fail bool
	}{
		"one":          {out: one + "\n", want: processes{{"nginx", 4001}}},
		"several":      {out: "[" + one + "," + two + "]", want: processes{{"nginx", 4001}, {"sidecar", 4002}}},
		"not running":  {out: `{"info":{"pid":0},"status":{"metadata":{"name":"nginx"}}}`, fail: true},
		"the node's":   {out: `{"info":{"pid":1}}`, fail: true},
		"every one":    {out: `{"info":{"pid":-1}}`, fail: true},
		"no pid":       {out: `{"status":{"metadata":{"name":"nginx"}}}`, fail: true},
		"no info":      {out: `{"info":"","status":{}}`, fail: true},
		"nothing":      {out: "", want: nil},
		"not JSON":     {out: "NAME: crictl inspect", fail: true},
		"two in a row": {out: one + one, fail: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseInspect([]byte(c.out))
			if (err != nil) != c.fail || !slices.Equal(got, c.want) {
				t.Errorf("got %v, %v; want %v", got, err, c.want)
			}
		})
	}
}

func FuzzParseInspect(f *testing.F) {
	f.Add([]byte(`{"info":{"pid":4001},"status":{"metadata":{"name":"nginx"}}}`))
	f.Add([]byte(`[{"info":{"pid":4001}},{"info":{"pid":2}}]`))
	f.Add([]byte(`[null]`))
	f.Fuzz(func(t *testing.T, out []byte) {
		procs, err := parseInspect(out)
		for _, p := range procs {
			if err != nil || p.pid <= 1 {
				t.Errorf("%d would be killed (%v)", p.pid, err)
			}
		}
	})
}

func TestSignalPassesOverWhatIsGone(t *testing.T) {
	g := NewWithT(t)
	here := node{"here", func(ctx context.Context, _ string, args ...string) ([]byte, error) {
		return exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
	}}
	start := func() *exec.Cmd {
		cmd := exec.Command("sleep", "60")
		g.Expect(cmd.Start()).To(Succeed())
		t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
		return cmd
	}
	gone, runs := start(), start()
	g.Expect(gone.Process.Kill()).To(Succeed())
	gone.Wait()

	left := processes{{"gone", gone.Process.Pid}}
	g.Expect(here.signal(t.Context(), "KILL", append(left, process{"runs", runs.Process.Pid}))).To(Succeed())
	runs.Wait()
	g.Expect(runs.ProcessState.String()).To(Equal("signal: killed"))
	g.Expect(here.signal(t.Context(), "KILL", left)).NotTo(Succeed(), "nothing was killed")
	g.Expect(here.signal(t.Context(), "NONE", processes{{"test", os.Getpid()}})).NotTo(Succeed(), "it is there and did not get it")
}
