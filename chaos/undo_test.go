package chaos

import (
	"errors"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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

// The cluster calls a node ready that it has not yet noticed was off: only what its kubelet
// says after that counts.
func TestWaitHeard(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t)
	began := time.Now().Truncate(time.Second)
	said := []time.Time{began, began, began.Add(time.Minute)}
	asked := 0
	b.api.PrependReactor("get", "nodes", func(clienttest.Action) (bool, runtime.Object, error) {
		n := nodeObject("worker1", false)
		n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue, LastHeartbeatTime: metav1.NewTime(said[asked])}}
		asked++
		return true, n, nil
	})
	reach := Reach{Client: b.api}
	heard := reach.heartbeat(t.Context(), "worker1")
	g.Expect(heard).To(BeTemporally("==", began))
	reach.waitHeard(t.Context(), "worker1", heard)
	g.Expect(asked).To(Equal(len(said)))

	g.Expect(Reach{}.heartbeat(t.Context(), "worker1")).To(BeZero())
	reach.waitHeard(t.Context(), "worker1", time.Time{})
	g.Expect(asked).To(Equal(len(said)), "nothing is known that could change")
}
