package target

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// file is the target file while it is checked: the lines of its fields, and all that
// was found wrong with the target.
type file struct {
	dir, name string
	lines     map[string]int // by field: "spec.load.rate", "spec.requests[0].path"
	rule      string         // that is looked at
	findings  []Finding
}

func (f *file) String() string { return filepath.Join(f.dir, f.name) }

// given says whether field stands in the file.
func (f *file) given(field string) bool { return f.lines[field] > 0 }

// line is where field stands, or the nearest field around it.
func (f *file) line(field string) int {
	for field != "" {
		if n := f.lines[field]; n > 0 {
			return n
		}
		field = field[:max(0, strings.LastIndexAny(field, ".["))]
	}
	return 1
}

// problem adds what is wrong with field of the target file, and the fix: the format is
// "what: fix", cut at its last colon.
func (f *file) problem(field, format string, args ...any) {
	f.problemAt(f.String(), f.line(field), field, format, args...)
}

// problemAt adds what is wrong with a field of any of the target's files.
func (f *file) problemAt(name string, line int, field, format string, args ...any) {
	f.add(Finding{Severity: Error, File: name, Line: line, Field: field}, format, args...)
}

// problemIn adds what is wrong with the field of an object at path.
func (f *file) problemIn(m manifest, path []string, format string, args ...any) {
	f.add(m.finding(Error, path), format, args...)
}

// warn adds what will fail scenarios, or what is likely to be a mistake where there are none.
func (f *file) warn(m manifest, path, scenarios []string, format string, args ...any) {
	x := m.finding(Warning, path)
	x.Scenarios = scenarios
	f.add(x, format, args...)
}

func (f *file) add(x Finding, format string, args ...any) {
	const cut = "\x00"
	i := strings.LastIndex(format, ": ")
	x.What, x.Fix, _ = strings.Cut(fmt.Sprintf(format[:i]+cut+format[i+2:], args...), cut)
	x.Rule = f.rule
	f.findings = append(f.findings, x)
}

// err joins the errors among what was found.
func (f *file) err() error {
	var list []error
	for _, x := range f.findings {
		if x.Severity == Error {
			list = append(list, x)
		}
	}
	return errors.Join(list...)
}

var yamlLine = regexp.MustCompile(`line (\d+): (.+)`)

// syntax adds a YAML parser's complaint about a file.
func (f *file) syntax(name string, err error) {
	line, text := 1, strings.TrimPrefix(strings.Join(strings.Fields(err.Error()), " "), "yaml: ")
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	f.problemAt(name, line, "", "not YAML that can be read: %s: mend this line or the one beside it", text)
}

// cause is a file error without the path, which the message names already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
