// Package suites is the list of promises: one scenario each, short enough to be read in a
// launch review, and played as one Ginkgo spec. How a scenario is played is package gate's
// business; what its record means is package verdict's.
package suites

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"hagate/gate"
	"hagate/record"
	"hagate/verdict"
)

var scenarios []gate.Scenario // in the order of their files' names

// Promise adds s to the list: before Run, as a variable of a package does it.
func Promise(s gate.Scenario) gate.Scenario {
	scenarios = append(scenarios, s)
	return s
}

var label = regexp.MustCompile(`^[a-z0-9-]+$`)

// whole is an error where a scenario lacks what a report says of it, or cannot be played.
func whole(list []gate.Scenario) error {
	var errs []error
	seen := map[string]bool{}
	for _, s := range list {
		lacks := ""
		switch {
		case !label.MatchString(s.Name) || !label.MatchString(s.Topic):
			lacks = "a Name and a Topic that LABELS can name: small letters, digits and hyphens"
		case s.Promise == "" || s.Done == "" || s.Holds == "":
			lacks = "its Promise, what is Done, and what Holds then"
		case s.SLO == nil:
			lacks = "an SLO"
		case s.Fault == nil && s.Hold == nil && !s.Raises:
			lacks = "a Fault, or a Hold where it has none"
		case s.Profile != "" && !slices.Contains(gate.Profiles, s.Profile):
			lacks = fmt.Sprintf("a Profile of %q, not %q", gate.Profiles, s.Profile)
		case seen[s.Name]:
			lacks = "a name that no other has"
		}
		if lacks != "" {
			errs = append(errs, fmt.Errorf("scenario %q needs %s", s.Name, lacks))
		}
		seen[s.Name] = true
	}
	return errors.Join(errs...)
}

// Names are those of all scenarios.
func Names() (list []string) {
	for _, s := range scenarios {
		list = append(list, s.Name)
	}
	return list
}

// Promises are those of all scenarios.
func Promises() (list []string) {
	for _, s := range scenarios {
		list = append(list, s.Promise)
	}
	return list
}

const (
	runFor   = 3 * time.Hour   // at the most, the cluster's coming up included
	endGrace = 2 * time.Minute // that an interrupted scenario has to put things back
)

// ErrInterrupted is the error of a run that somebody ended.
var ErrInterrupted = errors.New("the run was interrupted")

// Run plays the scenarios whose labels config.Labels takes, renders the reports and prints
// the verdict to w as its last lines. The verdict is the record's, not the count of specs.
// It is an error where no run began, or what was recorded could not be read or rendered;
// then there is no verdict, or only part of what belongs to it.
//
// A process can call it once: Ginkgo keeps its specs for the whole of it. Specs of one's own
// run beside the scenarios where config.Labels takes them.
func Run(config gate.Config, w io.Writer) (verdict.Verdict, error) {
	if err := errors.Join(whole(scenarios), checkFilter(config.Labels)); err != nil {
		return verdict.Verdict{}, err
	}
	var run *gate.Run
	var begun, closed error
	var unmeasured []gate.Scenario
	ginkgo.BeforeSuite(func(ctx ginkgo.SpecContext) {
		// A node of its own, with its own time, whatever ends those before it.
		ginkgo.DeferCleanup(func(ctx ginkgo.SpecContext) {
			closed = run.Close(ctx)
			gomega.Expect(closed).NotTo(gomega.HaveOccurred())
		})
		run, begun = gate.Open(ctx, config, Names())
		gomega.Expect(begun).NotTo(gomega.HaveOccurred())
	})
	stopped := false // by somebody, or by its longest time
	ginkgo.ReportAfterEach(func(r ginkgo.SpecReport) {
		stopped = stopped || r.State.Is(types.SpecStateInterrupted|types.SpecStateTimedout|types.SpecStateAborted)
	})
	ginkgo.AfterSuite(func(ctx ginkgo.SpecContext) {
		var failed []string
		for _, s := range unmeasured {
			if stopped || run.Interrupted() {
				break
			}
			if v, _ := prove(ctx, run, s.Again(), w); v.Result == verdict.Fail {
				failed = append(failed, said(v))
			}
		}
		if len(failed) > 0 {
			ginkgo.Fail(strings.Join(failed, "\n"))
		}
	})
	for _, s := range scenarios {
		ginkgo.Describe(s.Topic, func() {
			ginkgo.It(s.Promise, ginkgo.Label(s.Labels()...), func(ctx ginkgo.SpecContext) {
				switch v, why := prove(ctx, run, s, w); {
				case !why.IsZero():
					ginkgo.Skip(why.String())
				case v.Result == verdict.Fail:
					ginkgo.Fail(said(v))
				case v.Result == verdict.Invalid:
					fmt.Fprintf(w, "hagate: %s: it is measured again at the end of the run\n", s.Name)
					unmeasured = append(unmeasured, s)
				}
			})
		})
	}
	gomega.RegisterFailHandler(ginkgo.Fail)
	suite, reporter := ginkgo.GinkgoConfiguration()
	suite.LabelFilter, suite.FailOnEmpty = config.Labels, true
	suite.Timeout, suite.GracePeriod = runFor, endGrace
	reporter.NoColor, reporter.SilenceSkips, reporter.ForceNewlines = config.Plain, config.Plain, config.Plain
	began := time.Now()
	passed := ginkgo.RunSpecs(specs{}, "hagate", suite, reporter)
	if !run.Began() {
		return verdict.Verdict{}, cmp.Or(begun, fmt.Errorf("LABELS=%q takes no scenario", config.Labels))
	}
	v, err := run.Conclude(w)
	switch {
	case v.Result == "":
		v.Result = verdict.Invalid // the record could not be read
	case err != nil:
	case v.Result == verdict.Invalid && run.Interrupted() && time.Since(began) < runFor:
		err = ErrInterrupted
	case v.Result == verdict.Pass && !passed && closed == nil:
		err = errors.New("a Ginkgo spec that is no scenario failed: see above")
	case v.Result == verdict.Pass && !passed:
		err = errors.New("what the run made could not all be taken down: see above, and hagate recover")
	case v.Result == verdict.Fail && config.Fix:
		err = run.Fix(context.Background(), w, v, Names())
	}
	return v, err
}

// specs hears from Ginkgo that one of them failed, which the verdict says better.
type specs struct{}

func (specs) Fail() {}

// prove plays s and says in one line how it ended. Where s does not apply, it says why.
func prove(ctx context.Context, run *gate.Run, s gate.Scenario, w io.Writer) (v verdict.Scenario, why record.Text) {
	ginkgo.GinkgoHelper()
	why, err := run.Skip(ctx, s)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	if !why.IsZero() {
		return v, why
	}
	v, err = run.Play(ctx, s)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	fmt.Fprintf(w, "hagate: %s: %s\n", s.Name, said(v))
	return v, why
}

// said is the verdict in its own words.
func said(v verdict.Scenario) string { return fmt.Sprintf("%s: %s", v.Result, v.Reason) }
