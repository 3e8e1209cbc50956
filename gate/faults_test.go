package gate

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"hagate/chaos"
	"hagate/record"
	"hagate/verdict"
)

// faults are one of each kind of fault, in each form that has a name of its own.
func faults() (all []chaos.Fault) {
	for _, component := range []string{"kube-apiserver", "etcd", "kube-scheduler", "kube-controller-manager"} {
		down := chaos.ComponentDown{Component: component}
		all = append(all, down, chaos.ComponentLoss{ComponentDown: down})
	}
	return append(all,
		chaos.PodDelete{}, chaos.PodKill{}, chaos.PodKill{Of: record.DNS}, chaos.PodCrash{}, chaos.PodFreeze{}, chaos.PodLiveness{}, chaos.PodLossy{}, chaos.PodOOM{},
		chaos.PodRelabel{}, chaos.PodSlow{}, chaos.PodStarve{}, chaos.ReplicaSetDelete{},
		chaos.NodeCut{}, chaos.NodeDown{}, chaos.NodeDrain{}, chaos.BlockedDrain{}, chaos.ExcludedDrain{}, chaos.NodeFull{}, chaos.NodeJoin{}, chaos.NodePressure{}, chaos.NodeReboot{},
		chaos.UnitDown{Unit: "kubelet"}, chaos.UnitDown{Unit: "containerd"},
		chaos.Rollout{}, chaos.Rollout{Slow: 1}, chaos.Rollout{Of: record.DNS}, chaos.RolloutLoss{}, chaos.RolloutLoss{Evict: true},
		chaos.BrokenRollout{}, chaos.BrokenRollout{Crashes: true}, chaos.WrongRollout{}, chaos.ConfigChange{}, chaos.BrokenConfig{}, chaos.Scale{}, chaos.DNSSlow{})
}

// Every fault declares an effect that the judge can prove (verdict.TestProofs has each of
// them proven, and not), and faults of one name do the same.
func TestEveryFaultDeclaresWhatItDoes(t *testing.T) {
	g := NewWithT(t)
	names, types := map[string]record.Effect{}, map[string]bool{}
	for _, f := range faults() {
		declared := f.Declares()
		if same, ok := names[declared.Name]; ok {
			g.Expect(declared.Effect).To(Equal(same), declared.Name)
		}
		g.Expect(verdict.Effects()).To(ContainElement(declared.Effect.Kind), declared.Name)
		if declared.Effect.Kind == record.ComponentAway {
			g.Expect(declared.Effect.Away).NotTo(BeEmpty(), declared.Name)
		}
		names[declared.Name], types[reflect.TypeOf(f).Name()] = declared.Effect, true
	}
	files, err := filepath.Glob("../chaos/*.go")
	g.Expect(err).NotTo(HaveOccurred())
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		g.Expect(err).NotTo(HaveOccurred())
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "Inject" && !strings.HasSuffix(path, "_test.go") {
				if of, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
					g.Expect(types).To(HaveKey(of.Name), "%s: a fault that this test does not know", path)
				}
			}
		}
	}
}
