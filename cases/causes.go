package cases

import "go.yaml.in/yaml/v3"

// CauseIDs are the causes that a case may have, by the name of the rule of package
// verdict that names each.
var CauseIDs = []string{
	"answers-5xx-on-term", "blocked-by-budget", "budgets-overlap", "cpu-throttled", "crash-loop", "depends-on-control-plane",
	"depends-on-dns", "evicted", "external-traffic-policy", "idle-timeout-race", "image-not-pulled", "internal-traffic-policy",
	"killed-at-grace-end", "liveness-kills", "never-ready", "no-budget", "no-readiness-probe", "nobody-left", "oom-killed",
	"publishes-not-ready", "quota-exceeded", "readiness-fails-under-load", "ready-before-it-serves", "slow-after-start",
	"stale-address", "stops-while-routed", "stray-endpoints", "unschedulable",
}

// Causes are written as one, or as a list of which any is right.
type Causes []string

// UnmarshalYAML reads either.
func (c *Causes) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*c = Causes{n.Value}
		return nil
	}
	var list []string
	err := n.Decode(&list)
	*c = list
	return err
}
