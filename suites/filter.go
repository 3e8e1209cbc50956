package suites

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

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
