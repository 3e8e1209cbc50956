package target

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestLoadNamesWhatIsWrongInTheManifests(t *testing.T) {
	for name, c := range map[string]struct {
		edit
		want string
	}{
		"second document's line": {edit{"web.yaml", "metadata: {name: db, namespace: shop}", "metadata: {}"},
			`shop/web.yaml:20: StatefulSet without apiVersion or metadata.name: give it both`},
		"no kind": {edit{"service.yaml", "kind: Service\n", ""},
			`shop/service.yaml:1: no Kubernetes object (Object 'Kind' is missing in '{"apiVersion":"v1","metadata":{"name":"web","namespace":"shop"},"spec":{"ports":[{"port":80},{"port":53,"protocol":"UDP"}],"selector":{"app":"web"}}}'): give it apiVersion, kind and metadata.name`},
		"given twice": {edit{"service.yaml", "kind: Service\n", "kind: Service\nkind: Service\n"},
			`shop/service.yaml:3: not YAML that can be read: key "kind" already set in map: mend this line or the one beside it`},
		"a list": {edit{"service.yaml", goodService, "apiVersion: v1\nkind: List\nitems: []\n"},
			`shop/service.yaml:2: kind: a list: write its items as documents of their own, with --- between them`},
		"no such workload": {edit{"web.yaml", "name: web, namespace", "name: www, namespace"},
			`shop/hagate.yaml:8: spec.workload.name: no Deployment shop/web (apps/v1) in the manifests: add it, or name one of theirs (shop/www)`},
		"other namespace": {edit{"web.yaml", "name: web, namespace: shop", "name: web, namespace: test"},
			`shop/hagate.yaml:8: spec.workload.name: no Deployment shop/web (apps/v1) in the manifests: add it, or name one of theirs (test/web)`},
		"none of that kind": {edit{"web.yaml", "kind: Deployment", "kind: ReplicaSet"},
			`shop/hagate.yaml:8: spec.workload.name: no Deployment shop/web (apps/v1) in the manifests: add it, or name one of theirs (they have none)`},
		"no replicas": {edit{"web.yaml", "replicas: 2", "replicas: 0"},
			`shop/web.yaml:7: spec.replicas: 0: nothing would serve: give at least 1`},
		"no such service": {edit{"service.yaml", "name: web", "name: www"},
			`shop/hagate.yaml:10: spec.service.name: no Service shop/web in the manifests: add it, or name one of theirs (shop/www)`},
		"no such port": {edit{"service.yaml", "port: 80", "port: 8080"},
			`shop/hagate.yaml:10: spec.service.port: Service web has no TCP port 80 (shop/service.yaml:7): give one that it has (8080)`},
		"UDP port": {edit{FileName, "port: 80", "port: 53"},
			`shop/hagate.yaml:10: spec.service.port: Service web has no TCP port 53 (shop/service.yaml:7): give one that it has (80)`},
		"selects others": {edit{"service.yaml", "app: web", "app: www"},
			`shop/service.yaml:6: spec.selector.app: "www" is no label of Deployment shop/web's Pods, so the Service selects none of them: use their labels (app: web, tier: front)`},
		"selects more than there is": {edit{"service.yaml", "app: web", "app: web\n    zone: a"},
			`shop/service.yaml:7: spec.selector.zone: "a" is no label of Deployment shop/web's Pods, so the Service selects none of them: use their labels (app: web, tier: front)`},
		"selects nothing": {edit{"service.yaml", "  selector:\n    app: web\n", ""},
			`shop/service.yaml:4: spec.selector: the Service selects nothing: give it the labels of Deployment shop/web's Pods (app: web, tier: front)`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(files(t, c.edit), "shop", scenarios)
			NewWithT(t).Expect(err).To(MatchError(c.want))
		})
	}
}

func TestLoadNamesAFieldOfTheWrongType(t *testing.T) {
	_, err := load(files(t, edit{"web.yaml", "replicas: 2", "replicas: two"}), "shop", scenarios)
	NewWithT(t).Expect(err).To(MatchError(`shop/web.yaml:7: spec.replicas: "two" cannot be used: write a whole number`))
	_, err = load(files(t, edit{"service.yaml", "{port: 80}", "{port: http}"}), "shop", scenarios)
	NewWithT(t).Expect(err).To(MatchError(`shop/service.yaml:8: spec.ports[0].port: "http" cannot be used: write a whole number`))
}

func TestLoadTakesWhatHolds(t *testing.T) {
	for _, e := range []edit{
		{"service.yaml", "app: web", "app: web\n    tier: front"},
		{"web.yaml", "  replicas: 2\n", ""}, // Kubernetes' default is 1
		{"web.yaml", "# the shop\n---\n", "---\n# the shop\n--- # web\n"},
		{"web.yaml", "---\napiVersion: apps/v1\nkind: StatefulSet", "---\n# nothing\n---\napiVersion: apps/v1\nkind: StatefulSet"},
	} {
		good(t, e)
	}
	stateful := good(t, edit{FileName, "kind: Deployment", "kind: StatefulSet"}, edit{"web.yaml", "kind: Deployment", "kind: StatefulSet"})
	NewWithT(t).Expect(stateful.Spec.Workload.String()).To(Equal("StatefulSet shop/web"))
}
