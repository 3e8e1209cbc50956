package suites

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hagate/verdict/words"
)

const (
	runsFile  = "../docs/runs.csv" // a row a scenario and run, as docs/runs.md says how to write it
	runsTable = "../docs/runs.md"
	runsBegin = "<!-- of runs.csv: go test ./suites -update -->\n"
	runsEnd   = "<!-- end of the runs -->\n"
)

// TestScenariosRuns keeps the table of measured runs what its rows say.
func TestScenariosRuns(t *testing.T) {
	keepTable(t, runsTable, runsBegin, runsEnd, tableOfRuns(t, readRuns(t)))
}

// defaultRate is the default target's, in requests/s of each stream.
const defaultRate = "200"

// Columns of the file of runs.
const (
	ofRun = iota
	ofCommit
	ofScenario
	ofVerdict
	ofRate      // requests/s of each stream
	ofFailed    // requests, all streams
	ofWorst     // of them on one stream
	ofBudget    // a stream's
	ofOutage    // the longest, ms
	ofRecovery  // ms; "never"; empty where there was no fault
	runsColumns = iota
)

func readRuns(t *testing.T) map[string][][]string {
	t.Helper()
	of := map[string][][]string{}
	for _, row := range readRows(t, runsFile, runsColumns) {
		if !slices.Contains(Names(), row[ofScenario]) {
			t.Errorf("%s: run %s: there is no scenario %q", runsFile, row[ofRun], row[ofScenario])
		}
		of[row[ofScenario]] = append(of[row[ofScenario]], row)
	}
	return of
}

func tableOfRuns(t *testing.T, rows map[string][][]string) string {
	var b strings.Builder
	b.WriteString("| scenario | verdicts | failed requests, all streams, at 200 requests/s | of a stream's budget, at the worst | longest outage | time to recover |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, s := range scenarios {
		of := rows[s.Name]
		if len(of) == 0 {
			continue
		}
		measured := slices.DeleteFunc(slices.Clone(of), func(row []string) bool { return row[ofVerdict] == "INVALID" })
		atDefault := slices.DeleteFunc(slices.Clone(measured), func(row []string) bool { return row[ofRate] != defaultRate })
		millis := func(n int) string { return words.Duration(time.Duration(n) * time.Millisecond) }
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s | %s |\n", s.Name, verdicts(of),
			medianAndWorst(t, atDefault, ofFailed, words.Count), budgetUsed(t, measured), medianAndWorst(t, measured, ofOutage, millis), medianAndWorst(t, measured, ofRecovery, millis))
	}
	return b.String()
}

func verdicts(rows [][]string) string {
	var parts []string
	for _, v := range []string{"PASS", "FAIL", "INVALID"} {
		n := 0
		for _, row := range rows {
			if row[ofVerdict] == v {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v))
		}
	}
	return strings.Join(parts, ", ")
}

// never is longer than any other time.
const never = 1<<31 - 1

// medianAndWorst of a column; the median of an even number is the upper one.
func medianAndWorst(t *testing.T, rows [][]string, column int, say func(int) string) string {
	var values []int
	for _, row := range rows {
		switch row[column] {
		case "":
		case "never":
			values = append(values, never)
		default:
			values = append(values, number(t, row[column]))
		}
	}
	if len(values) == 0 {
		return "–"
	}
	slices.Sort(values)
	one := func(n int) string {
		if n == never {
			return "never"
		}
		return say(n)
	}
	return one(values[len(values)/2]) + " / " + one(values[len(values)-1])
}

func budgetUsed(t *testing.T, rows [][]string) string {
	most := -1.0
	for _, row := range rows {
		if budget := number(t, row[ofBudget]); budget > 0 {
			most = max(most, 100*float64(number(t, row[ofWorst]))/float64(budget))
		}
	}
	if most < 0 {
		return "none to spend"
	}
	return fmt.Sprintf("%.0f %%", most)
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", runsFile, err)
	}
	return n
}
