package journal

import (
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
)

func create(t *testing.T, state, run string) *Journal {
	t.Helper()
	j, err := Create(state, run)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func add(t *testing.T, j *Journal, kind string) Entry {
	t.Helper()
	e, err := j.Add(kind, map[string]string{"name": kind + "-1"})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func kinds(entries []Entry) (k []string) {
	for _, e := range entries {
		k = append(k, e.Kind)
	}
	return k
}

func TestPendingIsNewestFirst(t *testing.T) {
	g := NewWithT(t)
	j := create(t, t.TempDir(), "run")
	add(t, j, "cluster")
	namespace := add(t, j, "namespace")
	add(t, j, "cordon")
	g.Expect(kinds(j.Pending())).To(Equal([]string{"cordon", "namespace", "cluster"}))

	g.Expect(j.Strike(namespace)).To(Succeed())
	g.Expect(j.Strike(namespace)).To(Succeed(), "a second time")
	g.Expect(kinds(j.Pending())).To(Equal([]string{"cordon", "cluster"}))
}

func TestCloseKeepsTheFileOnlyWhileSomethingIsPending(t *testing.T) {
	for name, struck := range map[string]bool{"pending": false, "nothing pending": true} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			state := t.TempDir()
			j := create(t, state, "run")
			e := add(t, j, "cordon")
			if struck {
				g.Expect(j.Strike(e)).To(Succeed())
			}
			g.Expect(j.Close()).To(Succeed())
			_, err := os.Stat(filepath.Join(state, "journals", "run.jsonl"))
			g.Expect(os.IsNotExist(err)).To(Equal(struck))
		})
	}
}

func TestCreateRefusesARunThatHasAJournal(t *testing.T) {
	state := t.TempDir()
	create(t, state, "run")
	if _, err := Create(state, "run"); err == nil {
		t.Error("want an error: two runs would share one journal")
	}
}

func TestAddFailsBeforeTheDeedOnAFullDisk(t *testing.T) {
	g := NewWithT(t)
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	g.Expect(err).NotTo(HaveOccurred())
	j := &Journal{f: full}
	_, err = j.Add("cordon", nil)
	g.Expect(err).To(MatchError(ContainSubstring("no space left on device")))
	g.Expect(j.Pending()).To(BeEmpty())
}

func TestStrikeThatCannotBeWrittenStaysPending(t *testing.T) {
	g := NewWithT(t)
	j := create(t, t.TempDir(), "run")
	e := add(t, j, "cordon")
	g.Expect(j.f.Close()).To(Succeed())
	g.Expect(j.Strike(e)).NotTo(Succeed())
	g.Expect(kinds(j.Pending())).To(Equal([]string{"cordon"}))
}
