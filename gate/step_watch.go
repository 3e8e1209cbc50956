package gate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hagate"
	"hagate/record"
	"hagate/reports"
	"hagate/target"
	"hagate/watch"
)

// startWatch begins the watch and opens the record with what this run is about.
func (r *Run) startWatch(ctx context.Context) error {
	w, s := r.target.Spec.Workload, r.target.Spec.Service
	workload, err := r.target.Live(ctx, r.destructive)
	if err != nil {
		return err
	}
	r.replicas, r.selector, r.away = workload.Replicas, workload.Selector, workload.Away
	version, err := r.destructive.Discovery().ServerVersion()
	if err != nil {
		return fmt.Errorf("asking the cluster's version: %w", err)
	}
	r.minor, _ = strconv.Atoi(strings.TrimRight(version.Minor, "+"))
	if err := r.write(record.Entry{Run: &record.Run{
		Schema: record.SchemaVersion, ID: r.ID, Command: r.Config.Command(), Commit: hagate.Commit(),
		Target: r.target.Metadata.Name, TargetDir: r.Config.Target,
		Workload: fmt.Sprintf("%s %s/%s", w.Kind, w.Namespace, w.Name), Service: fmt.Sprintf("%s/%s:%d", w.Namespace, s.Name, s.Port),
		Replicas: r.replicas, Cluster: r.cluster.Name, Borrowed: r.cluster.Borrowed, Kubernetes: version.GitVersion,
		Images: map[string]string{"agent": r.images.agent.Detail, "node": r.images.node.Detail, "nginx": r.images.nginx.Detail}, Machine: record.Say("%d cores, %s, %s", runtime.NumCPU(), kernel(), r.engineName()),
	}}); err != nil {
		return err
	}
	seen, err := watch.Start(context.WithoutCancel(ctx), r.destructive, watch.Spec{
		Namespace: w.Namespace, Selector: r.selector, WorkloadKind: w.Kind, Workload: w.Name, Service: s.Name, Beside: target.Beside(s.Name), Port: s.Port, Logs: filepath.Join(r.Dir, reports.LogDir)}, r.record)
	if err == nil {
		r.watch = seen
	}
	return err
}

func kernel() string {
	out, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return "kernel " + strings.TrimSpace(string(out))
}

// noteStart keeps what the service and the nodes are like when nothing has been done yet.
func (r *Run) noteStart(ctx context.Context) error {
	r.nodes = map[string]bool{}
	for _, n := range r.watch.Nodes() {
		r.nodes[n.Name] = takesPods(n)
	}
	r.restarts = map[string]int{}
	for _, p := range r.watch.Pods() {
		r.restarts[p.UID] = p.Restarts
	}
	managers, err := r.destructive.CoreV1().Pods(metav1.NamespaceSystem).List(ctx, metav1.ListOptions{LabelSelector: "component=kube-controller-manager"})
	if err != nil {
		managers = &corev1.PodList{} // a borrowed cluster need not show them
	}
	r.grace = nodeGrace(managers.Items, r.minor)
	r.startCPU(ctx)
	return nil
}

func (r *Run) stopWatch(context.Context) error {
	if r.watch != nil {
		r.watch.Stop()
	}
	return nil
}

// closeWait bounds the end of a load that no scenario needs any more.
const closeWait = 10 * time.Second

// endLoad stops what the last scenario left running, and whoever samples the cores meanwhile.
func (r *Run) endLoad(ctx context.Context) (err error) {
	if !r.flowing.IsZero() {
		last, cancel := context.WithTimeout(ctx, closeWait)
		err = r.stopLoad(last)
		cancel()
	}
	if r.stopCPU != nil {
		r.stopCPU()
	}
	return err
}
