package suites

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hagate/target"
)

var (
	filterRegexp = regexp.MustCompile(`/[^/]*/`)
	filterSigns  = regexp.MustCompile(`[&|!(),]+`)
)

// unknownLabel says which word of a Ginkgo label filter is no scenario's label: a filter
// with a word that is spelt wrong takes fewer scenarios than its author believes, and may
// take none.
func unknownLabel(filter string) error {
	var known []string
	for _, s := range scenarios {
		known = append(known, s.Labels()...)
	}
	slices.Sort(known)
	known = slices.Compact(known)
	for _, word := range filterSigns.Split(filterRegexp.ReplaceAllString(filter, ""), -1) {
		word = strings.ToLower(strings.TrimSpace(word))
		if word != "" && !slices.Contains(known, word) {
			return fmt.Errorf("LABELS, or PROFILE where that is unset: no scenario has the label %q: %s", word, target.Instead(word, known))
		}
	}
	return nil
}

// The name begins like that of the other tests that need no cluster.
func TestScenariosAreFoundByTheirLabels(t *testing.T) {
	for _, filter := range []string{"", "gate", "drain || pod-kill", "!(drain&&full),Quick", "/^pod-(x|y)/ && !spread"} {
		if err := unknownLabel(filter); err != nil {
			t.Errorf("%s: %v", filter, err)
		}
	}
	for filter, want := range map[string]string{
		"pod-delte":         `no scenario has the label "pod-delte": did you mean pod-delete?`,
		"drain || podloss":  `no scenario has the label "podloss": did you mean pod-loss?`,
		"gat":               `no scenario has the label "gat": did you mean gate?`,
		"full && !everyone": `no scenario has the label "everyone": use one of capacity, `,
	} {
		if err := unknownLabel(filter); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", filter, err, want)
		}
	}
}
