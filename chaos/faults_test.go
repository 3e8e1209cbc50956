package chaos

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"hagate/record"
	"hagate/verdict"
)

// faults are one of each kind of fault, in each form that has a name of its own.
var faults = append(components(),
	PodDelete{}, PodKill{}, PodKill{Of: record.DNS}, PodCrash{}, PodFreeze{}, PodLiveness{}, PodLossy{}, PodOOM{},
	PodRelabel{}, PodSlow{}, PodStarve{}, ReplicaSetDelete{},
	NodeCut{}, NodeDown{}, NodeDrain{}, BlockedDrain{}, ExcludedDrain{}, NodeFull{}, NodeJoin{}, NodePressure{}, NodeReboot{},
	UnitDown{Unit: "kubelet"}, UnitDown{Unit: "containerd"},
	Rollout{}, Rollout{Slow: 1}, Rollout{Of: record.DNS}, RolloutLoss{}, RolloutLoss{Evict: true},
	BrokenRollout{}, BrokenRollout{Crashes: true}, WrongRollout{}, ConfigChange{}, BrokenConfig{}, Scale{}, DNSSlow{})

// kind has a fault be one of faults: for the test file of its own.
func kind(f Fault) bool {
	faults = append(faults, f)
	return true
}

func components() (all []Fault) {
	for _, component := range []string{"kube-apiserver", "etcd", "kube-scheduler", "kube-controller-manager"} {
		down := ComponentDown{Component: component}
		all = append(all, down, ComponentLoss{ComponentDown: down})
	}
	return all
}

// Every fault declares an effect that the judge can prove (verdict.TestProofs has each of
// them proven, and not), and faults of one name do the same.
func TestEveryFaultDeclaresWhatItDoes(t *testing.T) {
	g := NewWithT(t)
	names, types := map[string]record.Effect{}, map[string]bool{}
	for _, f := range faults {
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
	files, err := filepath.Glob("*.go")
	g.Expect(err).NotTo(HaveOccurred())
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		g.Expect(err).NotTo(HaveOccurred())
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "Inject" && !strings.HasSuffix(path, "_test.go") {
				if of, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
					g.Expect(types).To(HaveKey(of.Name), "%s: a fault that no test names: `var _ = kind(%s{})` in its test file does", path, of.Name)
				}
			}
		}
	}
}
