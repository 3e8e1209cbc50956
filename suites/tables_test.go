package suites

import (
	"encoding/csv"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables of docs/ anew")

// keepTable has file say want between begin and end. With -update it writes that.
func keepTable(t *testing.T, file, begin, end, want string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ended := strings.Cut(rest, end)
	if !ok || !ended {
		t.Fatalf("%s has no %q and %q", file, begin, end)
	}
	whole := head + begin + want + end + tail
	if whole == string(text) {
		return
	}
	if !*update {
		t.Fatalf("a table in %s is not what it is made of: go test ./suites -update", file)
	}
	if err := os.WriteFile(file, []byte(whole), 0o644); err != nil {
		t.Fatal(err)
	}
}

// readRows reads a file of docs/ that has so many columns and a head line, without that.
func readRows(t *testing.T, file string, columns int) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = columns
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}
