package target

// Rule is one thing that is checked of a target before a cluster is touched.
type Rule struct {
	ID    string
	Want  string // of a sound target
	Why   string // it matters
	check func(*Target, *file)
}

// Rules are all rules, in the order in which they are checked.
func Rules() []Rule { return append(append([]Rule{}, reading...), judging...) }

// Rules of reading: what breaks them cannot be judged any further.
const (
	ruleFile     = "target-file"
	ruleManifest = "manifest"
	ruleKind     = "kind"
	ruleSchema   = "schema"
)

var reading = []Rule{
	{ID: ruleFile, Want: "hagate.yaml has known fields with values that can be used.", Why: "A misspelt field would be tested with a default that nobody asked for."},
	{ID: ruleManifest, Want: "Each manifest is a file beside hagate.yaml with objects that have apiVersion, kind and name.", Why: "Nothing can be applied otherwise."},
	{ID: ruleKind, Want: "Kubernetes has each kind under the apiVersion that is given.", Why: "The API server refuses what it does not know. Custom resources are left alone."},
	{ID: ruleSchema, Want: "Each field is one of the API's own types, with a value of its type.", Why: "The API server refuses a wrong type, and drops a misspelt field."},
}

var judging = []Rule{
	{"workload", "The workload is in the manifests and declares replicas.", "It is what the scenarios disturb.", (*Target).checkWorkload},
	{"labels", "The workload's selector fits the labels of its own Pod template.", "The API server refuses the workload otherwise.", (*Target).checkLabels},
	{"rollout", "A rollout of the workload makes Pods, and leaves some to serve meanwhile.", "A paused Deployment makes no Pods of a new version; Recreate takes all old ones away first.", (*Target).checkRollout},
	{"one-replica", "The workload has at least two replicas.", "The loss of the only Pod is an outage.", (*Target).checkReplicas},
	{"service", "The Service has the port and selects the workload's Pods.", "Nobody would be reached otherwise.", (*Target).checkService},
	{"target-port", "The Service's targetPort is one that a container has.", "A Service that leads to a port by a name that no container has has no endpoints, though all Pods are ready.", (*Target).checkTargetPort},
	{"traffic-policy", "The Service sends each client to any ready Pod.", "With the policy Local, a client on a node without a Pod reaches nobody.", (*Target).checkTrafficPolicy},
	{"not-ready", "The Service publishes only Pods that are ready.", "With publishNotReadyAddresses, clients are sent to Pods that have not started and to those that have stopped.", (*Target).checkNotReady},
	{"strays", "The Service selects the Pods of the workload alone.", "Clients are sent to every Pod whose labels fit, also to those of a Job.", (*Target).checkStrays},
	{"probe-port", "Each probe asks on a port that its container has.", "A probe of a port that is not there never succeeds.", (*Target).checkProbePorts},
	{"readiness", "A container of the Pods has a readinessProbe.", "A Pod without one counts as ready the moment its processes run, whether or not they serve.", (*Target).checkReadiness},
	{"grace", "terminationGracePeriodSeconds covers the preStop hook and the shutdown after it.", "What is not done when the grace ends is killed, with the answers that it had begun.", (*Target).checkGrace},
	{"shell", "A shell that is a container's first process hands signals on.", "A first process gets no signal that it has not asked for: the Pod serves until its grace ends, and is then killed with the answers that it had begun.", (*Target).checkShell},
	{"budget-missing", "A PodDisruptionBudget covers the workload.", "Without one, a drain may evict all Pods at once.", (*Target).checkBudgetMissing},
	{"budget-idle", "Each PodDisruptionBudget selects Pods of the manifests.", "One that selects nothing protects nothing.", (*Target).checkBudgetIdle},
	{"budget-blocks", "Each PodDisruptionBudget of the workload allows one eviction.", "A node with such a Pod can never be drained.", (*Target).checkBudgetBlocks},
	{"budget-overlap", "One PodDisruptionBudget alone covers the workload.", "The API server refuses to evict a Pod that two budgets cover.", (*Target).checkBudgetOverlap},
	{"quota", "The namespace's ResourceQuota has room for the replicas and for those that a rollout adds.", "A Pod beyond the quota is refused, and the rollout never ends.", (*Target).checkQuota},
	{"anti-affinity", "Replicas may share a node, or a rollout adds none.", "Required anti-affinity takes a node for each Pod, those that a rollout adds included.", (*Target).checkAntiAffinity},
	{"autoscaler", "No autoscaler changes the replicas while they are judged.", "What is declared could not be told from what the autoscaler has just decided.", (*Target).checkAutoscaler},
	{"config", "The configuration that spec.config names is mounted, and may be changed.", "The scenarios about configuration change it.", (*Target).checkConfig},
	{"data", "spec.data.path is a folder of a container.", "The scenarios about storage write there.", (*Target).checkData},
}
