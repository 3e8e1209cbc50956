// Package suites is the list of promises: one Ginkgo spec a scenario, each short
// enough to be read in a launch review. How a scenario is played is package gate's
// business; what its record means is package verdict's.
package suites

import (
	"context"
	"fmt"
	"os"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"hagate/gate"
	"hagate/verdict"
)

var (
	run       *gate.Run
	scenarios []gate.Scenario // all that there are
	began     bool            // a run, not only tests of the list
)

// promise makes a spec of s.
func promise(s gate.Scenario) bool {
	scenarios = append(scenarios, s)
	return Describe(s.Topic, func() {
		It(s.Promise, Label(s.Labels()...), func(ctx SpecContext) { prove(ctx, s) })
	})
}

func names() (list []string) {
	for _, s := range scenarios {
		list = append(list, s.Name)
	}
	return list
}

func TestSuites(t *testing.T) {
	RegisterFailHandler(Fail)
	config, reporter := GinkgoConfiguration()
	if err := unknownLabel(config.LabelFilter); err != nil {
		t.Fatal(err)
	}
	config.FailOnEmpty = true
	RunSpecs(t, "hagate", config, reporter)
}

var _ = BeforeSuite(func(ctx SpecContext) {
	began = true
	config, err := gate.FromEnv()
	Expect(err).NotTo(HaveOccurred())
	run, err = gate.Open(ctx, config, names())
	Expect(err).NotTo(HaveOccurred())
})

var _ = AfterSuite(func(ctx SpecContext) {
	Expect(run.Close(ctx)).To(Succeed())
})

// TestMain has the last word: the verdict is the record's, not the count of specs.
func TestMain(m *testing.M) {
	code := m.Run()
	os.Exit(max(code, conclude()))
}

func conclude() int {
	if !began {
		return 0
	}
	v, err := run.Conclude(os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "hagate:", err)
		return 1
	}
	if v.Result == verdict.Fail && run.Config.Fix {
		if err := run.Fix(context.Background(), os.Stdout, v, names()); err != nil {
			fmt.Fprintln(os.Stderr, "hagate:", err)
		}
	}
	if v.Result != verdict.Pass {
		return 1
	}
	return 0
}

// prove plays s and fails the spec with the verdict's own words unless it passed.
func prove(ctx SpecContext, s gate.Scenario) {
	GinkgoHelper()
	why, err := run.Skip(ctx, s)
	Expect(err).NotTo(HaveOccurred())
	if why != "" {
		Skip(why)
	}
	v, err := run.Play(ctx, s)
	Expect(err).NotTo(HaveOccurred())
	if v.Result != verdict.Pass {
		Fail(fmt.Sprintf("%s: %s", v.Result, v.Reason))
	}
}
