package target

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestConfig(t *testing.T) {
	const podHeader = "  podHeader: X-Pod"
	with := func(config string) edit { return edit{FileName, podHeader, podHeader + "\n  config: " + config} }
	const manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata: {web.conf: a}\n---\napiVersion"
	there := edit{"service.yaml", "apiVersion", manifest}
	for want, edits := range map[string][]edit{
		"shop/hagate.yaml:18: spec.config.configMap: no ConfigMap shop/conf in the manifests: add it, or name one of theirs (they have none)":                {with("{configMap: conf, key: web.conf}")},
		`shop/hagate.yaml:18: spec.config.key: ConfigMap conf has no key "app.conf": give one that it has (web.conf)`:                                        {with("{configMap: conf, key: app.conf}"), there},
		"shop/hagate.yaml:18: spec.config.configMap: no container of Deployment shop/web mounts ConfigMap conf as a volume: mount it, or take the field out": {with("{configMap: conf, key: web.conf}"), there},
	} {
		_, err := load(files(t, edits...), "shop", scenarios)
		NewWithT(t).Expect(err).To(MatchError(want))
	}
	g := NewWithT(t)
	got, _, _ := read(t, "nginx")
	container, file, ok := got.ConfigFile()
	g.Expect(ok).To(BeTrue())
	g.Expect([]string{container, file}).To(Equal([]string{"nginx", "/etc/hagate/nginx.conf"}))
	got.Spec.Config = Config{}
	_, _, ok = got.ConfigFile()
	g.Expect(ok).To(BeFalse())
}
