package chaos

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	clienttest "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"

	"hagate/journal"
	"hagate/record"
)

var victim = record.Victim{Kind: "Pod", Namespace: "nginx", Name: "nginx01-a", UID: "uid-a", Node: "worker1"}

func podObject(name, uid, node string) *corev1.Pod {
	grace := int64(30)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "nginx", Name: name, UID: types.UID(uid), Labels: map[string]string{"app": "nginx"}, OwnerReferences: []metav1.OwnerReference{
			{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "nginx01", UID: "rs", Controller: new(true)}}},
		Spec: corev1.PodSpec{NodeName: node, TerminationGracePeriodSeconds: &grace},
	}
}

// restartedObject is the victim, whose one container has been started again so often.
func restartedObject(restarts int32) *corev1.Pod {
	p := podObject(victim.Name, victim.UID, "worker1")
	p.Status.ContainerStatuses = []corev1.ContainerStatus{{RestartCount: restarts, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
	return p
}

func nodeObject(name string, cordoned bool) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, UID: types.UID("uid-" + name)}, Spec: corev1.NodeSpec{Unschedulable: cordoned}}
}

// bench is an Env on a fake API, and what it recorded.
type bench struct {
	*Env
	ctx    context.Context // the test's
	api    *fake.Clientset
	faults []record.Fault
}

func newBench(t *testing.T, objects ...runtime.Object) *bench {
	t.Helper()
	j, err := journal.Create(t.TempDir(), "run")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{ctx: t.Context(), api: fake.NewClientset(objects...)}
	b.Env = &Env{Client: b.api, Journal: j, Progress: io.Discard, Record: func(f record.Fault) error {
		b.faults = append(b.faults, f)
		return nil
	}}
	return b
}

func (b *bench) states() (s []string) {
	for _, f := range b.faults {
		s = append(s, f.State)
	}
	return s
}

func (b *bench) deletes() (d []clienttest.DeleteActionImpl) {
	for _, a := range b.api.Actions() {
		if a, ok := a.(clienttest.DeleteActionImpl); ok {
			d = append(d, a)
		}
	}
	return d
}

// wrote says whether the API was asked to change anything.
func (b *bench) wrote() bool {
	for _, a := range b.api.Actions() {
		if a.GetVerb() != "get" && a.GetVerb() != "list" {
			return true
		}
	}
	return false
}

func TestNothingIsDoneThatCannotBeRecorded(t *testing.T) {
	full := errors.New("disk full")
	for _, f := range []Fault{PodDelete{[]record.Victim{victim}}, PodKill{Victim: victim}, NodeDrain{Node: "worker1"}} {
		t.Run(f.Declares().Name, func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t, podObject(victim.Name, victim.UID, "worker1"), nodeObject("worker1", false))
			b.Record = func(record.Fault) error { return full }
			b.NodeExec = func(context.Context, string, ...string) ([]byte, error) {
				t.Error("a node was touched")
				return nil, nil
			}
			g.Expect(f.Inject(t.Context(), b.Env)).To(MatchError(full))
			g.Expect(b.wrote()).To(BeFalse())
			g.Expect(b.Journal.Pending()).To(BeEmpty())
		})
	}
}

func TestAFailureIsRecordedUnlessItWasCutShort(t *testing.T) {
	broken := errors.New("broken")
	for name, c := range map[string]struct {
		cut  bool
		want string
	}{
		"failed":    {false, "injecting failed"},
		"cut short": {true, "injecting"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			g.Expect(b.Inject(ctx, record.Fault{Name: "f"}, func() ([]record.Text, error) {
				if c.cut {
					cancel()
				}
				return nil, broken
			})).To(MatchError(broken))
			g.Expect(strings.Join(b.states(), " ")).To(Equal(c.want))
		})
	}
}
