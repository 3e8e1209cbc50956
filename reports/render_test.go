package reports_test

import (
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hagate/record"
	"hagate/reports"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// render renders the record of entries and returns its files by name.
func render(t *testing.T, entries []record.Entry) (verdict.Verdict, map[string]string) {
	t.Helper()
	dir := t.TempDir()
	if err := verdicttest.Write(dir, entries); err != nil {
		t.Fatal(err)
	}
	v, err := reports.Render(dir, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range names {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name()] = string(text)
	}
	return v, files
}

func TestGolden(t *testing.T) {
	v, files := render(t, verdicttest.Run(verdicttest.PodDelete(), verdicttest.NodeDrain(), verdicttest.Busy()))
	if len(files) != 6 {
		t.Errorf("the folder holds %d files, want the record and five reports", len(files))
	}
	files[reports.HTMLFile] = regexp.MustCompile("(?s)<script>.*?</script>\n").ReplaceAllString(files[reports.HTMLFile], "") // they stand in files of their own
	for _, name := range []string{reports.JUnitFile, reports.HTMLFile, reports.SummaryFile, reports.MetricsFile} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(files[name]), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if files[name] != string(want) {
			t.Errorf("%s differs from %s; run with -update and look at the difference", name, path)
		}
	}
	var read verdict.Verdict
	if err := json.Unmarshal([]byte(files[reports.VerdictFile]), &read); err != nil || read.Result != v.Result || len(read.Scenarios) != 3 {
		t.Errorf("verdict.json: %v, %s", err, read.Result)
	}
}

// TestSelfContained looks for anything that a browser would fetch.
func TestSelfContained(t *testing.T) {
	_, files := render(t, verdicttest.Run(verdicttest.PodDelete()))
	if found := regexp.MustCompile(`(?i)<(link|img|iframe|script[^>]+src)|@import|url\(|src=`).FindAllString(files[reports.HTMLFile], -1); found != nil {
		t.Errorf("index.html is not self-contained: %q", found)
	}
}

func TestHostileNames(t *testing.T) {
	const evil = `"'><script>alert(1)</script><img src=x onerror=alert(2)>&` + "\x00\u202e"
	entries := verdicttest.Run(verdicttest.NodeDrain())
	for _, e := range entries {
		switch {
		case e.Run != nil:
			e.Run.Target, e.Run.Command, e.Run.Cluster, e.Run.Images = evil, evil, evil, map[string]string{evil: evil}
		case e.Start != nil:
			e.Start.Promise, e.Start.SLO.Derivation, e.Start.Plan.Requests[0].Path = evil, record.Words(evil), evil
			e.Start.Plan.Streams[3].URL = evil
		case e.Pod != nil:
			e.Pod.Name, e.Pod.Node = evil+e.Pod.Name, evil
		case e.Node != nil:
			e.Node.Name = evil + e.Node.Name
		case e.Fault != nil:
			e.Fault.Evidence = []record.Text{record.Words(evil)}
			e.Fault.Name = evil
		case e.Phase != nil:
			e.Phase.Note = record.Words(evil)
		case e.Request != nil:
			e.Request.Error, e.Request.Pod, e.Request.Remote = evil, evil, evil
		case e.Second != nil && e.Second.Failed != nil:
			for class, slots := range e.Second.Failed {
				e.Second.Failed[evil+class] = slots
				delete(e.Second.Failed, class)
				break
			}
			e.Second.Pods[evil] = 1
		}
	}
	_, files := render(t, entries)
	// Between backquotes Markdown takes everything for text.
	files[reports.SummaryFile] = regexp.MustCompile("(?s)`+ .*? `+").ReplaceAllString(files[reports.SummaryFile], "")
	_, harmless := render(t, verdicttest.Run(verdicttest.NodeDrain()))
	for _, tag := range []string{"<script", "</script", "<img"} {
		for _, name := range []string{reports.HTMLFile, reports.SummaryFile} {
			if strings.Count(files[name], tag) != strings.Count(harmless[name], tag) {
				t.Errorf("%s has markup from the record: %s", name, tag)
			}
		}
	}
	for line := range strings.Lines(files[reports.MetricsFile]) {
		if !regexp.MustCompile(`^(# .*|hagate_[a-z_]+\{([a-z]+="([^"\\\n]|\\[\\"n])*",?)*\} [0-9.e+-]+)\n$`).MatchString(line) {
			t.Errorf("metrics.txt has the line %q", line)
		}
	}
	for in := xml.NewDecoder(strings.NewReader(files[reports.JUnitFile])); ; {
		if _, err := in.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("junit.xml is malformed: %v", err)
		}
	}
}

// TestWithoutScenarios renders what is left of a run that never got under way.
func TestWithoutScenarios(t *testing.T) {
	for name, entries := range map[string][]record.Entry{"no scenario": verdicttest.Run(), "an empty record": nil, "a scenario's first entry": verdicttest.PodDelete()[:1]} {
		v, files := render(t, entries)
		if v.Result != verdict.Invalid || !strings.Contains(files[reports.HTMLFile], "INVALID") || !strings.Contains(files[reports.JUnitFile], "<error") {
			t.Errorf("%s: %s: %s", name, v.Result, v.Reason)
		}
	}
}

func TestRenderWithoutRecord(t *testing.T) {
	if _, err := reports.Render(t.TempDir(), "", nil); err == nil || !strings.Contains(err.Error(), record.FileName) {
		t.Errorf("the error does not name the record: %v", err)
	}
}
