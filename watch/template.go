package watch

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/klog/v2"
	"mvdan.cc/sh/v3/syntax"

	"hagate/record"
)

// defaultShare is Kubernetes' default for the surge and the unavailable Pods of a
// Deployment's rolling update.
const defaultShare = "25%"

// defaultLostFor is how many seconds a Pod stays on a lost node that does not say so.
// https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
const defaultLostFor = 300

func ofDeployment(d *appsv1.Deployment) record.Template {
	t := templateOf(d.Namespace, d.Spec.Replicas, d.Spec.Template)
	t.Paused = d.Spec.Paused
	t.Strategy = cmp.Or(string(d.Spec.Strategy.Type), string(appsv1.RollingUpdateDeploymentStrategyType))
	if t.Strategy == string(appsv1.RollingUpdateDeploymentStrategyType) {
		t.MaxSurge, t.MaxUnavailable = defaultShare, defaultShare
		if u := d.Spec.Strategy.RollingUpdate; u != nil {
			t.MaxSurge, t.MaxUnavailable = amount(u.MaxSurge, defaultShare), amount(u.MaxUnavailable, defaultShare)
		}
	}
	return t
}

func ofStatefulSet(d *appsv1.StatefulSet) record.Template {
	t := templateOf(d.Namespace, d.Spec.Replicas, d.Spec.Template)
	t.Volumes = t.Volumes || len(d.Spec.VolumeClaimTemplates) > 0
	t.Strategy = cmp.Or(string(d.Spec.UpdateStrategy.Type), string(appsv1.RollingUpdateStatefulSetStrategyType))
	if t.Strategy == string(appsv1.RollingUpdateStatefulSetStrategyType) {
		t.MaxUnavailable = "1"
		if u := d.Spec.UpdateStrategy.RollingUpdate; u != nil {
			t.MaxUnavailable = amount(u.MaxUnavailable, "1")
		}
	}
	return t
}

func amount(n *intstr.IntOrString, unset string) string {
	if n == nil {
		return unset
	}
	return n.String()
}

// templateOf is what Deployments and StatefulSets have in common.
func templateOf(namespace string, replicas *int32, pod corev1.PodTemplateSpec) record.Template {
	t := record.Template{Replicas: 1, Grace: corev1.DefaultTerminationGracePeriodSeconds, NodeSelector: maps.Clone(pod.Spec.NodeSelector), Containers: []record.Container{}}
	if replicas != nil {
		t.Replicas = int(*replicas)
	}
	if g := pod.Spec.TerminationGracePeriodSeconds; g != nil {
		t.Grace = int(*g)
	}
	for _, c := range pod.Spec.Containers {
		t.Containers = append(t.Containers, containerOf(c))
	}
	var near bool
	t.Apart, near = apart(namespace, pod)
	t.Spread = near || slices.ContainsFunc(pod.Spec.TopologySpreadConstraints, func(c corev1.TopologySpreadConstraint) bool {
		return selects(c.LabelSelector, pod.Labels)
	})
	if a := pod.Spec.Affinity; a != nil && a.NodeAffinity != nil {
		t.NodeAffinity = a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution != nil
	}
	t.Volumes = slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool {
		return v.PersistentVolumeClaim != nil || v.Ephemeral != nil
	})
	t.LostFor, t.Tolerates = lostFor(pod.Spec.Tolerations), len(pod.Spec.Tolerations) > 0
	return t
}

// lostFor is the longer of what a Pod stays for under the two taints of a lost node: of each
// the shortest toleration, and for ever where none has an end.
func lostFor(all []corev1.Toleration) (longest int) {
	for _, key := range []string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable} {
		stays, tolerated := -1, false
		for _, t := range all {
			if !t.ToleratesTaint(klog.Background(), &corev1.Taint{Key: key, Effect: corev1.TaintEffectNoExecute}, false) {
				continue
			}
			tolerated = true
			if s := t.TolerationSeconds; s != nil && (stays < 0 || int(*s) < stays) {
				stays = max(0, int(*s))
			}
		}
		if !tolerated {
			stays = defaultLostFor
		}
		if stays < 0 {
			return stays
		}
		longest = max(longest, stays)
	}
	return longest
}

// apart are the topology keys of the required anti-affinity of a Pod to others of its
// kind, and whether there is any, required or preferred.
func apart(namespace string, pod corev1.PodTemplateSpec) (keys []string, any bool) {
	if pod.Spec.Affinity == nil || pod.Spec.Affinity.PodAntiAffinity == nil {
		return nil, false
	}
	itself := func(term corev1.PodAffinityTerm) bool {
		here := len(term.Namespaces) == 0 && term.NamespaceSelector == nil || slices.Contains(term.Namespaces, namespace) ||
			term.NamespaceSelector != nil && len(term.NamespaceSelector.MatchLabels)+len(term.NamespaceSelector.MatchExpressions) == 0
		return here && selects(term.LabelSelector, pod.Labels)
	}
	for _, term := range pod.Spec.Affinity.PodAntiAffinity.RequiredDuringSchedulingIgnoredDuringExecution {
		if itself(term) && !slices.Contains(keys, term.TopologyKey) {
			keys = append(keys, term.TopologyKey)
		}
	}
	slices.Sort(keys)
	any = len(keys) > 0 || slices.ContainsFunc(pod.Spec.Affinity.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution,
		func(w corev1.WeightedPodAffinityTerm) bool { return itself(w.PodAffinityTerm) })
	return keys, any
}

func selects(s *metav1.LabelSelector, pod labels.Set) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && selector.Matches(pod)
}

func containerOf(c corev1.Container) record.Container {
	r := record.Container{
		Name: c.Name, Image: c.Image,
		Shell:     staysShell(slices.Concat(c.Command, c.Args)),
		Readiness: probeOf(c.ReadinessProbe), Liveness: probeOf(c.LivenessProbe), Startup: probeOf(c.StartupProbe),
		Requests: amounts(c.Resources.Requests), Limits: amounts(c.Resources.Limits),
	}
	for _, p := range c.Ports {
		r.Ports = append(r.Ports, record.Port{Name: p.Name, Number: int(p.ContainerPort)})
	}
	if c.Lifecycle != nil && c.Lifecycle.PreStop != nil {
		switch h := c.Lifecycle.PreStop; {
		case h.Sleep != nil:
			r.PreStop, r.PreStopSleep = "sleep", float64(h.Sleep.Seconds)
		case h.Exec != nil:
			r.PreStop, r.PreStopSleep = "exec", slept(h.Exec.Command)
		case h.HTTPGet != nil:
			r.PreStop = "httpGet"
		}
	}
	return r
}

func amounts(list corev1.ResourceList) (a record.Amounts) {
	if q, ok := list[corev1.ResourceCPU]; ok {
		a.CPU = q.String()
	}
	if q, ok := list[corev1.ResourceMemory]; ok {
		a.Memory = q.String()
	}
	return a
}

func probeOf(p *corev1.Probe) *record.Probe {
	if p == nil {
		return nil
	}
	r := &record.Probe{
		Delay:     int(p.InitialDelaySeconds),
		Period:    int(cmp.Or(p.PeriodSeconds, 10)),
		Timeout:   int(cmp.Or(p.TimeoutSeconds, 1)),
		Failures:  int(cmp.Or(p.FailureThreshold, 3)),
		Successes: int(cmp.Or(p.SuccessThreshold, 1)),
	}
	switch {
	case p.HTTPGet != nil:
		r.Asks = fmt.Sprintf("GET %s on port %s", cmp.Or(p.HTTPGet.Path, "/"), p.HTTPGet.Port.String())
	case p.TCPSocket != nil:
		r.Asks = "TCP port " + p.TCPSocket.Port.String()
	case p.GRPC != nil:
		r.Asks = fmt.Sprintf("gRPC port %d", p.GRPC.Port)
	case p.Exec != nil:
		r.Asks = "a command"
	}
	return r
}

var shells = []string{"sh", "ash", "bash", "dash", "ksh", "zsh"}

// staysShell says whether a container that starts with these words has a shell for its
// first process that stays: one with a script in a file, or with a script on its command
// line whose last command is no exec. A script of one simple command stays no shell: bash,
// dash (from 0.5.11) and BusyBox hand themselves over to it. One that traps a signal hands
// it on, as far as the manifest shows. What an image's own entrypoint does is not known, nor
// what a script in a file does, nor what is behind another first word (tini, env).
func staysShell(command []string) bool {
	script, file := scriptOf(command)
	if script == "" {
		return file
	}
	parsed, err := syntax.NewParser().Parse(strings.NewReader(script), "")
	if err != nil || len(parsed.Stmts) == 0 {
		return false
	}
	trapped := false
	syntax.Walk(parsed, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.CallExpr); ok {
			trapped = trapped || word(c, 0) == "trap"
		}
		return true
	})
	last, alone := lastCall(parsed.Stmts)
	return !trapped && !(last != nil && (alone || word(last, 0) == "exec"))
}

// scriptOf is the script that a shell is given with -c, or whether it is given one in a
// file.
func scriptOf(command []string) (script string, file bool) {
	if len(command) > 0 && path.Base(command[0]) == "busybox" {
		command = command[1:]
	}
	if len(command) == 0 || !slices.Contains(shells, path.Base(command[0])) {
		return "", false
	}
	inline := false
	for i := 1; i < len(command); i++ {
		option := command[i]
		if !strings.HasPrefix(option, "-") && !strings.HasPrefix(option, "+") {
			if inline {
				return option, false
			}
			return "", true
		}
		if strings.HasPrefix(option, "--") {
			continue
		}
		inline = inline || strings.Contains(option, "c")
		if strings.HasSuffix(option, "o") { // -o pipefail, -eo pipefail
			i++
		}
	}
	return "", false
}

// lastCall is the simple command that a script ends with in the foreground, nil where it
// ends with another kind, and whether that is all of the script.
func lastCall(stmts []*syntax.Stmt) (call *syntax.CallExpr, alone bool) {
	last := stmts[len(stmts)-1]
	if last.Background || last.Negated {
		return nil, false
	}
	switch c := last.Cmd.(type) {
	case *syntax.CallExpr:
		return c, len(stmts) == 1
	case *syntax.BinaryCmd:
		if c.Op == syntax.AndStmt || c.Op == syntax.OrStmt {
			call, _ = lastCall([]*syntax.Stmt{c.Y})
		}
	case *syntax.Block:
		call, _ = lastCall(c.Stmts)
	}
	return call, false
}

// word is a call's word with index i, empty where it is not there or not literal.
func word(c *syntax.CallExpr, i int) string {
	if i >= len(c.Args) {
		return ""
	}
	return c.Args[i].Lit()
}

// slept is how many seconds a command sleeps for sure: itself, or the commands that its
// script runs one after the other.
func slept(command []string) (seconds float64) {
	if len(command) > 1 && path.Base(command[0]) == "sleep" {
		return naps(command[1:])
	}
	script, _ := scriptOf(command)
	parsed, err := syntax.NewParser().Parse(strings.NewReader(script), "")
	if err != nil {
		return 0
	}
	var run func(*syntax.Stmt)
	run = func(s *syntax.Stmt) {
		switch c := s.Cmd.(type) {
		case *syntax.CallExpr:
			if path.Base(word(c, 0)) == "sleep" && !s.Background {
				var args []string
				for i := 1; i < len(c.Args); i++ {
					args = append(args, word(c, i))
				}
				seconds += naps(args)
			}
		case *syntax.BinaryCmd:
			if run(c.X); c.Op == syntax.AndStmt {
				run(c.Y)
			}
		}
	}
	for _, s := range parsed.Stmts {
		run(s)
	}
	return seconds
}

// naps adds up what sleep is told: numbers of seconds, or with a unit.
func naps(args []string) (seconds float64) {
	for _, a := range args {
		if n, err := strconv.ParseFloat(a, 64); err == nil {
			seconds += n
		} else if d, err := time.ParseDuration(a); err == nil {
			seconds += d.Seconds()
		}
	}
	return seconds
}
