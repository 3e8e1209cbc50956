package target

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Images are the images that the manifests' Pods and Pod templates name, init
// containers' too, sorted, each once.
func (t *Target) Images() []string { return t.images(func(map[string]any) bool { return true }) }

// PulledImages are those of Images that a node pulls although it has them: the
// container's imagePullPolicy is Always, which is Kubernetes' default for the tag latest
// and for no tag (https://kubernetes.io/docs/concepts/containers/images/).
func (t *Target) PulledImages() []string {
	return t.images(func(container map[string]any) bool {
		policy, _ := container["imagePullPolicy"].(string)
		image, _ := container["image"].(string)
		return policy == "Always" || policy == "" && latest(image)
	})
}

// latest says whether Kubernetes takes an image's name for that of its latest version.
func latest(image string) bool {
	name := image[strings.LastIndex(image, "/")+1:]
	return !strings.Contains(name, "@") && (!strings.Contains(name, ":") || strings.HasSuffix(name, ":latest"))
}

func (t *Target) images(of func(container map[string]any) bool) []string {
	var images []string
	for _, m := range t.manifests {
		for _, list := range []string{"initContainers", "containers"} {
			containers, _, _ := unstructured.NestedFieldNoCopy(m.Object, append(podSpec(m.GetKind()), list)...)
			items, _ := containers.([]any)
			for _, item := range items {
				c, _ := item.(map[string]any)
				if image, _ := c["image"].(string); image != "" && of(c) {
					images = append(images, image)
				}
			}
		}
	}
	slices.Sort(images)
	return slices.Compact(images)
}

// podSpec is the path of the Pod's spec in an object of kind.
func podSpec(kind string) []string {
	switch kind {
	case "Pod":
		return []string{"spec"}
	case "CronJob":
		return []string{"spec", "jobTemplate", "spec", "template", "spec"}
	default:
		return []string{"spec", "template", "spec"}
	}
}
