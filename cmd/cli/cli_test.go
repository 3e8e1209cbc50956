package cli

import (
	"errors"
	"testing"

	. "github.com/onsi/gomega"

	"hagate/suites"
	"hagate/verdict"
)

// CI tells by the exit code what became of a run.
func TestEnd(t *testing.T) {
	g := NewWithT(t)
	full := errors.New("no space left on device")
	for _, c := range []struct {
		result verdict.Result
		err    error
		want   ended
	}{
		{verdict.Fail, nil, ended{failed, nil}},
		{verdict.Invalid, nil, ended{invalid, nil}},
		{verdict.Invalid, full, ended{invalid, full}},
		{verdict.Invalid, suites.ErrInterrupted, ended{interrupted, nil}},
		{"", full, ended{wrongUse, full}},
	} {
		g.Expect(end(verdict.Verdict{Result: c.result}, c.err)).To(MatchError(c.want))
	}
	g.Expect(end(verdict.Verdict{Result: verdict.Pass}, nil)).To(Succeed())
	g.Expect(end(verdict.Verdict{Result: verdict.Pass}, full)).To(MatchError(ended{failed, full}), "the reports could not be written")
}

// A wrong setting ends with a code of its own, before anything is begun, and is no business
// of the other commands.
func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{{"test", "--rate=fast"}, {"test", "--labels", "pod-delte"}, {"test", "--nonsense"}, {"test", "pod-delete"}, {"tset"}, {"test", "--labels=(drain"}, {"lint", "--nonsense", "."}} {
		t.Setenv("RATE", "") // flags set these
		t.Setenv("LABELS", "")
		NewWithT(t).Expect(Run(args)).To(Equal(wrongUse), "%v", args)
	}
	t.Setenv("RATE", "fast")
	NewWithT(t).Expect(Run([]string{"version"})).To(Equal(0))
}

// Every setting that a run knows by its environment has a flag that says so.
func TestEveryFlagNamesItsVariable(t *testing.T) {
	g := NewWithT(t)
	c := test()
	for _, s := range settings {
		f := c.Flags().Lookup(s.flag)
		g.Expect(f).NotTo(BeNil())
		g.Expect(f.Usage).To(HaveSuffix("(" + s.env + ")"))
	}
}
