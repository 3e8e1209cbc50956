//go:build e2e

// Package e2e runs the gate as a user does, on a real cluster, against a service
// built right and against services with one defect each, and interrupts it.
package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"hagate/reports"
	"hagate/verdict"
)

// The tests share one cluster, kept from run to run, with a state folder apart from
// the user's own.
var (
	root  = must(filepath.Abs(".."))
	state = filepath.Join(must(os.UserHomeDir()), ".local", "state", "hagate-e2e")
)

func TestMain(m *testing.M) {
	if out, err := hagate("recover"); err != nil { // what a run that died left would take the tests' cores
		fmt.Printf("hagate recover: %v\n%s", err, out)
	}
	os.Setenv("HAGATE_STATE", state)
	os.Setenv("KUBECONFIG", someoneElses())
	code := m.Run()
	for _, what := range surprises {
		fmt.Println(what)
	}
	os.RemoveAll(filepath.Dir(os.Getenv("KUBECONFIG")))
	if out, err := hagate("down"); err != nil {
		fmt.Printf("hagate down: %v\n%s", err, out)
		code = 1
	}
	os.Exit(code)
}

// surprises are the verdicts that were not what they had to be, and what was measured
// twice: an hour of output ends with them.
var surprises []string

func broken(t *testing.T, format string, args ...any) {
	t.Helper()
	what := fmt.Sprintf(format, args...)
	surprises = append(surprises, t.Name()+": "+what)
	t.Error(what)
}

// shortly is the first of all in a short run, which tests one of each kind.
func shortly[T any](all []T) []T {
	if testing.Short() {
		return all[:1]
	}
	return all
}

func notShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not in a short run: make test-all")
	}
}

// result is one finished run.
type result struct {
	code    int
	dir     string
	output  string
	verdict verdict.Verdict
}

// program is what start starts.
var program = "hagate"

// gateRun is one run of the gate, as `make test-ha` starts it.
type gateRun struct {
	cmd    *exec.Cmd
	out    string // OUT
	lines  chan string
	output *bytes.Buffer
}

func start(t *testing.T, labels string, env ...string) *gateRun {
	t.Helper()
	g := &gateRun{out: must(os.MkdirTemp("", "hagate-e2e-out-")), lines: make(chan string), output: &bytes.Buffer{}}
	g.cmd = exec.Command(filepath.Join(root, "bin", program), "test", "--labels="+labels)
	g.cmd.Dir = root
	g.cmd.Env = append(os.Environ(), append([]string{"OUT=" + g.out, "KEEP=1"}, env...)...)
	g.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // signals reach the whole group, as from a terminal
	r, w := io.Pipe()
	g.cmd.Stdout, g.cmd.Stderr = w, w
	if err := g.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		g.cmd.Wait()
		w.Close()
	}()
	go func() {
		in := bufio.NewScanner(r)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			g.output.WriteString(in.Text() + "\n")
			g.lines <- in.Text()
		}
		close(g.lines)
	}()
	t.Cleanup(func() {
		syscall.Kill(-g.cmd.Process.Pid, syscall.SIGKILL)
		if t.Failed() {
			fmt.Printf("%s: what the run wrote is kept in %s\n", t.Name(), g.out)
			return
		}
		os.RemoveAll(g.out)
	})
	return g
}

// waitLine waits for a line of output that contains part.
func (g *gateRun) waitLine(t *testing.T, part string) {
	t.Helper()
	for line := range g.lines {
		if strings.Contains(line, part) {
			return
		}
	}
	t.Fatalf("the run ended before it printed %q:\n%s", part, g.output)
}

func (g *gateRun) signal(s syscall.Signal) { syscall.Kill(-g.cmd.Process.Pid, s) }

// drain waits for the end.
func (g *gateRun) drain() {
	for range g.lines {
	}
}

// finish waits for the end and reads the verdict that is on disk.
func (g *gateRun) finish(t *testing.T) result {
	t.Helper()
	g.drain()
	r := result{code: g.cmd.ProcessState.ExitCode(), output: g.output.String(), dir: filepath.Join(g.out, "latest")}
	text, err := os.ReadFile(filepath.Join(r.dir, reports.VerdictFile))
	if err != nil {
		t.Fatalf("%v\n%s", err, r.output)
	}
	if err := json.Unmarshal(text, &r.verdict); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", tail(r.output, 8))
	return r
}

// play plays what labels choose on a service built right, and says what could not be
// measured at first: INVALID says nothing of the service.
func play(t *testing.T, labels string, env ...string) result {
	t.Helper()
	r := start(t, labels, env...).finish(t)
	for _, s := range r.verdict.Scenarios {
		if s.Result == verdict.Invalid {
			surprises = append(surprises, fmt.Sprintf("%s: %s: %s", t.Name(), s.Name, s.Reason))
		}
	}
	return r
}

func (r result) scenario(t *testing.T, name string) verdict.Scenario {
	t.Helper()
	for _, s := range r.verdict.Counted() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("no scenario %s in the verdict:\n%s", name, r.output)
	return verdict.Scenario{}
}

// someoneElses is a kubeconfig whose current context is a cluster that no run may touch.
func someoneElses() string {
	path := filepath.Join(must(os.MkdirTemp("", "hagate-e2e-")), "kubeconfig")
	config := api.NewConfig()
	config.Clusters["production"] = &api.Cluster{Server: "https://127.0.0.1:1"}
	config.Contexts["production"] = &api.Context{Cluster: "production"}
	config.CurrentContext = "production"
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		panic(err)
	}
	return path
}

func hagate(args ...string) ([]byte, error) { return hagateWith(nil, args...) }

func hagateWith(env []string, args ...string) ([]byte, error) {
	cmd := exec.Command(filepath.Join(root, "bin", "hagate"), args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), env...)
	return cmd.CombinedOutput()
}

// looked is what the checks of a scenario saw, but for those that do not apply.
func looked(s verdict.Scenario) string {
	var all []string
	for _, c := range s.Checks {
		if c.Result != verdict.Skipped {
			all = append(all, fmt.Sprintf("\n    %s %s: %s", c.Result, c.Name, c.Got))
		}
	}
	return strings.Join(all, "")
}

func tail(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
