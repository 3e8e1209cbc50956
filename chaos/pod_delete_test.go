package chaos

import (
	"context"
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestPodDelete(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, podObject(victim.Name, victim.UID, "worker1"))
	var before []string
	b.api.PrependReactor("delete", "pods", func(clienttest.Action) (bool, runtime.Object, error) {
		before = b.states()
		return false, nil, nil
	})
	f := PodDelete{[]record.Victim{victim}}
	g.Expect(f.Inject(t.Context(), b.Env)).To(Succeed())
	g.Expect(f.Revert(t.Context(), b.Env)).To(Succeed())

	g.Expect(before).To(Equal([]string{record.Injecting}))
	g.Expect(b.states()).To(Equal([]string{record.Injecting, record.Injected, record.Reverting, record.Reverted}))
	for _, f := range b.faults {
		g.Expect(f.Name).To(Equal("pod-delete"))
		g.Expect(f.Victims).To(Equal([]record.Victim{victim}))
	}
	g.Expect(b.faults[1].Evidence).To(ConsistOf(And(
		ContainSubstring("nginx/nginx01-a (uid uid-a)"), ContainSubstring("grace 30 s"), ContainSubstring("left the API"))))

	g.Expect(b.deletes()).To(HaveLen(1))
	options := b.deletes()[0].DeleteOptions
	g.Expect(options.GracePeriodSeconds).To(BeNil(), "the Pod's own grace")
	g.Expect(string(*options.Preconditions.UID)).To(Equal(victim.UID))
}

func TestPodDeleteLeavesAnotherPodOfTheNameAlone(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, podObject(victim.Name, "uid-of-another", "worker1"))
	err := PodDelete{[]record.Victim{victim}}.Inject(t.Context(), b.Env)
	g.Expect(err).To(MatchError(ContainSubstring("uid-of-another")))
	g.Expect(b.deletes()).To(BeEmpty())
	g.Expect(b.states()).To(Equal([]string{record.Injecting, record.Failed}))
}

func TestPodDeleteIsDoneWhenAnotherPodHasTheName(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, podObject(victim.Name, victim.UID, "worker1"))
	b.api.PrependReactor("delete", "pods", func(clienttest.Action) (bool, runtime.Object, error) {
		return true, nil, b.api.Tracker().Update(pods, podObject(victim.Name, "uid-of-another", "worker1"), "nginx")
	})
	g.Expect(PodDelete{[]record.Victim{victim}}.Inject(t.Context(), b.Env)).To(Succeed())
}

func TestPodDeleteThatDoesNotEndSaysWhatIsThere(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t, podObject(victim.Name, victim.UID, "worker1"))
	slow := errors.New("took too long")
	ctx, cancel := context.WithCancelCause(t.Context())
	b.api.PrependReactor("delete", "pods", func(clienttest.Action) (bool, runtime.Object, error) {
		cancel(slow)
		return true, nil, nil
	})
	err := PodDelete{[]record.Victim{victim}}.Inject(ctx, b.Env)
	g.Expect(err).To(MatchError(slow))
	g.Expect(err).To(MatchError(ContainSubstring("nginx/nginx01-a (uid uid-a) to leave the API: it was still there")))
	g.Expect(b.states()).To(Equal([]string{record.Injecting}))
}
