package record

// EffectKind is what shows of a fault.
type EffectKind string

// The kinds of effects.
const (
	PodsReplaced    EffectKind = "Pods replaced"           // they are told to go and end with their grace, and others come
	PodsKilled      EffectKind = "Pods killed"             // they end at once and are deleted, and others come
	PodsRestarted   EffectKind = "Pods restarted"          // their containers end and are started again in place
	PodsOutOfMemory EffectKind = "Pods out of memory"      // so, because they took more than they may
	PodsHeld        EffectKind = "Pods held up"            // they are there, and answer late, in part or not at all
	PodsLate        EffectKind = "Pods late"               // they answer, and clients see how late
	PodsUnlisted    EffectKind = "Pods out of the Service" // they run on, and the Service no longer leads to them
	PodsEvicted     EffectKind = "Pods evicted"            // by the kubelet, which asks no budget

	NodesDrained  EffectKind = "nodes drained"   // cordoned, and their Pods told to go
	NodesNotReady EffectKind = "nodes not ready" // the cluster no longer hears of them
	NodesRebooted EffectKind = "nodes rebooted"  // their Pods start again in place, or are given up
	NodesFull     EffectKind = "nodes full"      // no Pod is placed there
	NodesReplaced EffectKind = "nodes replaced"  // they leave the cluster and join again

	VersionBroken  EffectKind = "version broken"  // a version comes up that does not work
	ReplicasScaled EffectKind = "replicas scaled" // the workload declares another number of them
	ComponentAway  EffectKind = "component away"  // of the cluster; no Pod of the service is hit
)

// DNS is the component of the cluster that resolves names, as Effect.Away.
const DNS = "DNS"

// Effect is what a fault does. What proves a fault, when the service has recovered from it
// and what can have failed by it go by this and never by the fault's name.
type Effect struct {
	Kind    EffectKind `json:"kind,omitempty"`
	Evicts  bool       `json:"evicts,omitempty"`  // it asks the API server for evictions
	Updates bool       `json:"updates,omitempty"` // the workload gets another version or configuration
	Away    string     `json:"away,omitempty"`    // the component that is taken away or held up: etcd, DNS …
}
