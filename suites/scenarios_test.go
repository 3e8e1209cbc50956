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
	if err := whole(scenarios); err != nil {
		t.Error(err)
	}
	lame := scenarios[0]
	lame.SLO = nil
	err := whole([]gate.Scenario{scenarios[0], scenarios[0], lame, {}})
	for _, want := range []string{"needs a name that no other has", "needs an SLO", `scenario "" needs a Name`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
