package load

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// A load agent that is a process sends, records and ends as one in a container does, and
// leaves nothing behind.
func TestProcess(t *testing.T) {
	g := NewWithT(t)
	built := filepath.Join(t.TempDir(), "built")
	out, err := exec.Command("go", "build", "-o", built, "hagate/cmd/agent").CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred(), string(out))
	program, err := os.ReadFile(built)
	g.Expect(err).NotTo(HaveOccurred())
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()

	dir, err := os.MkdirTemp("", "hagate-agent-")
	g.Expect(err).NotTo(HaveOccurred())
	defer EndProcess(dir)
	g.Expect(StartProcess(dir, program, record.External)).To(Succeed())
	w, entries := newRecord(t)
	a := NewAgent(record.External, ProcessExec(dir), w.Write)
	g.Expect(a.Ready(t.Context())).To(Succeed())
	g.Expect(a.Start(t.Context(), "process", plan(100, server.URL, record.Fresh))).To(Succeed())
	g.Eventually(func() int { return count(t, entries()).due }, 20*time.Second).Should(BeNumerically(">=", 100))
	g.Expect(a.Stop(t.Context())).To(Succeed())
	g.Expect(count(t, entries()).failed).To(BeEmpty())
	g.Expect(a.Close()).To(Succeed())

	g.Expect(ProcessExec(dir)(t.Context(), nil, nil, "/agent", "ctl", "/nowhere")).To(MatchError(ContainSubstring("404")))
	g.Expect(EndProcess(dir)).To(Succeed())
	g.Expect(dir).NotTo(BeADirectory())
	g.Eventually(func() ([]string, error) { return running(filepath.Join(dir, "agent")) }).Should(BeEmpty())
	g.Expect(EndProcess(dir)).To(Succeed(), "nothing is left")
}

// running are the processes of a program, which may have been deleted.
func running(program string) (links []string, err error) {
	all, err := filepath.Glob("/proc/[0-9]*/exe")
	for _, l := range all {
		if of, _ := os.Readlink(l); of == program || of == program+" (deleted)" {
			links = append(links, l)
		}
	}
	return links, err
}
