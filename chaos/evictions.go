package chaos

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"

	"hagate/record"
)

// evictions keeps account of the Pods that a drain asks to leave. Its zero value is
// ready, and safe for use by several goroutines.
type evictions struct {
	mu   sync.Mutex
	list []*eviction // in the order of the first asking
}

type eviction struct {
	pod   *corev1.Pod
	how   string
	first time.Time
	asked int
	gone  time.Time // zero while it was not seen to be gone
}

func (e *evictions) started(pod *corev1.Pod, evict bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	of := e.find(pod)
	if of == nil {
		of = &eviction{pod: pod.DeepCopy(), how: "deleted", first: time.Now()}
		if evict {
			of.how = "evicted"
		}
		e.list = append(e.list, of)
	}
	of.asked++
}

func (e *evictions) finished(pod *corev1.Pod, _ bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if of := e.find(pod); of != nil && err == nil {
		of.gone = time.Now()
	}
}

func (e *evictions) find(pod *corev1.Pod) *eviction {
	i := slices.IndexFunc(e.list, func(of *eviction) bool {
		return of.pod.Namespace == pod.Namespace && of.pod.Name == pod.Name
	})
	if i < 0 {
		return nil
	}
	return e.list[i]
}

// done says of every Pod that left how it did.
func (e *evictions) done() (evidence []record.Text) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, of := range e.list {
		if !of.gone.IsZero() {
			evidence = append(evidence, record.Say("Pod %s/%s (uid %s) was %s at %s (asked %d×), and had left the API at %s",
				of.pod.Namespace, of.pod.Name, of.pod.UID, of.how, stamp(of.first), of.asked, stamp(of.gone)))
		}
	}
	return evidence
}

// left are the Pods that were not seen to leave, as they were when they were first asked to.
func (e *evictions) left() (pods []*corev1.Pod) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, of := range e.list {
		if of.gone.IsZero() {
			pods = append(pods, of.pod)
		}
	}
	return pods
}

// open says which Pods were not seen to leave.
func (e *evictions) open() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var open []string
	for _, of := range e.list {
		if of.gone.IsZero() {
			open = append(open, fmt.Sprintf("Pod %s/%s (asked %d×)", of.pod.Namespace, of.pod.Name, of.asked))
		}
	}
	if len(open) == 0 {
		return "no Pod was left waiting"
	}
	return "not seen to leave: " + strings.Join(open, ", ")
}
