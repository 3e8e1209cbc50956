package chaos

import (
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestUndoersAreKnownWithoutAClient(t *testing.T) {
	NewWithT(t).Expect(Undoers(Reach{})).To(And(HaveKey(cordonKind), HaveKey(changeKind), HaveKey(freezeKind), HaveKey(commandKind), HaveKey(componentKind), HaveKey(powerKind)))
}

func TestUndoTakesBackWhatADeadRunCordoned(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, nodeObject("worker1", false), nodeObject("worker2", true), podObject(victim.Name, victim.UID, "worker1"))
	b.evicting(nil)
	g.Expect(NodeDrain{Node: "worker1", Victims: []record.Victim{victim}}.Inject(t.Context(), b.Env)).To(Succeed())
	g.Expect(NodeDrain{Node: "worker2"}.Inject(t.Context(), b.Env)).To(Succeed())
	g.Expect(cordoned(g, b, "worker1")).To(BeTrue())

	g.Expect(b.Journal.Undo(t.Context(), Undoers(Reach{Client: b.api}))).To(Succeed())
	g.Expect(cordoned(g, b, "worker1")).To(BeFalse())
	g.Expect(cordoned(g, b, "worker2")).To(BeTrue(), "somebody else cordoned it")
	g.Expect(b.Journal.Pending()).To(BeEmpty())
}

func TestUndoCordonFindsNothingToDo(t *testing.T) {
	for name, node := range map[string]string{"never cordoned": "worker1", "gone": "worker9"} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t, nodeObject("worker1", false), nodeObject("worker2", true))
			_, err := b.Journal.Add(cordonKind, map[string]string{"node": node})
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(b.Journal.Undo(t.Context(), Undoers(Reach{Client: b.api}))).To(Succeed())
			g.Expect(b.wrote()).To(BeFalse())
			g.Expect(b.Journal.Pending()).To(BeEmpty())
		})
	}
}

func TestUndoCordonThatFailsSucceedsLater(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, nodeObject("worker1", true))
	_, err := b.Journal.Add(cordonKind, map[string]string{"node": "worker1"})
	g.Expect(err).NotTo(HaveOccurred())
	away := errors.New("the API is away")
	b.api.PrependReactor("patch", "nodes", func(clienttest.Action) (bool, runtime.Object, error) {
		err := away
		away = nil
		return err != nil, nil, err
	})
	g.Expect(b.Journal.Undo(t.Context(), Undoers(Reach{Client: b.api}))).To(MatchError(ContainSubstring("the API is away")))
	g.Expect(b.Journal.Pending()).To(HaveLen(1))
	for range 2 {
		g.Expect(b.Journal.Undo(t.Context(), Undoers(Reach{Client: b.api}))).To(Succeed())
		g.Expect(cordoned(g, b, "worker1")).To(BeFalse())
		g.Expect(b.Journal.Pending()).To(BeEmpty())
	}
}
