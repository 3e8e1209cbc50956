package suites

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"hagate/target"
)

var (
	filterRegexp = regexp.MustCompile(`/[^/]*/`)
	filterSigns  = regexp.MustCompile(`[&|!(),]+`)
)

// checkFilter is an error where filter is no label filter of Ginkgo's, or has a word that is
// no scenario's label.
func checkFilter(filter string) error {
	_, err := types.ParseLabelFilter(filter)
	if of, ok := errors.AsType[types.GinkgoError](err); ok {
		return fmt.Errorf("LABELS=%q is no label filter: %s: write it as 'drain || (pod-loss && !scale)'", filter, of.Message)
	}
	if err != nil {
		return fmt.Errorf("LABELS=%q is no label filter: %w", filter, err)
	}
	return unknownLabel(filter)
}

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
