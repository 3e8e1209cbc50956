package journal

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

// stateVar turns the test binary into a run that writes its journal in that folder
// and then waits to be killed.
const stateVar = "JOURNAL_TEST_STATE"

func TestMain(m *testing.M) {
	if state := os.Getenv(stateVar); state != "" {
		run(state)
	}
	os.Exit(m.Run())
}

func run(state string) {
	j, err := Create(state, "run")
	if err != nil {
		panic(err)
	}
	first, err := j.Add("namespace", map[string]string{"name": "a"})
	if err != nil {
		panic(err)
	}
	if _, err := j.Add("cordon", map[string]string{"node": "w1"}); err != nil {
		panic(err)
	}
	if err := j.Strike(first); err != nil {
		panic(err)
	}
	os.Stdout.WriteString("written\n")
	select {}
}

func TestDeadFindsARunOnceItIsKilled(t *testing.T) {
	g := NewWithT(t)
	state := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), stateVar+"="+state)
	out, err := cmd.StdoutPipe()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(cmd.Start()).To(Succeed())
	defer cmd.Process.Kill()
	line, err := bufio.NewReader(out).ReadString('\n')
	g.Expect(line, err).To(Equal("written\n"))

	dead, err := Dead(state)
	g.Expect(dead, err).To(BeEmpty(), "it lives")

	g.Expect(cmd.Process.Kill()).To(Succeed())
	g.Expect(cmd.Wait()).NotTo(Succeed())
	dead, err = Dead(state)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(dead).To(HaveLen(1))
	pending := dead[0].Pending()
	g.Expect(kinds(pending)).To(Equal([]string{"cordon"}))
	g.Expect(pending[0].Args).To(Equal(map[string]string{"node": "w1"}))

	again, err := Dead(state)
	g.Expect(again, err).To(BeEmpty(), "this process has it now")
	g.Expect(dead[0].Strike(pending[0])).To(Succeed())
	g.Expect(dead[0].Close()).To(Succeed())
	g.Expect(filepath.Glob(filepath.Join(state, "journals", "*"))).To(BeEmpty())
}

func TestDeadWithoutStateFolder(t *testing.T) {
	dead, err := Dead(filepath.Join(t.TempDir(), "none"))
	if dead != nil || err != nil {
		t.Errorf("got %v, %v; want nothing", dead, err)
	}
}

func TestDeadRemovesWhatLeftNothingToUndo(t *testing.T) {
	g := NewWithT(t)
	state := t.TempDir()
	g.Expect(create(t, state, "run").f.Close()).To(Succeed())
	dead, err := Dead(state)
	g.Expect(dead, err).To(BeEmpty())
	g.Expect(filepath.Glob(filepath.Join(state, "journals", "*"))).To(BeEmpty())
}

func TestDeadGoesOnAfterATornLine(t *testing.T) {
	g := NewWithT(t)
	state := t.TempDir()
	j := create(t, state, "run")
	add(t, j, "namespace")
	_, err := j.f.WriteAt([]byte(`{"id":2,"kind":"cor`), j.size)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(j.f.Close()).To(Succeed())

	for _, want := range [][]string{{"namespace"}, {"cordon", "namespace"}} {
		dead, err := Dead(state)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(dead).To(HaveLen(1))
		g.Expect(kinds(dead[0].Pending())).To(Equal(want))
		add(t, dead[0], "cordon")
		g.Expect(dead[0].Close()).To(Succeed())
	}
}

func TestDeadNamesAMalformedJournalAndOpensTheOthers(t *testing.T) {
	g := NewWithT(t)
	state := t.TempDir()
	good := create(t, state, "good")
	add(t, good, "cordon")
	g.Expect(good.Close()).To(Succeed())
	g.Expect(os.WriteFile(filepath.Join(state, "journals", "bad.jsonl"), []byte("?\n"), 0o600)).To(Succeed())

	dead, err := Dead(state)
	g.Expect(err).To(MatchError(And(ContainSubstring("bad.jsonl"), ContainSubstring("line 1"))))
	g.Expect(dead).To(HaveLen(1))
}
