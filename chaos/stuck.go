package chaos

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"hagate/record"
)

// stuckFor is how long a workload may stand still: a controller, a scheduler or a kubelet
// that was busy has come back to it several times then.
const stuckFor = 30 * time.Second

// unlessStuck is ctx until o has stood still for stuckFor, and somebody says why. The end's
// cause is a Refused then. Where the version is broken on purpose, what its containers do
// does not count.
func unlessStuck(ctx context.Context, env *Env, o Object, broken bool) (context.Context, context.CancelFunc) {
	return standsFor(ctx, env.Client, o, stuckFor, broken)
}

// UnlessStuck is ctx until o has stood still for so long, and a controller, the scheduler or
// a kubelet says why. The end's cause is a Refused then, in their words.
func UnlessStuck(ctx context.Context, client kubernetes.Interface, o Object, long time.Duration) (context.Context, context.CancelFunc) {
	return standsFor(ctx, client, o, long, false)
}

func standsFor(ctx context.Context, client kubernetes.Interface, o Object, long time.Duration, broken bool) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	var last string
	moved := time.Now()
	since := moved
	go wait.UntilWithContext(ctx, func(ctx context.Context) {
		s := look(ctx, client, o, since)
		if broken {
			s.containers = nil
		}
		if long <= stuckFor {
			s.gates = nil
		}
		why := s.why()
		switch {
		case len(why) == 0 || s.ending || s.progress != last:
			moved, last = time.Now(), s.progress
		case time.Since(moved) > long:
			cancel(&Refused{Refusals: why, Err: fmt.Errorf("given up after %s", long)})
		}
	}, time.Second)
	return ctx, func() { cancel(nil) }
}

// Says is what controllers, the scheduler and kubelets say now of why a workload lacks Pods
// or they are not ready, and have said since; nothing where they say nothing.
func Says(ctx context.Context, client kubernetes.Interface, o Object, since time.Time) []record.Refusal {
	s := look(ctx, client, o, since)
	return s.why()
}

// standing is how a workload stands, and what is said of it.
type standing struct {
	progress                        string
	ending                          bool // a Pod of it is on its way out, and others may wait for its place
	create, place, containers, rest []record.Refusal
	gates                           []record.Refusal // readiness gates, which controllers of others open when they get to it
}

// why is what is said, of the first step that is not done.
func (s standing) why() []record.Refusal {
	for _, step := range [][]record.Refusal{s.create, s.place, s.containers, s.rest, s.gates} {
		if len(step) > 0 {
			return step
		}
	}
	return nil
}

// look asks how o stands. What the API does not answer is not known.
func look(ctx context.Context, client kubernetes.Interface, o Object, since time.Time) (s standing) {
	w, err := o.get(ctx, client)
	if err != nil {
		return s
	}
	s.progress = unfinished(w)
	var selector *metav1.LabelSelector
	switch w := w.(type) {
	case *appsv1.Deployment:
		selector = w.Spec.Selector
		s.conditions(o, w)
	case *appsv1.StatefulSet:
		selector = w.Spec.Selector
		s.events(ctx, client, o, since)
	}
	if selector == nil {
		return s
	}
	pods, err := client.CoreV1().Pods(o.Namespace).List(ctx, metav1.ListOptions{LabelSelector: metav1.FormatLabelSelector(selector)})
	if err != nil {
		return s
	}
	for _, p := range pods.Items {
		s.ending = s.ending || p.DeletionTimestamp != nil
		s.pod(o, p)
	}
	return s
}

// noise is what controllers put before the words of the API, with names of Pods that differ
// each time.
var noise = regexp.MustCompile(`^(Error creating: |create Pod \S+ in StatefulSet \S+ failed error: )?(pods "[^"]*" is forbidden: )?`)

// creation is what was said to a controller that made a Pod of o.
func creation(o Object, said string) record.Refusal {
	r := sorted("creating a Pod of "+o.String(), said, record.WhoseCluster)
	r.Said = noise.ReplaceAllString(said, "")
	if strings.Contains(said, "violates PodSecurity") {
		r.Objects = []string{"Namespace " + o.Namespace, o.String()}
	}
	return r
}

func (s *standing) conditions(o Object, d *appsv1.Deployment) {
	for _, c := range d.Status.Conditions {
		switch {
		case c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue:
			s.create = append(s.create, creation(o, c.Message))
		case c.Type == appsv1.DeploymentProgressing && (c.Status == corev1.ConditionFalse || c.Reason == "DeploymentPaused"):
			r := sorted("rolling out "+o.String(), c.Message, record.WhoseService)
			r.By = record.ByController
			s.rest = append(s.rest, r)
		}
	}
}

// events looks for what a controller without such a condition says: that it could not make
// a Pod, and none since.
func (s *standing) events(ctx context.Context, client kubernetes.Interface, o Object, since time.Time) {
	list, err := client.CoreV1().Events(o.Namespace).List(ctx, metav1.ListOptions{FieldSelector: fields.Set{
		"involvedObject.kind": o.Kind, "involvedObject.name": o.Name}.String()})
	if err != nil {
		return
	}
	var failed, made corev1.Event
	for _, e := range list.Items {
		switch {
		case e.InvolvedObject.Kind != o.Kind || e.InvolvedObject.Name != o.Name:
		case e.Reason == "FailedCreate" && at(e).After(at(failed)):
			failed = e
		case e.Reason == "SuccessfulCreate" && at(e).After(at(made)):
			made = e
		}
	}
	if began := since.Truncate(time.Second); at(failed).Before(began) || !at(failed).After(at(made)) {
		return
	}
	s.create = append(s.create, creation(o, failed.Message))
}

// at is when an event was last seen.
func at(e corev1.Event) time.Time {
	if e.Series != nil {
		return e.Series.LastObservedTime.Time
	}
	return slices.MaxFunc([]time.Time{e.LastTimestamp.Time, e.EventTime.Time, e.FirstTimestamp.Time}, time.Time.Compare)
}

// notStarted are the kubelet's reasons for a container that waits for what does not come by
// itself.
var notStarted = []string{"ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName", "CrashLoopBackOff", "CreateContainerConfigError", "CreateContainerError", "RunContainerError"}

// pod adds what the scheduler and the kubelet say of a Pod, of each kind once.
func (s *standing) pod(o Object, p corev1.Pod) {
	if p.DeletionTimestamp != nil {
		return
	}
	name := fmt.Sprintf("Pod %s/%s", p.Namespace, p.Name)
	for _, c := range p.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse && c.Reason == corev1.PodReasonUnschedulable && s.place == nil {
			said, _, _ := strings.Cut(c.Message, " preemption:") // what follows repeats it
			r := sorted("placing "+name, cmp.Or(said, c.Reason), record.WhoseService)
			r.By, r.Objects = record.ByScheduler, []string{o.String()}
			s.place = append(s.place, r)
		}
		if c.Type == corev1.PodReady && c.Status == corev1.ConditionFalse && c.Reason == "ReadinessGatesNotReady" && s.gates == nil {
			r := sorted("waiting for "+name, c.Message, record.WhoseService)
			r.By, r.Objects = record.ByKubelet, []string{o.String()}
			s.gates = append(s.gates, r)
		}
	}
	for _, c := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		if w := c.State.Waiting; w != nil && slices.Contains(notStarted, w.Reason) && s.containers == nil {
			said := strings.TrimSuffix(w.Reason+": "+w.Message, ": ")
			if t := c.LastTerminationState.Terminated; t != nil {
				said += fmt.Sprintf(" (it ended with exit code %d, %s)", t.ExitCode, t.Reason)
			}
			r := sorted("starting container "+c.Name+" of "+name, said, record.WhoseService)
			r.By, r.Objects = record.ByKubelet, []string{o.String()}
			s.containers = append(s.containers, r)
		}
	}
}
