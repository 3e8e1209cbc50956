package gate

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	. "github.com/onsi/gomega"

	"hagate/record"
	"hagate/target"
	"hagate/verdict"
)

// did keeps the names of steps that were done and ended.
type did []string

// does is a step that ends in err, and adds itself to d.
func (d *did) does(name string, err error) step {
	return step{
		name: record.Words(name),
		do:   func(context.Context) error { *d = append(*d, name); return err },
		end:  func(context.Context) error { *d = append(*d, "end "+name); return nil },
	}
}

// begun is a run whose record is open, in folders of its own, and its record's entries.
func begun(t *testing.T, edit func(*Config)) (*Run, *[]record.Entry) {
	t.Helper()
	c := Config{Out: t.TempDir(), StateDir: t.TempDir()}
	if edit != nil {
		edit(&c)
	}
	r, err := begin(c, []string{"pod-delete"})
	if err != nil {
		t.Fatal(err)
	}
	var seen []record.Entry
	r.record.Observe(func(e record.Entry) { seen = append(seen, e) })
	return r, &seen
}

// Steps are done in their order and ended in the other one, the one that failed too.
func TestSteps(t *testing.T) {
	for name, c := range map[string]struct {
		fails string // the step
		err   string
		did   did
		times []string // that were recorded
	}{
		"all are done":      {did: did{"cluster", "target", "watch", "end watch", "end target", "end cluster"}, times: []string{"cluster", "target", "watch"}},
		"one of them fails": {fails: "target", err: "target: no room", did: did{"cluster", "target", "end target", "end cluster"}, times: []string{"cluster"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r, seen := begun(t, nil)
			var d did
			var steps []step
			for _, s := range []string{"cluster", "target", "watch"} {
				var err error
				if s == c.fails {
					err = errors.New("no room")
				}
				steps = append(steps, d.does(s, err))
			}
			err := r.bringUp(t.Context(), steps)
			if c.err == "" {
				g.Expect(err).NotTo(HaveOccurred())
			} else {
				g.Expect(err).To(MatchError(c.err))
			}
			g.Expect(r.Interrupted()).To(BeFalse())
			g.Expect(r.Close(t.Context())).To(Succeed())
			g.Expect(d).To(Equal(c.did))
			var times, problems []string
			for _, e := range *seen {
				switch {
				case e.Timing != nil:
					times = append(times, e.Timing.Step.String())
				case e.Problem != nil:
					problems = append(problems, e.Problem.What.String())
				}
			}
			g.Expect(times).To(Equal(c.times))
			if c.err != "" {
				g.Expect(problems).To(Equal([]string{c.err}))
			}
			g.Expect((*seen)[len(*seen)-1].End).To(Equal(&record.End{}))
		})
	}
}

// Whose problem it is that a run does not come up.
func TestBringUpSaysWhoseProblemItIs(t *testing.T) {
	for name, c := range map[string]struct {
		err    error
		result verdict.Result
		reason string
	}{
		"the service's": {notUp{errors.New("no progress")}, verdict.Fail, "the service did not come up: no progress"},
		"the harness's": {errors.New("no disk"), verdict.Invalid, "no disk"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r, _ := begun(t, nil)
			var d did
			g.Expect(r.bringUp(t.Context(), []step{d.does("service ready", c.err)})).To(MatchError(c.err))
			g.Expect(r.Close(t.Context())).To(Succeed())
			var out bytes.Buffer
			v, err := r.Conclude(&out)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(v.Result).To(Equal(c.result))
			g.Expect(v.Reason).To(ContainSubstring(c.reason))
			g.Expect(out.String()).To(ContainSubstring("report: " + r.Dir))
			g.Expect(filepath.EvalSymlinks(filepath.Join(r.Config.Out, "latest"))).To(Equal(must(filepath.EvalSymlinks(r.Dir))))
		})
	}
}

// An interrupt before, in or after a step leaves the rest undone, and is no problem of anybody's.
func TestBringUpInterrupted(t *testing.T) {
	for name, c := range map[string]struct {
		in  string // the step
		err string
		did did
	}{
		"before the first": {err: "before cluster: Ctrl-C", did: nil},
		"in one":           {in: "target", err: "target: Ctrl-C", did: did{"cluster", "target", "end target", "end cluster"}},
		"after one":        {in: "cluster", err: "before target: Ctrl-C", did: did{"cluster", "end cluster"}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			r, seen := begun(t, nil)
			ctx, stop := context.WithCancelCause(t.Context())
			defer stop(nil)
			if c.in == "" {
				stop(errors.New("Ctrl-C"))
			}
			var d did
			var steps []step
			for _, name := range []string{"cluster", "target", "watch"} {
				s := d.does(name, nil)
				if do := s.do; name == c.in {
					s.do = func(ctx context.Context) error {
						stop(errors.New("Ctrl-C"))
						if err := do(ctx); err != nil || name == "cluster" {
							return err
						}
						return context.Cause(ctx)
					}
				}
				steps = append(steps, s)
			}
			g.Expect(r.bringUp(ctx, steps)).To(MatchError(c.err))
			g.Expect(r.Interrupted()).To(BeTrue())
			g.Expect(r.Close(ctx)).To(Succeed())
			g.Expect(d).To(Equal(c.did))
			for _, e := range *seen {
				g.Expect(e.Problem).To(BeNil())
			}
			g.Expect((*seen)[len(*seen)-1].End).To(Equal(&record.End{Interrupted: true, Note: record.Words(c.err)}))
		})
	}
}

// What is wrong with a run's settings is said before its folder is there.
func TestBeginRefuses(t *testing.T) {
	taken := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	patient := must(target.WriteDefault(t.TempDir()))
	file := filepath.Join(patient, target.FileName)
	text := string(must(os.ReadFile(file))) + "  load: {timeout: 60s}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		edit func(*Config)
		err  string
	}{
		"no such target":        {func(c *Config) { c.Target = filepath.Join(taken, "web") }, "opening the target's folder"},
		"a rate that is none":   {func(c *Config) { c.Target, c.Rate = patient, 2000 }, "RATE=2000 for " + filepath.Join(patient, target.FileName)},
		"a state that is none":  {func(c *Config) { c.StateDir = taken }, "not a directory"},
		"a folder that is none": {func(c *Config) { c.Out = taken }, "creating the run's folder"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			config := Config{Out: t.TempDir(), StateDir: t.TempDir()}
			c.edit(&config)
			r, err := begin(config, nil)
			g.Expect(err).To(MatchError(ContainSubstring(c.err)))
			g.Expect(r.Began()).To(BeFalse())
			g.Expect(r.Close(t.Context())).To(Succeed(), "nothing began")
			_, err = r.Conclude(io.Discard)
			g.Expect(err).To(MatchError(ContainSubstring("no verdict")))
		})
	}
}

// A run that somebody watches shows its page until it is closed.
func TestBeginWatched(t *testing.T) {
	g := NewWithT(t)
	r, _ := begun(t, func(c *Config) { c.Watch, c.Rate = true, 50 })
	g.Expect(r.page.URL).To(HavePrefix("http://127.0.0.1:"))
	g.Expect(r.target.Spec.Load.Rate).To(Equal(50))
	g.Expect(r.bringUp(t.Context(), nil)).To(Succeed())
	g.Expect(r.Close(t.Context())).To(Succeed())
	_, err := r.Conclude(io.Discard)
	g.Expect(err).NotTo(HaveOccurred())
}

// Close stops the load and the watch, says how the run ended, and undoes what is pending.
func TestClose(t *testing.T) {
	for name, interrupted := range map[string]error{"at its end": nil, "by Ctrl-C": errors.New("Ctrl-C")} {
		t.Run(name, func(t *testing.T) {
			st := newRig(t)
			synctest.Test(t, func(t *testing.T) {
				g := NewWithT(t)
				var end *record.End
				st.record.Observe(func(e record.Entry) {
					if e.End != nil {
						end = e.End
					}
				})
				sampled, released := true, false
				st.stopCPU, st.release = func() { sampled = false }, func() { released = true }
				_, err := st.Play(t.Context(), st.delete())
				g.Expect(err).NotTo(HaveOccurred())
				st.interrupted, st.begun = interrupted, st.order()
				g.Expect(st.creating("cordon", map[string]string{"node": "a"})).To(Succeed())
				g.Expect(st.Close(t.Context())).To(Succeed())
				g.Expect(st.flowing).To(BeZero())
				g.Expect(st.side(0).closed && st.side(1).closed && st.shop.stopped && !sampled && released).To(BeTrue())
				g.Expect(end.Interrupted).To(Equal(interrupted != nil))
				g.Expect(st.journal.Pending()).To(BeEmpty())
			})
		})
	}
}

// What the journal cannot be told of is not made.
func TestNothingIsMadeThatTheJournalDoesNotHold(t *testing.T) {
	g := NewWithT(t)
	st := newRig(t)
	g.Expect(st.journal.Close()).To(Succeed())
	g.Expect(st.creatingObject(target.Object{Kind: "Namespace", Name: "shop"})).To(MatchError(ContainSubstring("writing the journal before creating a object")))
	g.Expect(st.takeLease(t.Context())).NotTo(Succeed())
	_, err := st.startInside(t.Context(), "control-plane")
	g.Expect(err).To(HaveOccurred())
	g.Expect(st.client.Actions()).To(BeEmpty())
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
