package cases

import (
	"fmt"
	"os"
	"regexp"
)

var scenarioRow = regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\| `[a-z-]+` \\| (?:quick|gate|full|by name only) \\|")

// Scenarios are the names in the table of docs/scenarios.md, which a test keeps what the
// suite has.
func Scenarios(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the names of the scenarios: %w", err)
	}
	var names []string
	for _, row := range scenarioRow.FindAllSubmatch(text, -1) {
		names = append(names, string(row[1]))
	}
	return names, nil
}
