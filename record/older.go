package record

import "strings"

// olderEffect is the effect of a fault in a record of before faults declared their own, by
// the name that it had then.
func olderEffect(name string) Effect {
	name, _, _ = strings.Cut(name, " ")
	if component, rest, ok := strings.Cut(name, "-down"); ok && (component == "etcd" || strings.HasPrefix(component, "kube-")) {
		switch {
		case rest != "-loss":
			return Effect{Kind: ComponentAway, Away: component}
		case component == "etcd" || component == "kube-apiserver":
			return Effect{Kind: PodsRestarted, Away: component}
		default:
			return Effect{Kind: PodsReplaced, Away: component}
		}
	}
	return olderEffects[name]
}

var olderEffects = map[string]Effect{
	"pod-delete":        {Kind: PodsReplaced},
	"pod-kill":          {Kind: PodsKilled},
	"pod-crash":         {Kind: PodsRestarted},
	"pod-freeze":        {Kind: PodsHeld},
	"pod-liveness":      {Kind: PodsRestarted},
	"pod-relabel":       {Kind: PodsUnlisted},
	"pod-starve":        {Kind: PodsHeld},
	"pod-lossy":         {Kind: PodsHeld},
	"pod-slow":          {Kind: PodsLate},
	"pod-oom":           {Kind: PodsOutOfMemory},
	"replicaset-delete": {Kind: PodsReplaced},

	"node-drain":      {Kind: NodesDrained, Evicts: true},
	"drain-blocked":   {Kind: NodesDrained, Evicts: true},
	"node-down":       {Kind: NodesNotReady},
	"node-cut":        {Kind: NodesNotReady},
	"kubelet-down":    {Kind: NodesNotReady},
	"containerd-down": {Kind: NodesNotReady},
	"node-reboot":     {Kind: NodesRebooted},
	"node-pressure":   {Kind: PodsEvicted},
	"node-full":       {Kind: NodesFull},
	"node-join":       {Kind: NodesReplaced, Evicts: true},

	"rollout":        {Kind: PodsReplaced, Updates: true},
	"rollout-slow":   {Kind: PodsReplaced, Updates: true},
	"rollout-kill":   {Kind: PodsReplaced, Updates: true},
	"rollout-evict":  {Kind: PodsReplaced, Updates: true, Evicts: true},
	"rollout-broken": {Kind: VersionBroken, Updates: true},
	"rollout-crash":  {Kind: VersionBroken, Updates: true},
	"rollout-500":    {Kind: VersionBroken, Updates: true},
	"config-change":  {Kind: PodsReplaced, Updates: true},
	"config-broken":  {Kind: VersionBroken, Updates: true},
	"scale":          {Kind: ReplicasScaled},

	"dns-kill":    {Kind: ComponentAway, Away: DNS},
	"dns-rollout": {Kind: ComponentAway, Away: DNS},
	"dns-slow":    {Kind: ComponentAway, Away: DNS},
}
