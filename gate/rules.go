package gate

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"

	"hagate/record"
)

// LooksAtRules finds that the Pods that serve run where their own rules allow it: node
// selector, node affinity, and affinity and anti-affinity to other Pods. What they only
// prefer is told.
func (r *Run) LooksAtRules(ctx context.Context) error {
	want := record.Say("every Pod runs where its node selector and its required affinities allow it")
	serve, err := r.AllPods()
	if err != nil {
		return err
	}
	nodes, err := r.destructive.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("listing nodes: %w", err)
	}
	pods, err := r.destructive.CoreV1().Pods("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return fmt.Errorf("listing Pods: %w", err)
	}
	own := map[string]bool{}
	for _, v := range serve {
		own[v.UID] = true
	}
	c := placed{nodes: map[string]corev1.Node{}, pods: pods.Items}
	for _, n := range nodes.Items {
		c.nodes[n.Name] = n
	}
	for _, p := range pods.Items {
		if own[string(p.UID)] {
			if err := c.look(p); err != nil {
				return fmt.Errorf("reading the rules of Pod %s/%s: %w", p.Namespace, p.Name, err)
			}
		}
	}
	got := append(c.broken, c.told...)
	if len(c.broken) == 0 {
		got = append([]record.Text{record.Say("%d Pods satisfy %d such rules", len(serve), c.rules)}, got...)
	}
	return r.Found(want, record.Join("; ", got...), len(c.broken), record.AtMost(0))
}

// placed is where Pods are, and what was seen of their rules.
type placed struct {
	nodes  map[string]corev1.Node // by name
	pods   []corev1.Pod           // of all namespaces
	rules  int                    // looked at
	broken []record.Text          // required ones that do not hold
	told   []record.Text          // preferred ones that do not
}

// look holds p up to its own rules.
func (c *placed) look(p corev1.Pod) error {
	node := c.nodes[p.Spec.NodeName]
	a := p.Spec.Affinity
	if a == nil {
		a = &corev1.Affinity{}
	}
	if len(p.Spec.NodeSelector) > 0 || a.NodeAffinity != nil && a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution != nil {
		ok, err := nodeaffinity.GetRequiredNodeAffinity(&p).Match(&node)
		if err != nil {
			return err
		}
		c.found(ok, true, p, record.Say("its node selector or affinity allows another one"))
	}
	if a.NodeAffinity != nil {
		for _, t := range a.NodeAffinity.PreferredDuringSchedulingIgnoredDuringExecution {
			terms, err := nodeaffinity.NewPreferredSchedulingTerms([]corev1.PreferredSchedulingTerm{t})
			if err != nil {
				return err
			}
			c.found(terms.Score(&node) > 0, false, p, record.Say("its node affinity prefers another one"))
		}
	}
	for _, t := range terms(a) {
		near, err := c.near(p, t)
		if err != nil {
			return err
		}
		why := record.Say("it is to share its %s with no other, and does", t.TopologyKey)
		if t.with {
			why = record.Say("it is to share its %s with others, and does not", t.TopologyKey)
		}
		c.found(near == t.with, t.required, p, why)
	}
	return nil
}

func (c *placed) found(ok, required bool, p corev1.Pod, why record.Text) {
	c.rules++
	switch {
	case ok:
	case required:
		c.broken = append(c.broken, record.Say("%s is on %s: %s", p.Name, p.Spec.NodeName, why))
	default:
		c.told = append(c.told, record.Say("%s is on %s: %s (a preference)", p.Name, p.Spec.NodeName, why))
	}
}

// term is an affinity to other Pods (with), or an anti-affinity.
type term struct {
	corev1.PodAffinityTerm
	with, required bool
}

func terms(a *corev1.Affinity) (all []term) {
	if p := a.PodAffinity; p != nil {
		all = append(all, termsOf(true, p.RequiredDuringSchedulingIgnoredDuringExecution, p.PreferredDuringSchedulingIgnoredDuringExecution)...)
	}
	if p := a.PodAntiAffinity; p != nil {
		all = append(all, termsOf(false, p.RequiredDuringSchedulingIgnoredDuringExecution, p.PreferredDuringSchedulingIgnoredDuringExecution)...)
	}
	return all
}

func termsOf(with bool, required []corev1.PodAffinityTerm, preferred []corev1.WeightedPodAffinityTerm) (all []term) {
	for _, t := range required {
		all = append(all, term{t, with, true})
	}
	for _, t := range preferred {
		all = append(all, term{t.PodAffinityTerm, with, false})
	}
	return all
}

// near says whether a Pod that t is about is in p's topology domain. An affinity is kept
// by p itself where it is about itself: the first Pod has to be placed somewhere. Of
// namespaces that are selected by label, all count.
func (c *placed) near(p corev1.Pod, t term) (bool, error) {
	selector, err := metav1.LabelSelectorAsSelector(t.LabelSelector)
	if err != nil {
		return false, err
	}
	in := map[string]bool{}
	for _, n := range t.Namespaces {
		in[n] = true
	}
	if len(in) == 0 && t.NamespaceSelector == nil {
		in[p.Namespace] = true
	}
	domain := c.nodes[p.Spec.NodeName].Labels[t.TopologyKey]
	for _, o := range c.pods {
		other := o.UID != p.UID || t.with
		inside := in[o.Namespace] || t.NamespaceSelector != nil
		if other && inside && o.DeletionTimestamp == nil && o.Spec.NodeName != "" && c.nodes[o.Spec.NodeName].Labels[t.TopologyKey] == domain && selector.Matches(labels.Set(o.Labels)) {
			return true, nil
		}
	}
	return false, nil
}
