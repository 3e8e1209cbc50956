package target

import (
	"strings"
	"testing"
	"testing/fstest"

	"hagate/record"
)

// FuzzLoad holds that no target file and no manifest makes Load panic, and that what
// it accepts can be used.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(goodFile), []byte(goodWorkload+"---\n"+goodService))
	f.Add([]byte(strings.Replace(goodFile, "rate: 100", "rate: 100, timeout: 10s, connections: 5", 1)), []byte(goodWorkload))
	f.Add([]byte("spec: &a {slo: *a}"), []byte("kind: List\nitems: [1]"))
	f.Add([]byte("spec:\n  requests: [{headers: {? [a] : b}}]"), []byte("--- |\n  a\n---\n- 1"))
	f.Add([]byte("<<: {kind: Target}"), []byte("spec: {template: {spec: {containers: [1, {image: 2}]}}}\nkind: Pod\nmetadata: 5\napiVersion: v1"))
	f.Add([]byte(goodFile), []byte(sound["deployment.yaml"]+"---\n"+sound["pdb.yaml"]+"---\n"+sound["rest.yaml"]))
	f.Fuzz(func(t *testing.T, text, manifest []byte) {
		got, err := load(fstest.MapFS{
			FileName: {Data: text}, "web.yaml": {Data: manifest}, "service.yaml": {Data: []byte(goodService)},
		}, "shop", scenarios)
		if err != nil {
			return
		}
		if got.Metadata.Name == "" || got.Spec.Load.Rate < 1 || len(got.Spec.Requests) == 0 {
			t.Errorf("accepted without name, rate or requests: %+v", got)
		}
		if l := got.Spec.Load; l.Timeout != 0 && (l.Timeout < MinTimeout || l.Timeout > MaxTimeout) || l.Connections < 0 || l.Connections > MaxConnections {
			t.Errorf("accepted a load that cannot be sent: %+v", l)
		}
		got.Images()
		got.SLO("pod-kill", record.SLO{})
		got.bodies()
	})
}
