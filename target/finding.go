package target

import (
	"fmt"
	"strconv"
	"strings"
)

// Severity says what a Finding leads to.
type Severity string

// The severities of findings.
const (
	Error   Severity = "error"   // it cannot work: nothing is created
	Warning Severity = "warning" // it will fail a scenario, or is likely to be a mistake
)

// Finding is one thing that is wrong with a target, seen without a cluster.
type Finding struct {
	Rule      string   `json:"rule"`
	Severity  Severity `json:"severity"`
	File      string   `json:"file"`
	Line      int      `json:"line,omitempty"` // 0: of the file as a whole
	Object    string   `json:"object,omitempty"`
	Field     string   `json:"field,omitempty"`
	What      string   `json:"what"`
	Fix       string   `json:"fix"`
	Scenarios []string `json:"scenarios,omitempty"` // that would show it
}

// Error is "file:line: field: what: fix", with the rest where it is a warning.
func (x Finding) Error() string {
	text := x.File + ":"
	if x.Line > 0 {
		text += strconv.Itoa(x.Line) + ":"
	}
	if x.Severity == Warning {
		text += " warning:"
	}
	if x.Field != "" {
		text += " " + x.Field + ":"
	}
	text += " " + x.Message()
	if len(x.Scenarios) > 0 {
		text += fmt.Sprintf(" (shown by %s)", strings.Join(x.Scenarios, ", "))
	}
	return text
}

// Message is what is wrong, and the fix.
func (x Finding) Message() string { return x.What + ": " + x.Fix }

// at is the path of a field of an object stands: at("spec.ports", 0, "targetPort").
func at(parts ...any) (path []string) {
	for _, part := range parts {
		switch p := part.(type) {
		case string:
			path = append(path, strings.Split(p, ".")...)
		case []string:
			path = append(path, p...)
		default:
			path = append(path, fmt.Sprint(p))
		}
	}
	return path
}

// field writes a path as messages do: "spec.ports[0].targetPort".
func field(path []string) (text string) {
	for _, key := range path {
		if _, err := strconv.Atoi(key); err == nil {
			text += "[" + key + "]"
			continue
		}
		text = join(text, key)
	}
	return text
}
