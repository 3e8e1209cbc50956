package suites

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hagate/cases"
	"hagate/gate"
)

const (
	document   = "../docs/scenarios.md"
	tableBegin = "<!-- the scenarios' own words: go test ./suites -update -->\n"
	tableEnd   = "<!-- end of the scenarios -->\n"
)

// TestScenariosTable keeps the table in docs/ what the specs say of themselves.
func TestScenariosTable(t *testing.T) {
	keepTable(t, document, tableBegin, tableEnd, table())
}

// What is not compiled into the suite reads the scenarios' names from there.
func TestScenariosAreReadFromTheTable(t *testing.T) {
	got, err := cases.Scenarios(document)
	if err != nil || !slices.Equal(got, Names()) {
		t.Errorf("%v %v, want %v", got, err, Names())
	}
}

func table() string {
	var b strings.Builder
	b.WriteString("| label | topic | profile | what is done | what must hold |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range scenarios {
		profile := s.Profile
		if profile == "" {
			profile = "by name only"
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | %s |\n", s.Name, s.Topic, profile, s.Done, s.Holds)
	}
	return b.String()
}

func TestScenariosAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range scenarios {
		if s.Name == "" || s.Topic == "" || s.Promise == "" || s.Done == "" || s.Holds == "" || s.SLO == nil || s.Fault == nil && s.Hold == nil && !s.Raises {
			t.Errorf("%+v lacks something", s)
		}
		if s.Profile != "" && !slices.Contains(gate.Profiles, s.Profile) {
			t.Errorf("%s: no profile is called %q", s.Name, s.Profile)
		}
		if seen[s.Name] {
			t.Errorf("two scenarios are called %s", s.Name)
		}
		seen[s.Name] = true
	}
}
