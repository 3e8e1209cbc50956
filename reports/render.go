// Package reports renders a run's record: verdict.json, junit.xml and metrics.txt for
// machines, summary.md for a job's page, and index.html, one self-contained file, for the people who decide. It reads the
// record and nothing else, so a report can be made again at any time.
package reports

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"hagate/record"
	"hagate/reports/lang"
	"hagate/verdict"
)

// Names of the files inside a run's folder.
const (
	HTMLFile    = "index.html"
	JUnitFile   = "junit.xml"
	VerdictFile = "verdict.json"
	SummaryFile = "summary.md"
	MetricsFile = "metrics.txt"
	LogDir      = "logs" // what the target's Pods logged; the run itself fills it
)

// Render judges the record in dir, writes the reports beside it, each at once
// or not at all, and returns the verdict. The page compares the run with what is in the
// folder base, a run's or one of runs, unless that is empty. The page is in a language;
// the other reports, which machines read, are English.
func Render(dir, base string, in *lang.Lang) (verdict.Verdict, error) {
	var judge verdict.Judge
	var tales tales
	err := record.ReadFile(filepath.Join(dir, record.FileName), func(e record.Entry) error {
		judge.Add(e)
		tales.add(e)
		return nil
	})
	if err != nil {
		return verdict.Verdict{}, fmt.Errorf("rendering %s: %w", dir, err)
	}
	v := judge.Verdict()
	var against *comparison
	if base != "" {
		before, err := earlier(base, v)
		if err != nil {
			return v, fmt.Errorf("comparing with BASE=%s: %w", base, err)
		}
		against = compare(v, before, in)
	}
	for _, file := range []struct {
		name   string
		render func() ([]byte, error)
	}{
		{VerdictFile, func() ([]byte, error) { return verdictJSON(v) }},
		{JUnitFile, func() ([]byte, error) { return junit(v) }},
		{SummaryFile, func() ([]byte, error) { return markdown(v) }},
		{MetricsFile, func() ([]byte, error) { return metrics(v) }},
		{HTMLFile, func() ([]byte, error) { return page(v, tales, against, logs(dir), in) }},
	} {
		text, err := file.render()
		if err == nil {
			err = replace(filepath.Join(dir, file.name), text)
		}
		if err != nil {
			return v, fmt.Errorf("rendering %s: %w", file.name, err)
		}
	}
	return v, nil
}

// logs is the name of the run's folder of logs, or nothing where it has none.
func logs(dir string) string {
	if files, err := os.ReadDir(filepath.Join(dir, LogDir)); err != nil || len(files) == 0 {
		return ""
	}
	return LogDir
}

func verdictJSON(v verdict.Verdict) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", "  ")
	return append(text, '\n'), err
}

// replace puts text in path's place: a reader finds the old file or the new one.
func replace(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(text); err != nil {
		f.Close()
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
