package watch

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// logsAgain is how long a log is left alone after its stream ended: the container
// stopped, or the API server went away.
const logsAgain = 500 * time.Millisecond

// LogFile is where the log of a Pod's container is kept, in the folder Spec.Logs.
func LogFile(pod, container string) string { return pod + "_" + container + ".log" }

// InitLogFile is the same of an init container that is to end before the Pod runs.
func InitLogFile(pod, container string) string { return pod + "." + container + ".log" }

// logs follows the logs of the workload's Pods into files, each line after its time,
// from a container's start until its Pod has left the API: the cluster has them no
// longer than that.
type logs struct {
	client kubernetes.Interface
	dir    string
	ctx    context.Context
	known  map[string]types.UID // whose each file is
	wait   sync.WaitGroup
}

// follow begins with each container of a Pod that has run, once. An init container comes
// before the Pod runs, and where it does not end, its log says why.
func (l *logs) follow(p *corev1.Pod) {
	if l == nil {
		return
	}
	begins := map[string]bool{}
	for _, c := range p.Spec.InitContainers {
		begins[c.Name] = c.RestartPolicy == nil || *c.RestartPolicy != corev1.ContainerRestartPolicyAlways
	}
	for _, c := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		file := LogFile(p.Name, c.Name)
		if begins[c.Name] {
			file = InitLogFile(p.Name, c.Name)
		}
		if l.known[file] == p.UID || c.State.Running == nil && c.State.Terminated == nil && c.LastTerminationState.Terminated == nil {
			continue
		}
		l.known[file] = p.UID
		l.wait.Go(func() {
			if err := l.container(p.Namespace, p.Name, p.UID, c.Name, file); err != nil && l.ctx.Err() == nil {
				fmt.Fprintf(os.Stderr, "hagate: warning: the log of Pod %s/%s ends early: %v\n", p.Namespace, p.Name, err)
			}
		})
	}
}

func (l *logs) container(namespace, pod string, uid types.UID, container, file string) error {
	f, err := os.OpenFile(filepath.Join(l.dir, file), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	pods := l.client.CoreV1().Pods(namespace)
	var last time.Time // of the newest line in the file
	for {
		options := &corev1.PodLogOptions{Container: container, Follow: true, Timestamps: true}
		if !last.IsZero() {
			options.SinceTime = &metav1.Time{Time: last}
		}
		if stream, err := pods.GetLogs(pod, options).Stream(l.ctx); err == nil {
			last, err = copyNewer(f, stream, last)
			stream.Close()
			if err != nil {
				return err
			}
		}
		now, err := pods.Get(l.ctx, pod, metav1.GetOptions{})
		if apierrors.IsNotFound(err) || err == nil && (now.UID != uid || initDone(now, container)) {
			return f.Close()
		}
		select {
		case <-l.ctx.Done():
			return context.Cause(l.ctx)
		case <-time.After(logsAgain):
		}
	}
}

// initDone says whether an init container of p has ended well, and so does not run again.
func initDone(p *corev1.Pod, container string) bool {
	return slices.ContainsFunc(p.Status.InitContainerStatuses, func(c corev1.ContainerStatus) bool {
		return c.Name == container && c.State.Terminated != nil && c.State.Terminated.ExitCode == 0
	})
}

// copyNewer copies the lines that are newer than since, and returns the time of the
// newest: the API gives them by the second. Every line of a log begins with its time, as
// asked for; one that does not is what the kubelet says in place of a log that it has no
// longer (k8s.io/kubernetes/pkg/kubelet/server, getContainerLogs), and is left out. A
// stream that breaks is no error; a file that cannot be written is.
func copyNewer(to io.Writer, from io.Reader, since time.Time) (last time.Time, err error) {
	last = since
	in := bufio.NewReader(from)
	for {
		line, end := in.ReadString('\n')
		stamp, _, _ := strings.Cut(line, " ")
		if at, err := time.Parse(time.RFC3339Nano, stamp); err == nil && at.After(since) {
			if _, err := io.WriteString(to, line); err != nil {
				return last, err
			}
			if at.After(last) {
				last = at
			}
		}
		if end != nil {
			return last, nil
		}
	}
}
