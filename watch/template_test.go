package watch

import (
	"encoding/json"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestStaysShell(t *testing.T) {
	for name, c := range map[string]struct {
		command []string
		want    bool
	}{
		"the image's own":                    {nil, false},
		"the server":                         {[]string{"nginx", "-g", "daemon off;"}, false},
		"a shell with more to do":            {[]string{"sh", "-c", "nginx -e stderr\necho ended: $?\n"}, true},
		"a shell that does something before": {[]string{"/bin/sh", "-c", "migrate && server"}, true},
		"that ends with exec":                {[]string{"/bin/sh", "-c", "migrate && exec server --port 80"}, false},
		"that ends with exec on a line":      {[]string{"bash", "-ec", "migrate\nexec server\n"}, false},
		"that has exec, and goes on":         {[]string{"bash", "-c", "exec 2>&1; server; true"}, true},
		"one command is handed over to":      {[]string{"sh", "-c", "FOO=1 server > /log"}, false},
		"in the background, and a wait":      {[]string{"sh", "-c", "server & wait"}, true},
		"with a trap":                        {[]string{"sh", "-c", "trap 'kill $pid' TERM; server & pid=$!; wait"}, false},
		"a pipe":                             {[]string{"sh", "-c", "server | tee /log"}, true},
		"a loop":                             {[]string{"sh", "-c", "while true; do server; done"}, true},
		"a block that ends with exec":        {[]string{"sh", "-c", "migrate; { exec server; }"}, false},
		"BusyBox":                            {[]string{"busybox", "sh", "-c", "server; true"}, true},
		"an option with a value":             {[]string{"bash", "-eo", "pipefail", "-c", "server; true"}, true},
		"a script in a file":                 {[]string{"bash", "-e", "/start.sh"}, true},
		"a shell alone":                      {[]string{"bash", "-l"}, false},
		"-c without a script":                {[]string{"sh", "-c"}, false},
		"what no shell understands":          {[]string{"sh", "-c", "if ("}, false},
		"nothing to do":                      {[]string{"sh", "-c", "# nothing"}, false},
		"a script of another interpreter":    {[]string{"python3", "-c", "serve(); done()"}, false},
		"an init that starts the shell":      {[]string{"tini", "--", "sh", "-c", "server; true"}, false},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(staysShell(c.command)).To(Equal(c.want)) })
	}
	g := NewWithT(t)
	g.Expect(containerOf(corev1.Container{Command: []string{"sh", "-c"}, Args: []string{"server; true"}}).Shell).To(BeTrue(), "the script among the arguments")
	g.Expect(containerOf(corev1.Container{Args: []string{"sh", "-c", "server; true"}}).Shell).To(BeTrue(), "all among the arguments")
}

func TestPreStop(t *testing.T) {
	exec := func(command ...string) corev1.LifecycleHandler {
		return corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: command}}
	}
	for name, c := range map[string]struct {
		hook  corev1.LifecycleHandler
		kind  string
		sleep float64
	}{
		"sleep":                      {corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: 5}}, "sleep", 5},
		"a command":                  {exec("nginx", "-s", "quit"), "exec", 0},
		"a command that sleeps":      {exec("/bin/sleep", "7"), "exec", 7},
		"a script that sleeps":       {exec("sh", "-c", "sleep 10"), "exec", 10},
		"that goes on after that":    {exec("/bin/sh", "-c", "sleep 0.5; nginx -s quit; sleep 1m && true"), "exec", 60.5},
		"first, if all goes well":    {exec("sh", "-c", "touch /drain && sleep 3"), "exec", 3},
		"only where something fails": {exec("sh", "-c", "nginx -s quit || sleep 3"), "exec", 0},
		"in the background":          {exec("sh", "-c", "sleep 3 & true"), "exec", 0},
		"for as long as it is told":  {exec("sh", "-c", "sleep $SECONDS_TO_WAIT"), "exec", 0},
		"a request":                  {corev1.LifecycleHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/drain"}}, "httpGet", 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r := containerOf(corev1.Container{Lifecycle: &corev1.Lifecycle{PreStop: &c.hook}})
			g.Expect(r.PreStop).To(Equal(c.kind))
			g.Expect(r.PreStopSleep).To(Equal(c.sleep))
		})
	}
	NewWithT(t).Expect(containerOf(corev1.Container{}).PreStop).To(BeEmpty())
}

func TestProbes(t *testing.T) {
	web := intstr.Parse("web")
	for name, c := range map[string]struct {
		of   corev1.Probe
		want record.Probe
	}{
		"defaults": {
			corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Port: web}}},
			record.Probe{Asks: "GET / on port web", Period: 10, Timeout: 1, Failures: 3, Successes: 1},
		},
		"all given": {
			corev1.Probe{ProbeHandler: corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(80)}},
				InitialDelaySeconds: 1, PeriodSeconds: 2, TimeoutSeconds: 3, FailureThreshold: 4, SuccessThreshold: 5},
			record.Probe{Asks: "TCP port 80", Delay: 1, Period: 2, Timeout: 3, Failures: 4, Successes: 5},
		},
		"a command": {
			corev1.Probe{ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"check", "--token=secret"}}}},
			record.Probe{Asks: "a command", Period: 10, Timeout: 1, Failures: 3, Successes: 1},
		},
		"gRPC": {
			corev1.Probe{ProbeHandler: corev1.ProbeHandler{GRPC: &corev1.GRPCAction{Port: 50051}}},
			record.Probe{Asks: "gRPC port 50051", Period: 10, Timeout: 1, Failures: 3, Successes: 1},
		},
	} {
		t.Run(name, func(t *testing.T) { NewWithT(t).Expect(*probeOf(&c.of)).To(Equal(c.want)) })
	}
	NewWithT(t).Expect(probeOf(nil)).To(BeNil())
}

func TestApart(t *testing.T) {
	mine, others := &metav1.LabelSelector{MatchLabels: app}, &metav1.LabelSelector{MatchLabels: map[string]string{"app": "db"}}
	required := func(terms ...corev1.PodAffinityTerm) func(*corev1.PodSpec) {
		return func(s *corev1.PodSpec) {
			s.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{RequiredDuringSchedulingIgnoredDuringExecution: terms}}
		}
	}
	for name, c := range map[string]struct {
		is     func(*corev1.PodSpec)
		apart  []string
		spread bool
	}{
		"wherever it likes":      {asItIs[*corev1.PodSpec], nil, false},
		"apart from itself":      {required(corev1.PodAffinityTerm{LabelSelector: mine, TopologyKey: "host"}), []string{"host"}, true},
		"by two keys":            {required(corev1.PodAffinityTerm{LabelSelector: mine, TopologyKey: "zone"}, corev1.PodAffinityTerm{LabelSelector: mine, TopologyKey: "host"}), []string{"host", "zone"}, true},
		"apart from others":      {required(corev1.PodAffinityTerm{LabelSelector: others, TopologyKey: "host"}), nil, false},
		"from nobody":            {required(corev1.PodAffinityTerm{TopologyKey: "host"}), nil, false},
		"in another namespace":   {required(corev1.PodAffinityTerm{LabelSelector: mine, TopologyKey: "host", Namespaces: []string{"db"}}), nil, false},
		"in its own namespace":   {required(corev1.PodAffinityTerm{LabelSelector: mine, TopologyKey: "host", Namespaces: []string{"nginx"}}), []string{"host"}, true},
		"in every namespace":     {required(corev1.PodAffinityTerm{LabelSelector: mine, TopologyKey: "host", NamespaceSelector: &metav1.LabelSelector{}}), []string{"host"}, true},
		"preferred":              {func(s *corev1.PodSpec) { s.Affinity = preferred(mine) }, nil, true},
		"preferred, from others": {func(s *corev1.PodSpec) { s.Affinity = preferred(others) }, nil, false},
		"spread": {func(s *corev1.PodSpec) {
			s.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{LabelSelector: mine}}
		}, nil, true},
		"spread over others": {func(s *corev1.PodSpec) {
			s.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{LabelSelector: others}}
		}, nil, false},
		"an affinity alone": {func(s *corev1.PodSpec) { s.Affinity = &corev1.Affinity{} }, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			d := deploymentObject()
			c.is(&d.Spec.Template.Spec)
			r := ofDeployment(d)
			g.Expect(r.Apart).To(Equal(c.apart))
			g.Expect(r.Spread).To(Equal(c.spread))
		})
	}
}

func preferred(selector *metav1.LabelSelector) *corev1.Affinity {
	return &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.WeightedPodAffinityTerm{
		{Weight: 1, PodAffinityTerm: corev1.PodAffinityTerm{LabelSelector: selector, TopologyKey: "host"}}}}}
}

func TestTemplateOfADeployment(t *testing.T) {
	for name, c := range map[string]struct {
		is   func(*appsv1.DeploymentSpec)
		want func(*record.Template)
	}{
		"defaults": {asItIs[*appsv1.DeploymentSpec], asItIs[*record.Template]},
		"one replica where it says nothing": {
			func(s *appsv1.DeploymentSpec) { s.Replicas = nil },
			func(r *record.Template) { r.Replicas = 1 },
		},
		"recreate": {
			func(s *appsv1.DeploymentSpec) { s.Strategy.Type = appsv1.RecreateDeploymentStrategyType },
			func(r *record.Template) { r.Strategy, r.MaxSurge, r.MaxUnavailable = "Recreate", "", "" },
		},
		"surge": {
			func(s *appsv1.DeploymentSpec) {
				s.Strategy.RollingUpdate = &appsv1.RollingUpdateDeployment{MaxSurge: new(intstr.FromInt32(1))}
			},
			func(r *record.Template) { r.MaxSurge = "1" },
		},
		"paused": {func(s *appsv1.DeploymentSpec) { s.Paused = true }, func(r *record.Template) { r.Paused = true }},
		"grace": {
			func(s *appsv1.DeploymentSpec) { s.Template.Spec.TerminationGracePeriodSeconds = new(int64(0)) },
			func(r *record.Template) { r.Grace = 0 },
		},
		"nodes": {
			func(s *appsv1.DeploymentSpec) { s.Template.Spec.NodeSelector = map[string]string{"disk": "ssd"} },
			func(r *record.Template) { r.NodeSelector = map[string]string{"disk": "ssd"} },
		},
		"a required node affinity": {
			func(s *appsv1.DeploymentSpec) {
				s.Template.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{}}}
			},
			func(r *record.Template) { r.NodeAffinity = true },
		},
		"a preferred node affinity": {
			func(s *appsv1.DeploymentSpec) {
				s.Template.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{PreferredDuringSchedulingIgnoredDuringExecution: []corev1.PreferredSchedulingTerm{{}}}}
			},
			func(*record.Template) {},
		},
		"a claim": {
			func(s *appsv1.DeploymentSpec) {
				s.Template.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{}}}}
			},
			func(r *record.Template) { r.Volumes = true },
		},
		"a volume without one": {
			func(s *appsv1.DeploymentSpec) {
				s.Template.Spec.Volumes = []corev1.Volume{{VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}}
			},
			asItIs[*record.Template],
		},
		"resources": {
			func(s *appsv1.DeploymentSpec) {
				s.Template.Spec.Containers = []corev1.Container{{Name: "web", Image: "web:1", Ports: []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}}, Resources: corev1.ResourceRequirements{
					Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("100m")},
					Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("64Mi")}}}}
			},
			func(r *record.Template) {
				r.Containers = []record.Container{{Name: "web", Image: "web:1", Ports: []record.Port{{Name: "http", Number: 8080}}, Requests: record.Amounts{CPU: "100m"}, Limits: record.Amounts{Memory: "64Mi"}}}
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, want := deploymentObject(), templateRecord()
			c.is(&d.Spec)
			c.want(&want)
			NewWithT(t).Expect(ofDeployment(d)).To(Equal(want))
		})
	}
}

func TestLostFor(t *testing.T) {
	const gone, silent = corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable
	stays := func(key string, seconds ...int64) corev1.Toleration {
		of := corev1.Toleration{Key: key, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute}
		for _, s := range seconds {
			of.TolerationSeconds = &s
		}
		return of
	}
	for name, c := range map[string]struct {
		all  []corev1.Toleration
		want int
	}{
		"none":                    {nil, 300},
		"of both":                 {[]corev1.Toleration{stays(gone, 5), stays(silent, 20)}, 20},
		"of one":                  {[]corev1.Toleration{stays(gone, 5)}, 300},
		"longer than the default": {[]corev1.Toleration{stays(gone, 5), stays(silent, 900)}, 900},
		"two of one":              {[]corev1.Toleration{stays(gone, 5), stays(silent, 900), stays(silent, 7)}, 7},
		"of one for ever":         {[]corev1.Toleration{stays(gone), stays(silent, 5)}, -1},
		"of everything":           {[]corev1.Toleration{{Operator: corev1.TolerationOpExists}}, -1},
		"of something else":       {[]corev1.Toleration{stays("disk", 5)}, 300},
		"of another effect":       {[]corev1.Toleration{{Key: gone, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule}}, 300},
		"not at all":              {[]corev1.Toleration{stays(gone, 0), stays(silent, -3)}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			d := deploymentObject()
			d.Spec.Template.Spec.Tolerations = c.all
			r := ofDeployment(d)
			g.Expect(r.LostFor).To(Equal(c.want))
			g.Expect(r.Tolerates).To(Equal(len(c.all) > 0))
		})
	}
}

func TestTemplateOfAStatefulSet(t *testing.T) {
	g := NewWithT(t)
	d := statefulSetObject()
	want := templateRecord()
	want.Replicas, want.MaxSurge, want.MaxUnavailable = 1, "", "1"
	g.Expect(ofStatefulSet(d)).To(Equal(want))
	d.Spec.VolumeClaimTemplates = []corev1.PersistentVolumeClaim{{}}
	d.Spec.UpdateStrategy.Type = appsv1.OnDeleteStatefulSetStrategyType
	want.Volumes, want.Strategy, want.MaxUnavailable = true, "OnDelete", ""
	g.Expect(ofStatefulSet(d)).To(Equal(want))
}

func TestNoSecretIsInATemplate(t *testing.T) {
	g := NewWithT(t)
	d := deploymentObject()
	d.Spec.Template.Spec.Containers = []corev1.Container{{
		Command: []string{"sh", "-c", "echo hunter2; serve"}, Args: []string{"hunter2"},
		Env:       []corev1.EnvVar{{Name: "PASSWORD", Value: "hunter2"}},
		Lifecycle: &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: []string{"stop", "hunter2"}}}},
	}}
	text, err := json.Marshal(ofDeployment(d))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(text)).NotTo(ContainSubstring("hunter2"))
}
