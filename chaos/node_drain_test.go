package chaos

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

var pods = schema.GroupVersionResource{Version: "v1", Resource: "pods"}

// evicting makes b's API evict as evict says; nil evicts at once.
func (b *bench) evicting(evict func() error) {
	b.evictingBy(func(string) error {
		if evict == nil {
			return nil
		}
		return evict()
	})
}

// evictingBy is evicting by a Pod's name.
func (b *bench) evictingBy(evict func(pod string) error) {
	b.api.Resources = []*metav1.APIResourceList{{GroupVersion: "v1", APIResources: []metav1.APIResource{
		{Name: "pods/eviction", Kind: "Eviction", Group: "policy", Version: "v1"}}}}
	b.api.PrependReactor("create", "pods", func(a clienttest.Action) (bool, runtime.Object, error) {
		if a.GetSubresource() != "eviction" {
			return false, nil, nil
		}
		e := a.(clienttest.CreateAction).GetObject().(*policyv1.Eviction)
		if err := evict(e.Name); err != nil || len(e.DeleteOptions.DryRun) > 0 {
			return true, nil, err
		}
		return true, nil, b.api.Tracker().Delete(pods, e.Namespace, e.Name)
	})
}

func cordoned(g Gomega, b *bench, node string) bool {
	n, err := b.api.CoreV1().Nodes().Get(context.Background(), node, metav1.GetOptions{})
	g.Expect(err).NotTo(HaveOccurred())
	return n.Spec.Unschedulable
}

func TestNodeDrain(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, nodeObject("worker1", false), podObject(victim.Name, victim.UID, "worker1"))
	b.evicting(nil)
	cordons := 0
	b.api.PrependReactor("patch", "nodes", func(clienttest.Action) (bool, runtime.Object, error) {
		if cordons++; cordons == 1 {
			g.Expect(b.states()).To(Equal([]string{record.Injecting}), "recorded before the cordon")
			g.Expect(b.Journal.Pending()).To(HaveLen(1), "journalled before the cordon")
			g.Expect(b.Journal.Pending()[0].Args).To(HaveKeyWithValue("node", "worker1"))
		}
		return false, nil, nil
	})
	f := NodeDrain{Node: "worker1", Victims: []record.Victim{victim}}
	g.Expect(f.Inject(t.Context(), b.Env)).To(Succeed())

	g.Expect(cordoned(g, b, "worker1")).To(BeTrue())
	node := record.Victim{Kind: "Node", Name: "worker1", UID: "uid-worker1"}
	for _, r := range b.faults {
		g.Expect(r.Victims).To(Equal([]record.Victim{node, victim}))
	}
	g.Expect(b.faults[1].Evidence).To(HaveLen(2))
	g.Expect(b.faults[1].Evidence[0].String()).To(Equal("node worker1 is cordoned"))
	g.Expect(b.faults[1].Evidence[1]).To(And(ContainSubstring("nginx/nginx01-a (uid uid-a) was evicted"), ContainSubstring("asked 1×"), ContainSubstring("left the API")))

	g.Expect(f.Revert(t.Context(), b.Env)).To(Succeed())
	g.Expect(cordoned(g, b, "worker1")).To(BeFalse())
	g.Expect(b.Journal.Pending()).To(BeEmpty())
	g.Expect(b.states()).To(Equal([]string{record.Injecting, record.Injected, record.Reverting, record.Reverted}))
}

func TestNodeDrainLeavesANodeThatWasCordonedBeforeAlone(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, nodeObject("worker1", true), podObject(victim.Name, victim.UID, "worker1"))
	b.evicting(nil)
	f := NodeDrain{Node: "worker1"}
	g.Expect(f.Inject(t.Context(), b.Env)).To(Succeed())
	g.Expect(b.Journal.Pending()).To(BeEmpty())
	g.Expect(f.Revert(t.Context(), b.Env)).To(Succeed())
	g.Expect(cordoned(g, b, "worker1")).To(BeTrue())
}

func TestNodeDrainUncordonsItsOwnNodeOnly(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, nodeObject("worker1", true), nodeObject("worker2", true))
	_, err := b.Journal.Add(cordonKind, map[string]string{"node": "worker2"})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(NodeDrain{Node: "worker1"}.Revert(t.Context(), b.Env)).To(Succeed())
	g.Expect(cordoned(g, b, "worker2")).To(BeTrue())
	g.Expect(b.Journal.Pending()).To(HaveLen(1))
}

// kubectl sleeps before it evicts again, whatever its context says.
func TestNodeDrainThatABudgetBlocksSaysWhoIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		b := newBench(t, nodeObject("worker1", false), podObject(victim.Name, victim.UID, "worker1"))
		late := errors.New("took too long")
		ctx, cancel := context.WithCancelCause(t.Context())
		b.evicting(func() error {
			cancel(late)
			return apierrors.NewTooManyRequests("it would violate the budget", 0)
		})
		f := NodeDrain{Node: "worker1", Victims: []record.Victim{victim}}
		err := f.Inject(ctx, b.Env)
		g.Expect(err).To(MatchError(late))
		g.Expect(err).To(MatchError(ContainSubstring("not seen to leave: Pod nginx/nginx01-a")))
		g.Expect(b.states()).To(Equal([]string{record.Injecting}), "what it means is the caller's to say")

		g.Expect(f.Revert(t.Context(), b.Env)).To(Succeed())
		g.Expect(cordoned(g, b, "worker1")).To(BeFalse())
	})
}

func TestNodeDrainDoesNotCordonWhatItCannotJournal(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, nodeObject("worker1", false), podObject(victim.Name, victim.UID, "worker1"))
	g.Expect(b.Journal.Close()).To(Succeed())
	g.Expect(NodeDrain{Node: "worker1"}.Inject(t.Context(), b.Env)).To(MatchError(ContainSubstring("writing the journal before cordoning node worker1")))
	g.Expect(b.wrote()).To(BeFalse())
	g.Expect(b.states()).To(Equal([]string{record.Injecting, record.Failed}))
}

func TestNodeDrainOfANodeThatIsGoneDoesNothing(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t)
	g.Expect(NodeDrain{Node: "worker1"}.Inject(t.Context(), b.Env)).To(MatchError(apierrors.IsNotFound, "not found"))
	g.Expect(b.Journal.Pending()).To(BeEmpty())
	g.Expect(NodeDrain{Node: "worker1"}.Revert(t.Context(), b.Env)).To(Succeed())
}

func TestNodeDrainRefusesAPodThatNothingReplaces(t *testing.T) {
	g := NewWithT(t)
	lone := podObject(victim.Name, victim.UID, "worker1")
	lone.OwnerReferences = nil
	b := newBench(t, nodeObject("worker1", false), lone)
	b.evicting(func() error { t.Error("evicted"); return nil })
	g.Expect(NodeDrain{Node: "worker1"}.Inject(t.Context(), b.Env)).To(MatchError(ContainSubstring("nginx01-a")))
	g.Expect(b.states()).To(Equal([]string{record.Injecting, record.Failed}))
}

func TestRevertThatFailsStaysInTheJournal(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, nodeObject("worker1", true))
	_, err := b.Journal.Add(cordonKind, map[string]string{"node": "worker1"})
	g.Expect(err).NotTo(HaveOccurred())
	away := errors.New("the API is away")
	b.api.PrependReactor("patch", "nodes", func(clienttest.Action) (bool, runtime.Object, error) { return true, nil, away })
	g.Expect(NodeDrain{Node: "worker1"}.Revert(t.Context(), b.Env)).To(MatchError(away))
	g.Expect(b.states()).To(Equal([]string{record.Reverting, record.Failed}))
	g.Expect(b.Journal.Pending()).To(HaveLen(1))
}
