//go:build e2e

package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"hagate/cluster"
	"hagate/cluster/engine"
	"hagate/verdict"
)

// moments of a scenario's life, by the line that is printed when it gets there, and what
// it has changed in the cluster by then, for seconds to come.
var moments = []struct{ name, scenario, line, leaves string }{
	{"drain", "node-drain", "evicting pod", "unschedulable true"},
	{"agents going up", "node-drain", "hagate: service ready", "namespace nginx"},
	{"recovery", "scale", "scale: recovery", "Deployment nginx/nginx01, 6 replicas"},
}

func TestInterruptedRunPutsEverythingBack(t *testing.T) {
	for _, m := range shortly(moments) {
		t.Run(m.name, func(t *testing.T) {
			before := found(t)
			g := start(t, m.scenario)
			g.waitLine(t, m.line)
			g.signal(syscall.SIGINT)
			r := g.finish(t)
			if r.code == 0 || r.verdict.Result != verdict.Invalid {
				t.Errorf("exit code %d, %s: %s", r.code, r.verdict.Result, r.verdict.Reason)
			}
			same(t, before, found(t))
		})
	}
}

func TestKilledRunIsRecovered(t *testing.T) {
	for _, m := range shortly(moments) {
		t.Run(m.name, func(t *testing.T) {
			before := found(t)
			g := start(t, m.scenario)
			g.waitLine(t, m.line)
			g.signal(syscall.SIGKILL)
			g.drain()
			if left := strings.Join(found(t), "\n"); !strings.Contains(left, m.leaves) {
				t.Errorf("nothing to recover: no %q in\n%s", m.leaves, left)
			}
			if out, err := hagate("recover"); err != nil {
				t.Errorf("hagate recover: %v\n%s", err, out)
			}
			same(t, before, found(t))
		})
	}
}

// What a fault does to a node or to the control plane is in the journal as well.
func TestKilledFaultsOnNodesAreRecovered(t *testing.T) {
	for _, f := range shortly([]struct{ scenario, line string }{
		{scenario: "kube-apiserver-down"}, {scenario: "node-down"}, {scenario: "node-cut"}, {scenario: "node-pressure"},
		{scenario: "dns-slow"}, {scenario: "node-full"}, {scenario: "node-join", line: "has left the cluster"},
	}) {
		t.Run(f.scenario, func(t *testing.T) {
			before := found(t)
			g := start(t, f.scenario)
			g.waitLine(t, cmp.Or(f.line, f.scenario+": fault"))
			time.Sleep(5 * time.Second) // nothing is printed between the deed and its effect
			g.signal(syscall.SIGKILL)
			g.drain()
			if out, err := hagate("recover"); err != nil {
				t.Errorf("hagate recover: %v\n%s", err, out)
			}
			same(t, before, found(t))
		})
	}
}

// A cluster that is half made has no API to ask: only the engine knows of it.
func TestHalfMadeClusterIsDeleted(t *testing.T) {
	for _, s := range shortly([]syscall.Signal{syscall.SIGKILL, syscall.SIGINT}) {
		t.Run(s.String(), func(t *testing.T) {
			before := containers(t)
			apart := "HAGATE_STATE=" + t.TempDir()
			g := start(t, "node-drain", "KEEP=0", apart)
			g.waitLine(t, "hagate: kind: ✓ Preparing nodes")
			g.signal(s)
			g.drain()
			if out, err := hagateWith([]string{apart}, "recover"); err != nil {
				t.Errorf("hagate recover: %v\n%s", err, out)
			}
			same(t, before, containers(t))
		})
	}
}

// A cluster that another run has, from whatever machine, is left alone.
func TestTakenClusterIsRefused(t *testing.T) {
	const holder = "run 1 on ci-7"
	client := kept(t)
	if err := cluster.TakeLease(t.Context(), client, holder); err != nil {
		t.Fatal(err)
	}
	defer cluster.EndLease(context.Background(), client, holder)
	before, kubeconfig := found(t), keptKubeconfigs()[0]
	r := start(t, "pod-delete", "KUBECONFIG="+kubeconfig, "CONTEXT=kind-"+filepath.Base(filepath.Dir(kubeconfig))).finish(t)
	if r.code == 0 || r.verdict.Result != verdict.Invalid || !strings.Contains(r.verdict.Reason.String(), holder) {
		t.Errorf("exit code %d, %s: %s", r.code, r.verdict.Result, r.verdict.Reason)
	}
	same(t, before, found(t))
}

// The second Ctrl-C does not wait for anything; the journal remembers.
func TestSecondInterruptLeavesItToTheJournal(t *testing.T) {
	notShort(t)
	before := found(t)
	g := start(t, "node-drain")
	g.waitLine(t, "node-drain: fault")
	g.signal(syscall.SIGINT)
	g.waitLine(t, "First interrupt received")
	g.signal(syscall.SIGINT)
	g.drain()
	if out, err := hagate("recover"); err != nil {
		t.Errorf("hagate recover: %v\n%s", err, out)
	}
	same(t, before, found(t))
}

// found is what a run may change: namespaces, nodes, Deployments and a load balancer of the
// shared cluster, and the engine's containers, volumes and networks.
func found(t *testing.T) []string {
	t.Helper()
	cs, all := kept(t), containers(t)
	for _, ns := range must(cs.CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})).Items {
		all = append(all, "namespace "+ns.Name)
	}
	for _, n := range must(cs.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})).Items {
		all = append(all, fmt.Sprintf("node %s, unschedulable %t, taints %v, labels %v", n.Name, n.Spec.Unschedulable, n.Spec.Taints, n.Labels))
		all = append(all, fmt.Sprintf("on node %s: %s", n.Name, changedOn(t, n.Name)))
	}
	var definitions metav1.PartialObjectMetadataList
	text := must(cs.Discovery().RESTClient().Get().AbsPath("/apis/apiextensions.k8s.io/v1/customresourcedefinitions").DoRaw(t.Context()))
	if err := json.Unmarshal(text, &definitions); err != nil {
		t.Fatal(err)
	}
	for _, d := range definitions.Items {
		all = append(all, "CustomResourceDefinition "+d.Name)
	}
	for _, r := range must(cs.RbacV1().ClusterRoles().List(t.Context(), metav1.ListOptions{})).Items {
		all = append(all, "ClusterRole "+r.Name)
	}
	for _, w := range must(cs.AdmissionregistrationV1().ValidatingWebhookConfigurations().List(t.Context(), metav1.ListOptions{})).Items {
		all = append(all, "webhook "+w.Name)
	}
	for _, l := range must(cs.CoordinationV1().Leases(metav1.NamespaceDefault).List(t.Context(), metav1.ListOptions{})).Items {
		all = append(all, "Lease default/"+l.Name)
	}
	for _, d := range must(cs.AppsV1().Deployments(metav1.NamespaceAll).List(t.Context(), metav1.ListOptions{})).Items {
		all = append(all, fmt.Sprintf("Deployment %s/%s, %d replicas, annotated %v", d.Namespace, d.Name, *d.Spec.Replicas, d.Spec.Template.Annotations))
	}
	return append(all, "kubeconfig "+string(must(os.ReadFile(os.Getenv("KUBECONFIG")))))
}

// kept is the shared cluster, made where there is none yet.
func kept(t *testing.T) kubernetes.Interface {
	t.Helper()
	kubeconfigs := keptKubeconfigs()
	if len(kubeconfigs) == 0 {
		start(t, "node-drain").drain() // makes the cluster
		kubeconfigs = keptKubeconfigs()
	}
	if len(kubeconfigs) != 1 {
		t.Fatalf("want one kept cluster: %v", kubeconfigs)
	}
	return kubernetes.NewForConfigOrDie(must(clientcmd.BuildConfigFromFlags("", kubeconfigs[0])))
}

func keptKubeconfigs() []string {
	return must(filepath.Glob(filepath.Join(state, "clusters", "*", "kubeconfig")))
}

// changedOn is what of a fault there is on a node.
func changedOn(t *testing.T, node string) string {
	t.Helper()
	const look = `systemctl is-active kubelet containerd
nft list tables | grep hagate
tc qdisc show | grep -o 'netem\|tbf'
systemctl list-units --plain --no-legend 'hagate-*'
ls /var/lib/kubelet/hagate-* /etc/kubernetes/hagate-* 2>/dev/null
true`
	out, err := must(engine.Find(t.Context())).Run(t.Context(), "exec", node, "sh", "-c", look)
	return fmt.Sprintf("%q %v", out, err)
}

func containers(t *testing.T) []string {
	t.Helper()
	eng := must(engine.Find(t.Context()))
	var all []string
	for _, list := range [][]string{{"ps", "--all", "--format", "container {{.Names}} {{.State}}"}, {"volume", "ls", "--format", "volume {{.Name}}"}, {"network", "ls", "--format", "network {{.Name}}"}} {
		all = append(all, strings.Split(strings.TrimSpace(string(must(eng.Run(t.Context(), list...)))), "\n")...)
	}
	slices.Sort(all)
	return all
}

func same(t *testing.T, before, after []string) {
	t.Helper()
	for _, s := range after {
		if !slices.Contains(before, s) {
			t.Errorf("left behind: %s", s)
		}
	}
	for _, s := range before {
		if !slices.Contains(after, s) {
			t.Errorf("gone: %s", s)
		}
	}
}
