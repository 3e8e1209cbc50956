package verdict

import (
	"maps"
	"slices"
	"strings"

	"hagate/record"
)

// kind is what is to be known of a fault beside what a record says of it. Each fault has
// its own; where one is not in kinds, nothing proves it.
type kind struct {
	// prove says what of the evidence is missing; nothing where the fault is proven.
	prove   func(*facts, *round, record.Fault) []string
	noPod   bool // it is not about Pods that served before
	inPlace bool // its victims are started again in place
	held    bool // and may only be seen to be once it is taken back
	evicts  bool // it asks the API server for evictions
	slows   bool // it makes one of the Pods answer late
	breaks  bool // it has a version come up that does not work
}

var kinds = map[string]kind{
	"pod-delete":        {prove: proveDelete},
	"pod-kill":          {prove: proveKill},
	"pod-crash":         {prove: proveRestart, inPlace: true},
	"pod-freeze":        {prove: proveEvidence},
	"pod-liveness":      {prove: proveRestart, inPlace: true},
	"pod-relabel":       {prove: proveLeft},
	"pod-starve":        {prove: proveEvidence},
	"pod-lossy":         {prove: proveEvidence},
	"pod-slow":          {prove: proveSlow, slows: true},
	"pod-oom":           {prove: proveRestart, inPlace: true},
	"replicaset-delete": {prove: proveDelete},

	"node-drain":      {prove: proveDrain, evicts: true},
	"drain-blocked":   {prove: proveDrain, evicts: true},
	"node-down":       {prove: proveDown},
	"node-cut":        {prove: proveDown},
	"kubelet-down":    {prove: proveDown},
	"containerd-down": {prove: proveDown},
	"node-reboot":     {prove: proveReboot, inPlace: true},
	"node-pressure":   {prove: proveEvicted}, // the kubelet evicts, and asks nobody
	"node-full":       {prove: proveFull},
	"node-join":       {prove: proveJoin, evicts: true},

	"rollout":        {prove: proveDelete},
	"rollout-slow":   {prove: proveDelete},
	"rollout-kill":   {prove: proveDelete},
	"rollout-evict":  {prove: proveDelete, evicts: true},
	"rollout-broken": {prove: proveBroken, noPod: true, breaks: true},
	"rollout-crash":  {prove: proveBroken, noPod: true, breaks: true},
	"rollout-500":    {prove: proveBroken, noPod: true, breaks: true},
	"config-change":  {prove: proveDelete},
	"config-broken":  {prove: proveBroken, noPod: true, breaks: true},
	"scale":          {prove: proveScale, noPod: true},

	"dns-kill":    {prove: proveEvidence, noPod: true},
	"dns-rollout": {prove: proveEvidence, noPod: true},
	"dns-slow":    {prove: proveEvidence, noPod: true},

	"kube-apiserver-down":          {prove: proveEvidence, noPod: true},
	"etcd-down":                    {prove: proveEvidence, noPod: true},
	"kube-scheduler-down":          {prove: proveEvidence, noPod: true},
	"kube-controller-manager-down": {prove: proveEvidence, noPod: true},

	"kube-apiserver-down-loss":          {prove: proveRestart, inPlace: true, held: true},
	"etcd-down-loss":                    {prove: proveRestart, inPlace: true, held: true},
	"kube-scheduler-down-loss":          {prove: proveDelete},
	"kube-controller-manager-down-loss": {prove: proveDelete},
}

// kindOf is that of a fault with a name; without a proof where it is not known.
func kindOf(fault string) kind {
	name, _, _ := strings.Cut(fault, " ")
	return kinds[name]
}

// FaultNames are the names of all faults that are known, sorted.
func FaultNames() []string { return slices.Sorted(maps.Keys(kinds)) }
