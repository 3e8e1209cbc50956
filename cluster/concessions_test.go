package cluster

import (
	"strings"
	"testing"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"hagate"
)

func TestConcessions(t *testing.T) {
	for name, c := range map[string]struct {
		cgroup             int
		missing            []string
		settings           string
		kubeadm, container int
	}{
		"ordinary":            {cgroup: 2},
		"cgroup v1":           {cgroup: 1, settings: "kubelet failCgroupV1", kubeadm: 1},
		"no CAP_SYS_RESOURCE": {cgroup: 2, missing: []string{"CAP_SYS_RESOURCE"}, settings: "containerd restrict_oom_score_adj", container: 1},
		"another missing":     {cgroup: 2, missing: []string{"CAP_SYSLOG"}},
		"both":                {cgroup: 1, missing: []string{"CAP_SYS_RESOURCE"}, settings: "kubelet failCgroupV1, containerd restrict_oom_score_adj", kubeadm: 1, container: 1},
	} {
		t.Run(name, func(t *testing.T) {
			var config v1alpha4.Cluster
			var names []string
			for _, n := range concessions(c.cgroup, c.missing) {
				n.apply(&config)
				names = append(names, n.Name.String())
				if n.Value.String() == "" || n.Reason.String() == "" {
					t.Errorf("%s has no value or no reason", n.Name)
				}
			}
			if got := strings.Join(names, ", "); got != c.settings {
				t.Errorf("settings %q, want %q", got, c.settings)
			}
			if len(config.KubeadmConfigPatches) != c.kubeadm || len(config.ContainerdConfigPatches) != c.container {
				t.Errorf("patches %q %q", config.KubeadmConfigPatches, config.ContainerdConfigPatches)
			}
		})
	}
}

func TestParseConfig(t *testing.T) {
	const head = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n"
	for name, c := range map[string]struct{ text, want string }{
		"the least":     {head, ""},
		"unknown field": {head + "nodez: []\n", "line 3: field nodez not found"},
		"wrong type":    {head + "nodes: 3\n", "line 3: cannot unmarshal"},
		"not kind's":    {"kind: Pod\napiVersion: v1\n", "want kind: Cluster"},
		"empty":         {"", "EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseConfig("kinds.yaml", []byte(c.text))
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "kinds.yaml") {
				t.Errorf("error %v, want %q and the file's name", err, c.want)
			}
		})
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add("kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: worker\n")
	f.Add("a: *a")
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := parseConfig("kinds.yaml", []byte(text)); (c == nil) == (err == nil) {
			t.Errorf("config %v with error %v", c, err)
		}
	})
}

// TestDefaultConfig keeps the repository's own file plain: nodes, and no concession.
func TestDefaultConfig(t *testing.T) {
	config, err := parseConfig("kind-config.yaml", hagate.KindConfig)
	if err != nil {
		t.Fatal(err)
	}
	roles := map[v1alpha4.NodeRole]int{}
	for _, n := range config.Nodes {
		roles[n.Role]++
	}
	if roles[v1alpha4.ControlPlaneRole] != 1 || roles[v1alpha4.WorkerRole] != 3 {
		t.Errorf("roles %v", roles)
	}
	if len(config.KubeadmConfigPatches)+len(config.ContainerdConfigPatches) > 0 {
		t.Error("a concession stands in the user's file")
	}
}

func TestSetImage(t *testing.T) {
	p := &Provider{image: "ours"}
	config := &v1alpha4.Cluster{Nodes: []v1alpha4.Node{{}, {Image: "user's"}}}
	p.setImage(config)
	if config.Nodes[0].Image != "ours" || config.Nodes[1].Image != "user's" {
		t.Errorf("got %+v", config.Nodes)
	}
	config = &v1alpha4.Cluster{}
	p.setImage(config)
	if len(config.Nodes) != 1 || config.Nodes[0].Image != "ours" || config.Nodes[0].Role != v1alpha4.ControlPlaneRole {
		t.Errorf("no nodes named: got %+v", config.Nodes)
	}
}
