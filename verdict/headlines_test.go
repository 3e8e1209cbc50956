package verdict_test

import (
	"slices"
	"testing"

	"hagate/verdict"
)

func TestHeadlines(t *testing.T) {
	v := verdict.Verdict{Scenarios: []verdict.Scenario{
		{Name: "steady"},
		{Name: "scale", Cause: "rare", Fix: "change a"},
		{Name: "pod-delete", Cause: "often", Fix: "change b"},
		{Name: "node-drain", Cause: "often", Fix: "change b"},
	}}
	all := v.Headlines()
	if len(all) != 2 || all[0].Cause != "often" || !slices.Equal(all[0].Scenarios, []string{"pod-delete", "node-drain"}) || all[1].Fix != "change a" {
		t.Errorf("%+v", all)
	}
}
