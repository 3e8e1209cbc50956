package gate

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	. "github.com/onsi/gomega"

	"hagate/chaos"
	"hagate/cluster"
	"hagate/journal"
	"hagate/target"
)

// deed is an entry to be.
type deed struct {
	kind string
	args map[string]string
}

var (
	object    = deed{undoObject, map[string]string{"object": `{"apiVersion":"v1","kind":"Namespace","name":"shop"}`}}
	cordon    = deed{"cordon", map[string]string{"node": "worker1"}}
	made      = deed{undoCluster, map[string]string{"name": "hagate-run", "state": "/nowhere"}}
	lease     = deed{undoLease, map[string]string{"holder": "run 1 on ci-7"}}
	container = deed{undoContainer, map[string]string{"name": "hagate-run-external"}}
)

// handle is that of a cluster which a user lent; nothing listens at its API server's
// address.
func handle(t *testing.T) deed {
	t.Helper()
	config := api.NewConfig()
	config.Clusters["staging"] = &api.Cluster{Server: "https://127.0.0.1:1"}
	config.AuthInfos["staging"] = &api.AuthInfo{Token: "staging"}
	config.Contexts["staging"] = &api.Context{Cluster: "staging", AuthInfo: "staging"}
	path := filepath.Join(t.TempDir(), "config")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	c, err := cluster.Borrow(t.Context(), nil, path, "staging", t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return deed{undoHandle, c.Handle()}
}

// lost is the handle of a cluster that the state folder has no longer.
func lost(t *testing.T, borrowed bool) deed {
	t.Helper()
	c := &cluster.Cluster{Name: "gone", Context: "gone", Kubeconfig: filepath.Join(t.TempDir(), "gone", "kubeconfig"), Borrowed: borrowed}
	return deed{undoHandle, c.Handle()}
}

// wrote is a journal of deeds in that order.
func wrote(t *testing.T, stateDir string, deeds ...deed) *journal.Journal {
	t.Helper()
	j, err := journal.Create(stateDir, "run")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range deeds {
		if _, err := j.Add(d.kind, d.args); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

func kinds(j *journal.Journal) (k []string) {
	for _, e := range j.Pending() {
		k = append(k, e.Kind)
	}
	return k
}

// noEngine has no container engine answer, nor be asked.
func noEngine(t *testing.T) {
	t.Helper()
	t.Setenv("KIND_EXPERIMENTAL_PROVIDER", "none")
}

// insideKinds are those of what lives inside a cluster.
func insideKinds() []string {
	k := []string{undoObject}
	for kind := range chaos.Undoers(chaos.Reach{}) {
		k = append(k, kind)
	}
	return k
}

func TestEveryKindHasAnUndo(t *testing.T) {
	for name, deeds := range map[string][]deed{
		"nothing was done": nil,
		"a lent cluster":   {handle(t)},
		"a made cluster":   {made, handle(t)},
		"a lost cluster":   {lost(t, true)},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			m := undoers(wrote(t, t.TempDir(), deeds...))
			for _, kind := range append(insideKinds(), undoCluster, undoHandle, undoContainer) {
				g.Expect(m[kind]).NotTo(BeNil(), kind)
			}
		})
	}
}

func TestNothingInsideIsTouched(t *testing.T) {
	broken := handle(t)
	guard := filepath.Join(filepath.Dir(broken.args["kubeconfig"]), "guard.json")
	NewWithT(t).Expect(os.WriteFile(guard, []byte("?"), 0o600)).To(Succeed())
	for name, deeds := range map[string][]deed{
		"the cluster is doomed":                   {made, handle(t)},
		"the cluster is doomed, and out of reach": {made, broken},
		"the cluster is half made":                {made},
		"there is no cluster yet":                 nil,
		"the cluster is deleted":                  {lost(t, false)},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			m := undoers(wrote(t, t.TempDir(), deeds...))
			for _, kind := range insideKinds() {
				// Anything else than nothing would stumble over these.
				g.Expect(m[kind](t.Context(), map[string]string{"object": "?"})).To(Succeed(), kind)
			}
		})
	}
}

func TestADoomedClusterTakesAllWithItButWhatIsOutside(t *testing.T) {
	g := NewWithT(t)
	noEngine(t)
	j := wrote(t, t.TempDir(), made, handle(t), object, container, cordon)
	err := undo(t.Context(), j)
	g.Expect(err).To(MatchError(And(ContainSubstring("undoing cluster map[name:hagate-run"), ContainSubstring("undoing container map[name:hagate-run-external]"))))
	g.Expect(kinds(j)).To(Equal([]string{undoContainer, undoCluster}))
}

func TestALentClusterIsTouched(t *testing.T) {
	g := NewWithT(t)
	m := undoers(wrote(t, t.TempDir(), handle(t)))
	g.Expect(m[undoObject](t.Context(), map[string]string{"object": "?"})).To(MatchError(ContainSubstring("reading the journal's object")))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, d := range []deed{object, cordon} {
		g.Expect(m[d.kind](ctx, d.args)).NotTo(Succeed(), d.kind)
	}
}

func TestAHandleAloneIsStruckOff(t *testing.T) {
	g := NewWithT(t)
	j := wrote(t, t.TempDir(), handle(t))
	g.Expect(undo(t.Context(), j)).To(Succeed())
	g.Expect(kinds(j)).To(BeEmpty())
}

func TestTheHandleStaysAsLongAsSomethingNeedsIt(t *testing.T) {
	g := NewWithT(t)
	noEngine(t)
	j := wrote(t, t.TempDir(), lost(t, true), object, container, cordon)
	for range 2 {
		err := undo(t.Context(), j)
		g.Expect(err).To(MatchError(fs.ErrNotExist), "what was lent lives on")
		g.Expect(err).To(MatchError(And(ContainSubstring("undoing cordon"), ContainSubstring("undoing object"),
			ContainSubstring("undoing container"), ContainSubstring("undoing handle"))), "it goes on after a failure")
		g.Expect(kinds(j)).To(Equal([]string{"cordon", undoContainer, undoObject, undoHandle}))
	}
	for _, e := range j.Pending() {
		if e.Kind == undoObject || e.Kind == "cordon" {
			g.Expect(j.Strike(e)).To(Succeed())
		}
	}
	g.Expect(undo(t.Context(), j)).NotTo(Succeed())
	g.Expect(kinds(j)).To(Equal([]string{undoContainer}), "a container needs no handle")
}

func TestTheLeaseStaysAsLongAsSomethingIsLeftInTheCluster(t *testing.T) {
	g := NewWithT(t)
	j := wrote(t, t.TempDir(), handle(t), lease, cordon)
	g.Expect(undo(t.Context(), j)).To(MatchError(And(ContainSubstring("undoing lease"), ContainSubstring("kept, to undo cordon"))))
	g.Expect(kinds(j)).To(Equal([]string{"cordon", undoLease, undoHandle}))
	g.Expect(j.Strike(j.Pending()[0])).To(Succeed())
	g.Expect(undo(t.Context(), j)).To(MatchError(ContainSubstring("giving Lease default/hagate back")), "no API server listens")
	g.Expect(kinds(j)).To(Equal([]string{undoLease, undoHandle}))

	deleted := wrote(t, t.TempDir(), lost(t, false), lease)
	g.Expect(undo(t.Context(), deleted)).To(Succeed(), "it went with its cluster")
}

func TestAnUnknownKindIsAnErrorAndStays(t *testing.T) {
	g := NewWithT(t)
	j := wrote(t, t.TempDir(), handle(t), deed{"partition", map[string]string{"node": "worker1"}})
	g.Expect(undo(t.Context(), j)).To(MatchError(ContainSubstring("undoing partition map[node:worker1]: nothing here knows how")))
	g.Expect(kinds(j)).To(Equal([]string{"partition", undoHandle}))
}

func TestRecoverGoesOnPastAJournalThatCannotBeRead(t *testing.T) {
	g := NewWithT(t)
	state := t.TempDir()
	g.Expect(wrote(t, state, lost(t, false), object, cordon).Close()).To(Succeed())
	bad := filepath.Join(state, "journals", "bad.jsonl")
	g.Expect(os.WriteFile(bad, []byte("?\n"), 0o600)).To(Succeed())

	g.Expect(Recover(t.Context(), state, io.Discard)).To(MatchError(ContainSubstring("bad.jsonl")))
	g.Expect(filepath.Glob(filepath.Join(state, "journals", "*"))).To(Equal([]string{bad}))
}

func TestRecoverLeavesWhatItCannotUndoToTheNext(t *testing.T) {
	g := NewWithT(t)
	state := t.TempDir()
	g.Expect(wrote(t, state, lost(t, true), object).Close()).To(Succeed())
	for range 2 {
		g.Expect(Recover(t.Context(), state, io.Discard)).To(MatchError(ContainSubstring("undoing object")))
	}
}

func TestRecoverWithNothingToDo(t *testing.T) {
	NewWithT(t).Expect(Recover(t.Context(), filepath.Join(t.TempDir(), "none"), io.Discard)).To(Succeed())
}

func TestObjectsOfAJournal(t *testing.T) {
	g := NewWithT(t)
	j, err := journal.Create(t.TempDir(), "run")
	g.Expect(err).NotTo(HaveOccurred())
	shop := target.Object{APIVersion: "v1", Kind: "Namespace", Name: "shop"}
	web := target.Object{APIVersion: "apps/v1", Kind: "Deployment", Namespace: "shop", Name: "web"}
	for _, o := range []target.Object{shop, web} {
		args, err := objectArgs(o)
		g.Expect(err).NotTo(HaveOccurred())
		_, err = j.Add(undoObject, args)
		g.Expect(err).NotTo(HaveOccurred())
	}
	_, err = j.Add(undoContainer, map[string]string{"name": "agent"})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(objects(j)).To(Equal([]target.Object{web, shop}))
}

func TestForgetStrikesOffOneKind(t *testing.T) {
	g := NewWithT(t)
	r := &Run{journal: wrote(t, t.TempDir(), made, handle(t), object, made)}
	g.Expect(r.forget(undoCluster)).To(Succeed())
	g.Expect(kinds(r.journal)).To(Equal([]string{undoObject, undoHandle}))
}

func TestObjectsAreJournalledAsTheyAreUndone(t *testing.T) {
	g := NewWithT(t)
	args, err := objectArgs(target.Object{APIVersion: "v1", Kind: "Namespace", Name: "shop"})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(args).To(Equal(object.args))
}
