package verdict_test

import (
	"slices"
	"testing"

	"hagate/record"
	"hagate/verdict"
)

func TestHeadlines(t *testing.T) {
	v := verdict.Verdict{Scenarios: []verdict.Scenario{
		{Name: "steady"},
		{Name: "scale", Cause: record.Words("rare"), Fix: record.Words("change a")},
		{Name: "pod-delete", Cause: record.Words("often"), Fix: record.Words("change b")},
		{Name: "node-drain", Cause: record.Words("often"), Fix: record.Words("change b")},
	}}
	all := v.Headlines()
	if len(all) != 2 || all[0].Cause.String() != "often" || !slices.Equal(all[0].Scenarios, []string{"pod-delete", "node-drain"}) || all[1].Fix.String() != "change a" {
		t.Errorf("%+v", all)
	}
}
