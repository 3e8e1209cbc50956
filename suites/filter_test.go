package suites

import (
	"strings"
	"testing"
)

func TestScenariosAreFoundByTheirLabels(t *testing.T) {
	for _, filter := range []string{"", "gate", "drain || pod-kill", "!(drain&&full),Quick", "/^pod-(x|y)/ && !spread"} {
		if err := checkFilter(filter); err != nil {
			t.Errorf("%s: %v", filter, err)
		}
	}
	for filter, want := range map[string]string{
		"pod-delte":         `no scenario has the label "pod-delte": did you mean pod-delete?`,
		"drain || podloss":  `no scenario has the label "podloss": did you mean pod-loss?`,
		"gat":               `no scenario has the label "gat": did you mean gate?`,
		"drain ||":          `LABELS="drain ||" is no label filter`,
		"(drain":            `LABELS="(drain" is no label filter`,
		"full && !everyone": `no scenario has the label "everyone": use one of capacity, `,
	} {
		if err := checkFilter(filter); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", filter, err, want)
		}
	}
}
