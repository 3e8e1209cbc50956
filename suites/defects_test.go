package suites

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	defectsFile  = "../docs/defects.csv"
	defectsBegin = "<!-- of defects.csv: go test ./suites -update -->\n"
	defectsEnd   = "<!-- end of the defects -->\n"
)

// Columns of the file of defects.
const (
	defectOf   = iota // a scenario
	defectIn          // a folder of cases, or words where the defect is the cluster's
	defectAt          // commit
	defectSays        // the verdict's reason
	defectColumns
)

// TestScenariosFailOnDefects keeps the table of what each scenario said of a service, or a
// cluster, with the defect that it is for. One that has not been seen to fail stands there
// too.
func TestScenariosFailOnDefects(t *testing.T) {
	of := map[string][][]string{}
	for _, row := range readRows(t, defectsFile, defectColumns) {
		of[row[defectOf]] = append(of[row[defectOf]], row)
		if _, err := os.Stat(filepath.Join("../cases", row[defectIn])); err != nil && !strings.Contains(row[defectIn], " ") {
			t.Errorf("%s: %s: there is no target %q", defectsFile, row[defectOf], row[defectIn])
		}
	}
	var b strings.Builder
	b.WriteString("| scenario | the defect's target | what the verdict said |\n| --- | --- | --- |\n")
	for _, s := range scenarios {
		if len(of[s.Name]) == 0 {
			fmt.Fprintf(&b, "| `%s` | – | not seen to fail yet |\n", s.Name)
		}
		for _, row := range of[s.Name] {
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, row[defectIn], row[defectSays])
		}
	}
	keepTable(t, runsTable, defectsBegin, defectsEnd, b.String())
}
