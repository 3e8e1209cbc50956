package target

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Images are the images that the manifests' Pods and Pod templates name, init
// containers' too, sorted, each once.
func (t *Target) Images() []string {
	var images []string
	for _, m := range t.manifests {
		for _, list := range []string{"initContainers", "containers"} {
			containers, _, _ := unstructured.NestedFieldNoCopy(m.Object, append(podSpec(m.GetKind()), list)...)
			items, _ := containers.([]any)
			for _, item := range items {
				c, _ := item.(map[string]any)
				if image, _ := c["image"].(string); image != "" {
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
