package target

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	. "github.com/onsi/gomega"
)

// A target that every rule holds on; line numbers matter to the tests.
var sound = map[string]string{
	FileName: `apiVersion: hagate/v1alpha1
kind: Target
metadata: {name: shop}
spec:
  manifests: [deployment.yaml, service.yaml, pdb.yaml, rest.yaml]
  workload: {kind: Deployment, name: web, namespace: shop}
  service: {name: web, port: 80}
  config: {configMap: conf, key: web.conf}
`,
	"deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector:
    matchLabels: {app: web}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: 1
  template:
    metadata:
      labels: {app: web}
    spec:
      terminationGracePeriodSeconds: 30
      containers:
      - name: web
        image: example/web:1
        command: [web, -f]
        ports:
        - {name: http, containerPort: 8080}
        readinessProbe:
          httpGet: {path: /, port: http}
        livenessProbe:
          tcpSocket: {port: 8080}
        lifecycle:
          preStop:
            sleep: {seconds: 8}
        resources:
          requests: {cpu: 50m, memory: 32Mi}
        volumeMounts:
        - {name: conf, mountPath: /etc/web}
      volumes:
      - name: conf
        configMap: {name: conf}
`,
	"service.yaml": `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  type: ClusterIP
  selector: {app: web}
  ports:
  - {port: 80, targetPort: http}
`,
	"pdb.yaml": `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec:
  minAvailable: 2
  selector:
    matchLabels: {app: web}
`,
	"rest.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: conf, namespace: shop}
data: {web.conf: a}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: team, namespace: shop}
spec:
  hard: {pods: "9", requests.cpu: 1, requests.memory: 1Gi, count/services: 1}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop}
spec:
  schedule: "* * * * *"
  jobTemplate:
    spec:
      template:
        metadata:
          labels: {app: report}
        spec:
          restartPolicy: Never
          containers:
          - {name: report, image: "example/report:1"}
---
apiVersion: example.com/v1
kind: Whatever
metadata: {name: custom, namespace: shop}
spec: {anything: [goes]}
`,
}

// lintOf is what is found on the sound target after edits, a line for each.
func lintOf(t *testing.T, edits ...edit) (list []string) {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range sound {
		for _, e := range edits {
			if e.file != name {
				continue
			}
			if !strings.Contains(text, e.old) {
				t.Fatalf("%s has no %q to replace", name, e.old)
			}
			text = strings.Replace(text, e.old, e.new, 1)
		}
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	known, err := os.ReadFile(filepath.Join("..", "docs", "scenarios.md"))
	if err != nil {
		t.Fatal(err)
	}
	f := &file{dir: "shop", name: FileName}
	(&Target{}).read(f, files, nil)
	for _, x := range f.findings {
		if i := slices.IndexFunc(Rules(), func(r Rule) bool { return r.ID == x.Rule }); i < 0 || x.What == "" || x.Fix == "" {
			t.Errorf("%+v is of no rule, or lacks its fix", x)
		}
		for _, scenario := range x.Scenarios {
			if !strings.Contains(string(known), "| `"+scenario+"` |") {
				t.Errorf("%s names %s, which docs/scenarios.md lacks", x.Rule, scenario)
			}
		}
		list = append(list, strings.TrimPrefix(x.Error(), "shop/")+" ["+x.Rule+"]")
	}
	return list
}

func TestLintIsSilentOnWhatIsSound(t *testing.T) {
	NewWithT(t).Expect(lintOf(t)).To(BeEmpty())
	for name, edits := range map[string][]edit{
		"no hook":                   {{"deployment.yaml", "        lifecycle:\n          preStop:\n            sleep: {seconds: 8}\n", ""}},
		"no port declared":          {{"deployment.yaml", "        ports:\n        - {name: http, containerPort: 8080}\n", ""}, {"service.yaml", "targetPort: http", "targetPort: 8080"}, {"deployment.yaml", "port: http", "port: 8080"}},
		"port of a sidecar":         {{"deployment.yaml", "      containers:\n", "      initContainers:\n      - {name: proxy, image: p, restartPolicy: Always, ports: [{name: proxy, containerPort: 9000}]}\n      containers:\n"}, {"service.yaml", "targetPort: http", "targetPort: proxy"}},
		"exec":                      {{"deployment.yaml", "[web, -f]", `[sh, -c, "prepare; exec web -f"]`}},
		"exec in a branch":          {{"deployment.yaml", "[web, -f]", `[sh, -c, "if prepare; then exec web; fi; exit 1"]`}},
		"one command":               {{"deployment.yaml", "[web, -f]", `[bash, -ec, web -f]`}},
		"trap":                      {{"deployment.yaml", "[web, -f]", `[sh, -c, "trap 'sleep 8; kill $pid' TERM; web -f & pid=$!; wait"]`}},
		"hook that stops it":        {{"deployment.yaml", "[web, -f]", `[sh, -c, "web; echo ended"]`}, {"deployment.yaml", "sleep: {seconds: 8}", `exec: {command: [sh, -c, "sleep 8; kill -QUIT $(pidof web)"]}`}},
		"script unknown":            {{"deployment.yaml", "[web, -f]", `[sh, /start.sh]`}},
		"no shell":                  {{"deployment.yaml", "[web, -f]", `[tini, --, sh, -c, "web; echo ended"]`}},
		"long hook":                 {{"deployment.yaml", "sleep: {seconds: 8}", `exec: {command: [sleep, "29"]}`}},
		"budget of another":         {{"pdb.yaml", "apiVersion", "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: report, namespace: shop}\nspec: {maxUnavailable: 1, selector: {matchLabels: {app: report}}}\n---\napiVersion"}},
		"budget elsewhere":          {{"pdb.yaml", "apiVersion", "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: all, namespace: other}\nspec: {maxUnavailable: 0, selector: {}}\n---\napiVersion"}},
		"budget in shares":          {{"pdb.yaml", "minAvailable: 2", "minAvailable: 60%"}},
		"budget by maxUnavailable":  {{"pdb.yaml", "minAvailable: 2", "maxUnavailable: 1%"}},
		"quota just enough":         {{"rest.yaml", `pods: "9"`, `pods: "6"`}, {"rest.yaml", "requests.cpu: 1,", "requests.cpu: 300m,"}},
		"quota of some Pods":        {{"rest.yaml", `  hard: {pods: "9"`, `  scopes: [BestEffort]` + "\n" + `  hard: {pods: "1"`}},
		"quota elsewhere":           {{"rest.yaml", "name: team, namespace: shop", "name: team, namespace: other"}, {"rest.yaml", `pods: "9"`, `pods: "1"`}},
		"anti-affinity preferred":   {antiAffinity("preferredDuringSchedulingIgnoredDuringExecution:\n          - {weight: 1, podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}}")},
		"anti-affinity to another":  {antiAffinity("requiredDuringSchedulingIgnoredDuringExecution:\n          - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: db}}}")},
		"anti-affinity by zone":     {antiAffinity("requiredDuringSchedulingIgnoredDuringExecution:\n          - {topologyKey: topology.kubernetes.io/zone, labelSelector: {matchLabels: {app: web}}}")},
		"anti-affinity in versions": {antiAffinity("requiredDuringSchedulingIgnoredDuringExecution:\n          - {topologyKey: kubernetes.io/hostname, matchLabelKeys: [pod-template-hash], labelSelector: {matchLabels: {app: web}}}")},
		"anti-affinity, no surge":   {antiAffinity("requiredDuringSchedulingIgnoredDuringExecution:\n          - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}"), {"deployment.yaml", "maxUnavailable: 0", "maxUnavailable: 1"}, {"deployment.yaml", "maxSurge: 1", "maxSurge: 0"}},
		"Cluster":                   {{"service.yaml", "type: ClusterIP", "type: NodePort\n  internalTrafficPolicy: Cluster\n  externalTrafficPolicy: Cluster"}},
		"ready alone":               {{"service.yaml", "type: ClusterIP", "publishNotReadyAddresses: false"}},
		"stray elsewhere":           {{"rest.yaml", "labels: {app: report}", "labels: {app: web}"}, {"rest.yaml", "name: report, namespace: shop", "name: report, namespace: other"}},
		"immutable, unused":         {{"rest.yaml", "data: {web.conf: a}", "data: {web.conf: a}\nimmutable: true"}, {FileName, "  config: {configMap: conf, key: web.conf}\n", ""}},
		"anchors":                   {{"deployment.yaml", "matchLabels: {app: web}", "matchLabels: &labels {app: web}"}, {"deployment.yaml", "labels: {app: web}\n    spec", "labels: *labels\n    spec"}},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(lintOf(t, edits...)).To(BeEmpty()) })
	}
}

func antiAffinity(terms string) edit {
	return edit{"deployment.yaml", "      containers:\n", "      affinity:\n        podAntiAffinity:\n          " + terms + "\n      containers:\n"}
}

// Each edit makes one defect, and each finding says where, how to mend it, and what
// would show it.
func TestLintFindsTheDefect(t *testing.T) {
	const shown = " (shown by pod-delete, node-drain, rolling-update)"
	for name, c := range map[string]struct {
		edits []edit
		want  string // how the one finding begins
		end   string // and ends
	}{
		"misspelt kind":         {[]edit{{"service.yaml", "kind: Service", "kind: Sevrice"}}, "service.yaml:2: kind: v1 has no kind Sevrice: did you mean Service?", " [kind]"},
		"kind of another group": {[]edit{{"rest.yaml", "batch/v1", "v1"}}, "rest.yaml:12: apiVersion: v1 has no kind CronJob: write batch/v1", " [kind]"},
		"misspelt group":        {[]edit{{"deployment.yaml", "apps/v1", "app/v1"}}, "deployment.yaml:1: apiVersion: app/v1 has no kind Deployment: write apps/v1", " [kind]"},
		"old version":           {[]edit{{"rest.yaml", "apiVersion: v1\nkind: ResourceQuota", "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: old}\nspec: {}\n---\napiVersion: v1\nkind: ResourceQuota"}}, "rest.yaml:6: warning: apiVersion: Kubernetes has no policy/v1beta1 PodDisruptionBudget from 1.25 on", " [kind]"},
		"unknown field":         {[]edit{{"deployment.yaml", "image: example/web:1", "image: example/web:1\n        readynessProbe: {}"}}, "deployment.yaml:21: spec.template.spec.containers[0].readynessProbe: no such field: did you mean readinessProbe?", " [schema]"},
		"unknown, case":         {[]edit{{"pdb.yaml", "minAvailable: 2", "minavailable: 2"}}, "pdb.yaml:5: spec.minavailable: no such field: did you mean minAvailable?", " [schema]"},
		"wrong type":            {[]edit{{"deployment.yaml", "containerPort: 8080", "containerPort: web"}}, `deployment.yaml:23: spec.template.spec.containers[0].ports[0].containerPort: "web" cannot be used: write a whole number`, " [schema]"},
		"no list":               {[]edit{{"service.yaml", "ports:\n  - {port: 80, targetPort: http}", "ports: {port: 80, targetPort: http}"}}, "service.yaml:7: spec.ports: {\"port\":80,\"targetPort\":\"http\"} cannot be used: write a list", " [schema]"},
		"no quantity":           {[]edit{{"deployment.yaml", "cpu: 50m", "cpu: fifty"}}, `deployment.yaml:32: spec.template.spec.containers[0].resources.requests.cpu: "fifty" cannot be used: write an amount such as 500m or 64Mi`, " [schema]"},
		"number for text":       {[]edit{{"rest.yaml", "data: {web.conf: a}", "data: {web.conf: a, port: 80}"}}, "rest.yaml:4: data.port: 80 cannot be used: write text, in quotes", " [schema]"},
		"own selector":          {[]edit{{"deployment.yaml", "matchLabels: {app: web}", "matchLabels: {app: shop}"}}, "deployment.yaml:6: spec.selector: does not select the Pods of its own template: give it labels that spec.template.metadata.labels has (app: web)", " [labels]"},
		"no selector":           {[]edit{{"deployment.yaml", "  selector:\n    matchLabels: {app: web}\n", ""}}, "deployment.yaml:4: spec.selector: does not select", " [labels]"},
		"selector's operator":   {[]edit{{"deployment.yaml", "matchLabels: {app: web}", "matchExpressions: [{key: app, operator: Is}]"}}, "deployment.yaml:6: spec.selector: no selector can be made of it", " [labels]"},
		"paused":                {[]edit{{"deployment.yaml", "  replicas: 3", "  replicas: 3\n  paused: true"}}, "deployment.yaml:6: spec.paused: true, so no Pod of a new version is ever made: take it out", " [rollout]"},
		"recreate":              {[]edit{{"deployment.yaml", "type: RollingUpdate\n    rollingUpdate:\n      maxUnavailable: 0\n      maxSurge: 1", "type: Recreate"}}, "deployment.yaml:9: warning: spec.strategy.type: Recreate", " (shown by rolling-update) [rollout]"},
		"no way to roll out":    {[]edit{{"deployment.yaml", "maxSurge: 1", "maxSurge: 0"}}, "deployment.yaml:11: spec.strategy.rollingUpdate.maxUnavailable: 0, and so is maxSurge", " [rollout]"},
		"all at once":           {[]edit{{"deployment.yaml", "maxUnavailable: 0", "maxUnavailable: 100%"}}, "deployment.yaml:11: warning: spec.strategy.rollingUpdate.maxUnavailable: lets a rollout take all 3 replicas away", " (shown by rolling-update) [rollout]"},
		"on delete":             {[]edit{{FileName, "kind: Deployment", "kind: StatefulSet"}, {"deployment.yaml", "kind: Deployment", "kind: StatefulSet"}, {"deployment.yaml", "strategy:\n    type: RollingUpdate\n    rollingUpdate:\n      maxUnavailable: 0\n      maxSurge: 1", "updateStrategy:\n    type: OnDelete"}}, "deployment.yaml:9: warning: spec.updateStrategy.type: OnDelete", " (shown by rolling-update) [rollout]"},
		"one replica":           {[]edit{{"deployment.yaml", "replicas: 3", "replicas: 1"}, {"pdb.yaml", "minAvailable: 2", "maxUnavailable: 1"}}, "deployment.yaml:5: warning: spec.replicas: 1 replica", " (shown by pod-kill, node-drain, node-down) [one-replica]"},
		"targetPort's name":     {[]edit{{"service.yaml", "targetPort: http", "targetPort: web"}}, `service.yaml:8: spec.ports[0].targetPort: no container of Deployment shop/web has a port named "web", so the Service has no endpoint (they have http (8080)): name one of theirs`, " [target-port]"},
		"targetPort's protocol": {[]edit{{"deployment.yaml", "containerPort: 8080", "containerPort: 8080, protocol: UDP"}}, `service.yaml:8: spec.ports[0].targetPort: no container of Deployment shop/web has a port named "http"`, " [target-port]"},
		"targetPort's number":   {[]edit{{"service.yaml", "targetPort: http", "targetPort: 8000"}}, "service.yaml:8: warning: spec.ports[0].targetPort: no container of Deployment shop/web declares port 8000 (they have http (8080))", " [target-port]"},
		"no targetPort":         {[]edit{{"service.yaml", ", targetPort: http", ""}}, "service.yaml:8: warning: spec.ports[0].targetPort: no container of Deployment shop/web declares port 80", " [target-port]"},
		"another port":          {[]edit{{"service.yaml", "  - {port: 80, targetPort: http}", "  - {name: http, port: 80, targetPort: http}\n  - {name: metrics, port: 90, targetPort: metrics}"}}, `service.yaml:9: warning: spec.ports[1].targetPort: no container of Deployment shop/web has a port named "metrics", so port 90 has no endpoint`, " [target-port]"},
		"internal policy":       {[]edit{{"service.yaml", "type: ClusterIP", "internalTrafficPolicy: Local"}}, "service.yaml:5: warning: spec.internalTrafficPolicy: Local", " write Cluster, the default (shown by steady, pod-delete) [traffic-policy]"},
		"external policy":       {[]edit{{"service.yaml", "type: ClusterIP", "type: NodePort\n  externalTrafficPolicy: Local"}}, "service.yaml:6: warning: spec.externalTrafficPolicy: Local", " (shown by lb-local) [traffic-policy]"},
		"not ready":             {[]edit{{"service.yaml", "type: ClusterIP", "publishNotReadyAddresses: true"}}, "service.yaml:5: warning: spec.publishNotReadyAddresses: true", " (shown by pod-delete, rolling-update, scale, pod-freeze) [not-ready]"},
		"stray, by number":      {[]edit{{"service.yaml", "targetPort: http", "targetPort: 8080"}, {"rest.yaml", "labels: {app: report}", "labels: {app: web}"}}, "rest.yaml:21: warning: spec.jobTemplate.spec.template.metadata.labels: Service web selects these Pods as well, and sends them clients on port 8080, which they do not declare", " (shown by steady, pod-delete) [strays]"},
		"stray, by name":        {[]edit{{"rest.yaml", "labels: {app: report}", "labels: {app: web}"}}, `rest.yaml:21: warning: spec.jobTemplate.spec.template.metadata.labels: Service web selects these Pods as well; they have no port named "http", so no client is sent there`, "give them labels of their own [strays]"},
		"stray that serves":     {[]edit{{"rest.yaml", "labels: {app: report}", "labels: {app: web}"}, {"rest.yaml", `image: "example/report:1"`, `image: "example/report:1", ports: [{name: http, containerPort: 1}]`}}, "rest.yaml:21: warning: spec.jobTemplate.spec.template.metadata.labels: Service web selects these Pods as well, and sends them clients", " else give them labels of their own [strays]"},
		"probe's name":          {[]edit{{"deployment.yaml", "path: /, port: http", "path: /, port: web"}}, `deployment.yaml:25: spec.template.spec.containers[0].readinessProbe.httpGet.port: container web has no port named "web"`, " [probe-port]"},
		"probe's number":        {[]edit{{"deployment.yaml", "tcpSocket: {port: 8080}", "tcpSocket: {port: 8081}"}}, "deployment.yaml:27: warning: spec.template.spec.containers[0].livenessProbe.tcpSocket.port: container web does not declare port 8081", " [probe-port]"},
		"no readiness":          {[]edit{{"deployment.yaml", "        readinessProbe:\n          httpGet: {path: /, port: http}\n", ""}}, "deployment.yaml:19: warning: spec.template.spec.containers[0]: no container has a readinessProbe", " (shown by rollout-broken, scale) [readiness]"},
		"sleep over grace":      {[]edit{{"deployment.yaml", "seconds: 8", "seconds: 31"}}, "deployment.yaml:30: spec.template.spec.containers[0].lifecycle.preStop.sleep: sleeps for 31s, and the Pod has 30s to end, which the API server refuses: raise terminationGracePeriodSeconds (shop/deployment.yaml:17)", " [grace]"},
		"sleep of the grace":    {[]edit{{"deployment.yaml", "seconds: 8", "seconds: 30"}}, "deployment.yaml:30: warning: spec.template.spec.containers[0].lifecycle.preStop.sleep: takes 30s, and the Pod has 30s", shown + " [grace]"},
		"hook over grace":       {[]edit{{"deployment.yaml", "sleep: {seconds: 8}", `exec: {command: [sh, -c, "sleep 0.5m; sleep 1; web stop"]}`}}, "deployment.yaml:30: warning: spec.template.spec.containers[0].lifecycle.preStop.exec: takes 31s, and the Pod has 30s", shown + " [grace]"},
		"hook without end":      {[]edit{{"deployment.yaml", "sleep: {seconds: 8}", `exec: {command: [sleep, infinity]}`}}, "deployment.yaml:30: warning: spec.template.spec.containers[0].lifecycle.preStop.exec: takes for ever", shown + " [grace]"},
		"trap over grace":       {[]edit{{"deployment.yaml", "[web, -f]", `[sh, -c, "trap 'sleep 25; kill $pid' TERM; web & pid=$!; wait"]`}}, "deployment.yaml:17: warning: spec.template.spec.terminationGracePeriodSeconds: 30s, and the preStop hook takes 8s and the trap of container web 25s", shown + " [grace]"},
		"shell":                 {[]edit{{"deployment.yaml", "[web, -f]", `[/bin/sh, -c, "web -f; echo ended"]`}}, "deployment.yaml:21: warning: spec.template.spec.containers[0].command: a shell is the first process of container web", shown + " [shell]"},
		"shell with args":       {[]edit{{"deployment.yaml", "command: [web, -f]", "command: [busybox, sh, -c]\n        args: [\"web -f\\n# exec web\\necho ended\"]"}}, "deployment.yaml:21: warning: spec.template.spec.containers[0].command: a shell", shown + " [shell]"},
		"no budget":             {[]edit{{"pdb.yaml", "namespace: shop", "namespace: other"}}, "deployment.yaml:1: warning: no PodDisruptionBudget covers its Pods", "selects app: web, with maxUnavailable: 1 (shown by drain-blocked) [budget-missing]"},
		"budget of nobody":      {[]edit{{"pdb.yaml", "apiVersion", "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: typo, namespace: shop}\nspec:\n  maxUnavailable: 1\n  selector: {matchLabels: {app: wbe}}\n---\napiVersion"}}, "pdb.yaml:6: warning: spec.selector: selects no Pod of the manifests", " (shown by drain-blocked) [budget-idle]"},
		"budget of all":         {[]edit{{"pdb.yaml", "minAvailable: 2", "minAvailable: 3"}}, "pdb.yaml:5: warning: spec.minAvailable: 3 of 3 Pods", " as maxUnavailable: 1 does (shown by node-drain) [budget-blocks]"},
		"budget, rounded up":    {[]edit{{"pdb.yaml", "minAvailable: 2", "minAvailable: 90%"}}, "pdb.yaml:5: warning: spec.minAvailable: 90% of 3 Pods", " [budget-blocks]"},
		"budget of none":        {[]edit{{"pdb.yaml", "minAvailable: 2", "maxUnavailable: 0%"}}, "pdb.yaml:5: warning: spec.maxUnavailable: 0%, so no Pod may ever be evicted", " (shown by node-drain) [budget-blocks]"},
		"two budgets":           {[]edit{{"rest.yaml", "apiVersion", "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: all, namespace: shop}\nspec:\n  maxUnavailable: 1\n  selector: {matchLabels: {app: web}}\n---\napiVersion"}}, "rest.yaml:6: warning: spec.selector: 2 PodDisruptionBudgets cover the Pods of web", "keep one of web (shop/pdb.yaml:6), all (shop/rest.yaml:6), or have them select different Pods (shown by node-drain, drain-blocked) [budget-overlap]"},
		"a CronJob's budget":    {[]edit{{"pdb.yaml", "minAvailable: 2", "maxUnavailable: 1"}, {"pdb.yaml", "selector:\n    matchLabels: {app: web}", "selector: {}"}}, "pdb.yaml:6: warning: spec.selector: it selects the Pods of CronJob report (shop/rest.yaml:", "have it select Pods of Deployment shop/web alone (shown by node-drain) [budget-blocks]"},
		"quota, Pods":           {[]edit{{"rest.yaml", `pods: "9"`, `pods: "3"`}}, "rest.yaml:10: warning: spec.hard.pods: 3, of which the Pods of the manifests take 3; a rollout makes 1 Pod first, 4 in all", " (shown by rolling-update, scale, config-change) [quota]"},
		"quota, CPU":            {[]edit{{"rest.yaml", "requests.cpu: 1,", "requests.cpu: 150m,"}}, "rest.yaml:10: warning: spec.hard.requests.cpu: 150m, of which the Pods of the manifests take 150m", " [quota]"},
		"quota, memory, others": {[]edit{{"rest.yaml", "requests.memory: 1Gi", "memory: 130Mi"}, {"rest.yaml", "---\napiVersion: example.com", "---\napiVersion: v1\nkind: Pod\nmetadata: {name: one, namespace: shop}\nspec: {containers: [{name: one, image: one, resources: {requests: {memory: 32Mi}}}]}\n---\napiVersion: example.com"}}, "rest.yaml:10: warning: spec.hard.memory: 130Mi, of which the Pods of the manifests take 128Mi; a rollout makes 1 Pod first, 160Mi in all", " [quota]"},
		"quota, scale alone":    {[]edit{{"rest.yaml", `pods: "9"`, `pods: "5"`}}, "rest.yaml:10: warning: spec.hard.pods: 5, and 3 replicas more take 6", " (shown by scale) [quota]"},
		"quota too small":       {[]edit{{"rest.yaml", `pods: "9"`, `pods: "2"`}}, "rest.yaml:10: spec.hard.pods: 2, and the Pods of the manifests take 3, so not all replicas can be made: raise it to 4", " [quota]"},
		"anti-affinity":         {[]edit{antiAffinity("requiredDuringSchedulingIgnoredDuringExecution:\n          - {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}")}, "deployment.yaml:21: warning: spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]: each replica takes a node of its own, so a rollout of 3 replicas and 1 more needs 4 nodes", " (shown by rolling-update, scale) [anti-affinity]"},
		"immutable":             {[]edit{{"rest.yaml", "data: {web.conf: a}", "data: {web.conf: a}\nimmutable: true"}}, "rest.yaml:5: warning: immutable: true, so what spec.config", " (shown by config-change, config-broken) [config]"},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(lintOf(t, c.edits...)).To(ConsistOf(And(HavePrefix(c.want), HaveSuffix(c.end))))
		})
	}
}

func TestLintNamesAllFaultsAtOnce(t *testing.T) {
	NewWithT(t).Expect(lintOf(t,
		edit{"deployment.yaml", "  replicas: 3", "  replicaz: 3"}, edit{"service.yaml", "targetPort: http", "targetPort: web"}, edit{"pdb.yaml", "minAvailable: 2", "minAvailable: 1"},
	)).To(ConsistOf(
		HavePrefix("deployment.yaml:5: spec.replicaz: no such field: did you mean replicas?"),
		HavePrefix("deployment.yaml:4: warning: spec.replicas: 1 replica"),
		HavePrefix("service.yaml:8: spec.ports[0].targetPort: "),
		HavePrefix("pdb.yaml:5: warning: spec.minAvailable: 1 of 1 Pods"),
	))
}

// An autoscaler's least is what is counted on where spec.replicas is left to it.
func TestLintCountsWhatAnAutoscalerKeeps(t *testing.T) {
	const hpa = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\nspec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n  minReplicas: 3\n  maxReplicas: 10\n---\napiVersion"
	NewWithT(t).Expect(lintOf(t, edit{"deployment.yaml", "  replicas: 3\n", ""}, edit{"rest.yaml", "apiVersion", hpa})).To(ConsistOf(
		"rest.yaml:7: spec.maxReplicas: the autoscaler may change the replicas of Deployment shop/web (3 to 10) while they are judged: in a copy of the target, pin 3 replicas by spec.replicas (shop/deployment.yaml:4) and by minReplicas and maxReplicas (shop/rest.yaml:7), or leave the autoscaler out of spec.manifests and pin spec.replicas alone [autoscaler]"))
}

func TestLintIsSilentOnTheDefaultTarget(t *testing.T) {
	g := NewWithT(t)
	findings, err := Lint("nginx")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(findings).To(BeEmpty())
	_, err = Lint("none")
	g.Expect(err).To(MatchError(ContainSubstring("opening the target's folder")))
}

func TestWarningsDoNotStopLoad(t *testing.T) {
	NewWithT(t).Expect(good(t).Warnings()).To(ContainElement(HaveField("Rule", "budget-missing")))
}
