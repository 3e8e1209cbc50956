package journal

import (
	"context"
	"errors"
	"testing"

	. "github.com/onsi/gomega"
)

func TestUndo(t *testing.T) {
	g := NewWithT(t)
	j := create(t, t.TempDir(), "run")
	for _, kind := range []string{"cluster", "namespace", "mystery", "cordon"} {
		add(t, j, kind)
	}
	var undone []string
	stuck := errors.New("stuck")
	note := func(err error) Undo {
		return func(_ context.Context, args map[string]string) error {
			undone = append(undone, args["name"])
			return err
		}
	}
	err := j.Undo(t.Context(), map[string]Undo{"cluster": note(nil), "namespace": note(stuck), "cordon": note(nil)})
	g.Expect(err).To(MatchError(stuck))
	g.Expect(err).To(MatchError(ContainSubstring("mystery")))
	g.Expect(undone).To(Equal([]string{"cordon-1", "namespace-1", "cluster-1"}))
	g.Expect(kinds(j.Pending())).To(Equal([]string{"mystery", "namespace"}))

	g.Expect(j.Undo(t.Context(), map[string]Undo{"namespace": note(nil), "mystery": note(nil)})).To(Succeed())
	g.Expect(j.Pending()).To(BeEmpty())
}

func TestUndoStopsWithItsContext(t *testing.T) {
	g := NewWithT(t)
	j := create(t, t.TempDir(), "run")
	add(t, j, "cordon")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := j.Undo(ctx, map[string]Undo{"cordon": func(context.Context, map[string]string) error {
		t.Error("undone after the context's end")
		return nil
	}})
	g.Expect(err).To(MatchError(context.Canceled))
	g.Expect(j.Pending()).To(HaveLen(1))
}
