package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate/load"
	"hagate/record"
	"hagate/reports"
	"hagate/target"
	"hagate/watch"
)

const debugWait = 30 * time.Second // for a debug container to print something

// LooksAtLogs finds, for each Pod that the scenario hit, that its log was kept and
// that the cluster no longer has it.
func (r *Run) LooksAtLogs(ctx context.Context) error {
	want := record.Say("the log of every deleted Pod is in the run's folder, and no longer in the cluster")
	var lost, kept []record.Text
	for _, v := range r.podsHit {
		files, err := filepath.Glob(filepath.Join(r.Dir, reports.LogDir, watch.LogFile(v.Name, "*")))
		if err != nil {
			return err
		}
		size := int64(0)
		for _, f := range files {
			if info, err := os.Stat(f); err == nil {
				size += info.Size()
			}
		}
		there, err := r.hasLog(ctx, v)
		switch {
		case err != nil:
			return err
		case size == 0:
			lost = append(lost, record.Say("%s logged nothing to its standard output or error: what it wrote elsewhere is gone with it", v.Name))
		case there:
			lost = append(lost, record.Say("%s still has its log in the cluster, so it has not gone", v.Name))
		default:
			kept = append(kept, record.Say("%s: %d bytes kept, and the cluster has none", v.Name, size))
		}
	}
	if len(kept)+len(lost) == 0 {
		return errors.New("no Pod was hit, so there is no log to look for")
	}
	return r.Found(want, record.Join("; ", append(lost, kept...)...), len(lost), record.AtMost(0))
}

// hasLog says whether the cluster has a log of a Pod, and not of another one of its name,
// which a StatefulSet makes.
func (r *Run) hasLog(ctx context.Context, v record.Victim) (bool, error) {
	pods := r.destructive.CoreV1().Pods(v.Namespace)
	p, err := pods.Get(ctx, v.Name, metav1.GetOptions{})
	if err == nil && string(p.UID) == v.UID {
		_, err = pods.GetLogs(v.Name, &corev1.PodLogOptions{}).DoRaw(ctx)
	} else if err == nil {
		return false, nil
	}
	if err != nil && !apierrors.IsNotFound(err) {
		return false, fmt.Errorf("asking for the log of Pod %s/%s: %w", v.Namespace, v.Name, err)
	}
	return err == nil, nil
}

// LooksAtSpread finds that the loss of any one node leaves at least half of the Pods
// that serve, and one in any case.
func (r *Run) LooksAtSpread(context.Context) error {
	pods, err := r.AllPods()
	if err != nil {
		return err
	}
	on := places(r.open(), pods)
	most := 0
	for _, n := range on {
		most = max(most, n)
	}
	keep := max(1, len(pods)/2)
	want := record.Say("any node may be lost and at least %d of %d Pods remain", keep, len(pods))
	return r.Found(want, record.Say("%s (skew %d)", counted(on), skew(on)), len(pods)-most, record.AtLeast(keep))
}

// LooksAtNames finds that the Service is reached by its names: the short one from its
// own namespace, and every longer one from there and from another.
func (r *Run) LooksAtNames(ctx context.Context) error {
	want := record.Say("every name of the Service leads to it, from its own namespace and from another")
	w, s := r.target.Spec.Workload, r.target.Spec.Service
	var urls []string
	for _, suffix := range []string{"", "." + w.Namespace, "." + w.Namespace + ".svc", "." + w.Namespace + ".svc.cluster.local"} {
		urls = append(urls, fmt.Sprintf("http://%s%s:%d%s", s.Name, suffix, s.Port, r.plan.Requests[0].Path))
	}
	own, err := r.askFrom(ctx, w.Namespace, urls)
	if err != nil {
		return err
	}
	other, err := r.askFrom(ctx, r.namespace(), urls[1:])
	if err != nil {
		return err
	}
	var wrong []record.Text
	for from, answers := range map[string]map[string]string{w.Namespace: own, r.namespace(): other} {
		for url, got := range answers {
			if got != fmt.Sprint(r.plan.Requests[0].Status) {
				wrong = append(wrong, record.Say("%s from namespace %s: %s", url, from, record.Words(got).Or(record.Say("no answer"))))
			}
		}
	}
	slices.SortFunc(wrong, func(a, b record.Text) int { return strings.Compare(a.String(), b.String()) })
	return r.Found(want, record.Join("; ", wrong...).Or(record.Say("%s, and all but the short one from another namespace", strings.Join(urls, ", "))), len(wrong), record.AtMost(0))
}

// askFrom makes the target's first request to each URL once from a Pod of its own in
// namespace, and returns what came of it: a status or an error's text.
func (r *Run) askFrom(ctx context.Context, namespace string, urls []string) (map[string]string, error) {
	name := "hagate-" + r.ID + "-names"
	pods := r.destructive.CoreV1().Pods(namespace)
	pod := load.PodManifest(namespace, name, r.AgentImage(), r.Home())
	call, err := json.Marshal(r.plan.Requests[0])
	if err != nil {
		return nil, fmt.Errorf("encoding the request: %w", err)
	}
	pod.Spec.Containers[0].Command = append([]string{"/agent", "ask", "--call", string(call)}, urls...)
	if err := r.creatingObject(target.Object{APIVersion: "v1", Kind: "Pod", Namespace: namespace, Name: name}); err != nil {
		return nil, err
	}
	if _, err := pods.Create(ctx, pod, metav1.CreateOptions{}); err != nil {
		return nil, fmt.Errorf("creating Pod %s/%s: %w", namespace, name, err)
	}
	ended := r.waitAsking(ctx, time.Minute, func() bool {
		p, err := pods.Get(ctx, name, metav1.GetOptions{})
		return err == nil && (p.Status.Phase == corev1.PodSucceeded || p.Status.Phase == corev1.PodFailed)
	})
	text, err := pods.GetLogs(name, &corev1.PodLogOptions{}).DoRaw(ctx)
	if !ended || err != nil {
		return nil, fmt.Errorf("waiting for Pod %s/%s: ended %t: %w", namespace, name, ended, err)
	}
	if err := pods.Delete(ctx, name, metav1.DeleteOptions{GracePeriodSeconds: new(int64)}); err != nil {
		return nil, fmt.Errorf("deleting Pod %s/%s: %w", namespace, name, err)
	}
	got := map[string]string{}
	for _, url := range urls {
		got[url] = ""
	}
	for line := range strings.Lines(string(text)) {
		if url, answer, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			got[url] = answer
		}
	}
	return got, nil
}

// LooksAtConfig finds that every Pod that serves has line in its configuration.
func (r *Run) LooksAtConfig(ctx context.Context, line string) error {
	want := record.Say("every Pod has the new configuration")
	container, file, ok := r.target.ConfigFile()
	if !ok {
		return errors.New("the target's configuration is mounted nowhere")
	}
	pods, err := r.AllPods()
	if err != nil {
		return err
	}
	var got []record.Text
	old := 0
	for _, v := range pods {
		var out bytes.Buffer
		err := load.PodExec(r.rest, r.destructive, v.Namespace, v.Name, container)(ctx, nil, &out, "cat", file)
		switch {
		case load.NotInImage(err):
			return fmt.Errorf("reading %s in Pod %s: its image has no cat, so what it took cannot be told: leave spec.config out of the target: %w", file, v.Name, err)
		case err != nil:
			return fmt.Errorf("reading %s in Pod %s: %w", file, v.Name, err)
		case strings.Contains(out.String(), line):
			got = append(got, record.Say("%s has it", v.Name))
		default:
			old++
			got = append(got, record.Say("%s has the old one", v.Name))
		}
	}
	return r.Found(want, record.Join(", ", got...), old, record.AtMost(0))
}

// LooksInside finds that a command runs in a Pod that serves: a shell of its own
// through the exec API, or where its image has none an ephemeral container beside it.
func (r *Run) LooksInside(ctx context.Context) error {
	want := record.Say("a command runs in a serving Pod, and what it prints comes back")
	v, err := r.PickPod()
	if err != nil {
		return err
	}
	pod, err := r.destructive.CoreV1().Pods(v.Namespace).Get(ctx, v.Name, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("looking into Pod %s/%s: %w", v.Namespace, v.Name, err)
	}
	first := pod.Spec.Containers[0].Name
	var out bytes.Buffer
	shell := load.PodExec(r.rest, r.destructive, v.Namespace, v.Name, first)(ctx, nil, &out, "sh", "-c", "echo $((6*7))")
	printed := strings.TrimSpace(out.String())
	if shell == nil {
		return r.Found(want, record.Say("a shell in container %s of Pod %s printed %q", first, v.Name, printed), count(printed == "42"), record.AtLeast(1))
	}
	printed, err = r.debug(ctx, pod, first)
	if err != nil {
		return r.Found(want, record.Say("Pod %s: no shell (%v) and no debug container (%v)", v.Name, shell, err), 0, record.AtLeast(1))
	}
	return r.Found(want, record.Say("container %s of Pod %s has no shell; a debug container beside it ran and printed %q", first, v.Name, printed), 1, record.AtLeast(1))
}

// debug runs the load agent's image as an ephemeral container in the process namespace
// of container, as `kubectl debug --target` does, and returns the first line of what it
// printed. Such a container stays in its Pod, and goes with it.
func (r *Run) debug(ctx context.Context, pod *corev1.Pod, container string) (string, error) {
	pods := r.destructive.CoreV1().Pods(pod.Namespace)
	name := "hagate-" + r.ID
	pod.Spec.EphemeralContainers = append(pod.Spec.EphemeralContainers, corev1.EphemeralContainer{
		TargetContainerName: container,
		EphemeralContainerCommon: corev1.EphemeralContainerCommon{
			Name: name, Image: r.AgentImage(), ImagePullPolicy: corev1.PullIfNotPresent,
			SecurityContext: load.Restricted(),
		},
	})
	if _, err := pods.UpdateEphemeralContainers(ctx, pod.Name, pod, metav1.UpdateOptions{}); err != nil {
		return "", err
	}
	printed := ""
	if !r.waitAsking(ctx, debugWait, func() bool {
		text, err := pods.GetLogs(pod.Name, &corev1.PodLogOptions{Container: name}).DoRaw(ctx)
		printed, _, _ = strings.Cut(string(text), "\n")
		return err == nil && printed != ""
	}) {
		return "", fmt.Errorf("it printed nothing within %s", debugWait)
	}
	return printed, nil
}

// count is 1 for what is so, and 0 for what is not.
func count(so bool) int {
	if so {
		return 1
	}
	return 0
}
