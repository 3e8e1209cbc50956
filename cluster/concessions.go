package cluster

import (
	"bytes"
	"fmt"
	"os"
	"slices"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"hagate/record"
)

// ReadConfig reads a kind configuration file, and says what is wrong with it.
func ReadConfig(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the kind configuration: %w", err)
	}
	_, err = parseConfig(path, text)
	return text, err
}

// parseConfig reads a kind configuration, which is called name, strictly.
func parseConfig(name string, text []byte) (*v1alpha4.Cluster, error) {
	var c v1alpha4.Cluster
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&c); err != nil {
		return nil, fmt.Errorf("%s: %w; the fields are listed at https://kind.sigs.k8s.io/docs/user/configuration/", name, err)
	}
	if c.Kind != "Cluster" || c.APIVersion != "kind.x-k8s.io/v1alpha4" {
		return nil, fmt.Errorf("%s: want kind: Cluster and apiVersion: kind.x-k8s.io/v1alpha4", name)
	}
	return &c, nil
}

// concession is a setting that only a restricted host needs.
type concession struct {
	record.Setting
	apply func(*v1alpha4.Cluster)
}

// concessions are what a host needs that has that version of cgroups and lacks those
// capabilities; an ordinary one needs none.
func concessions(cgroup int, missing []string) []concession {
	var list []concession
	if cgroup == 1 {
		list = append(list, concession{
			record.Setting{Name: record.Words("kubelet failCgroupV1"), Value: record.Words("false"), Reason: record.Say("this host has cgroup v1, which Kubernetes 1.35 and later refuse by default")},
			func(c *v1alpha4.Cluster) {
				c.KubeadmConfigPatches = append(c.KubeadmConfigPatches, "kind: KubeletConfiguration\nfailCgroupV1: false\n")
			}})
	}
	if slices.Contains(missing, "CAP_SYS_RESOURCE") {
		list = append(list, concession{
			record.Setting{Name: record.Words("containerd restrict_oom_score_adj"), Value: record.Words("true"), Reason: record.Say("this host's root lacks CAP_SYS_RESOURCE, so no process's oom_score_adj can be lowered")},
			func(c *v1alpha4.Cluster) {
				c.ContainerdConfigPatches = append(c.ContainerdConfigPatches, "[plugins.\"io.containerd.grpc.v1.cri\"]\n  restrict_oom_score_adj = true\n")
			}})
	}
	return list
}
