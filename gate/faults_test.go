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
	"hagate/verdict"
)

// faults are one of each kind of fault, in each form that has a name of its own.
func faults() (all []chaos.Fault) {
	for _, component := range []string{"kube-apiserver", "etcd", "kube-scheduler", "kube-controller-manager"} {
		down := chaos.ComponentDown{Component: component}
		all = append(all, down, chaos.ComponentLoss{ComponentDown: down})
	}
	return append(all,
		chaos.PodDelete{}, chaos.PodKill{}, chaos.PodKill{As: "dns-kill"}, chaos.PodCrash{}, chaos.PodFreeze{}, chaos.PodLiveness{}, chaos.PodLossy{}, chaos.PodOOM{},
		chaos.PodRelabel{}, chaos.PodSlow{}, chaos.PodStarve{}, chaos.ReplicaSetDelete{},
		chaos.NodeCut{}, chaos.NodeDown{}, chaos.NodeDrain{}, chaos.BlockedDrain{}, chaos.ExcludedDrain{}, chaos.NodeFull{}, chaos.NodeJoin{}, chaos.NodePressure{}, chaos.NodeReboot{},
		chaos.UnitDown{Unit: "kubelet"}, chaos.UnitDown{Unit: "containerd"},
		chaos.Rollout{}, chaos.Rollout{As: "rollout-slow"}, chaos.Rollout{As: "dns-rollout"}, chaos.RolloutLoss{}, chaos.RolloutLoss{Evict: true},
		chaos.BrokenRollout{}, chaos.BrokenRollout{Crashes: true}, chaos.WrongRollout{}, chaos.ConfigChange{}, chaos.BrokenConfig{}, chaos.Scale{}, chaos.DNSSlow{})
}

// The judge has decided about every fault, by its name, and about nothing else.
func TestTheJudgeKnowsEveryFault(t *testing.T) {
	g := NewWithT(t)
	names, types := map[string]bool{}, map[string]bool{}
	for _, f := range faults() {
		names[f.Name()], types[reflect.TypeOf(f).Name()] = true, true
	}
	var known []string
	for name := range names {
		known = append(known, name)
	}
	g.Expect(verdict.FaultNames()).To(ConsistOf(known))
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

// A name that a scenario gives a fault is one of those.
func TestEveryNameGivenToAFaultIsKnown(t *testing.T) {
	g := NewWithT(t)
	files, err := filepath.Glob("../suites/*.go")
	g.Expect(err).NotTo(HaveOccurred())
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		g.Expect(err).NotTo(HaveOccurred())
		ast.Inspect(file, func(n ast.Node) bool {
			kv, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			key, _ := kv.Key.(*ast.Ident)
			if value, ok := kv.Value.(*ast.BasicLit); ok && key != nil && key.Name == "As" {
				g.Expect(verdict.FaultNames()).To(ContainElement(strings.Trim(value.Value, `"`)), path)
			}
			return true
		})
	}
}
