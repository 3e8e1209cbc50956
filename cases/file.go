package cases

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"hagate/target"
)

// file is a case's file while it is checked.
type file struct {
	name     string
	root     yaml.Node
	problems []error
}

// parse reads text strictly. name is how its errors call the file.
func parse(name string, text []byte, scenarios []string) (Case, error) {
	f := &file{name: name}
	var c Case
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil {
		f.unreadable(err)
		return Case{}, errors.Join(f.problems...)
	}
	if err := d.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		f.at(1, "", "more than one document: keep one case in a file")
	}
	if err := yaml.Unmarshal(text, &f.root); err != nil {
		f.unreadable(err)
	}
	c.check(f, scenarios)
	return c, errors.Join(f.problems...)
}

var (
	yamlLine     = regexp.MustCompile(`line (\d+): (.+)`)
	unknownField = regexp.MustCompile(`^field (\S+) not found in type cases\.(\w+)$`)
)

// unreadable adds each of a YAML parser's complaints.
func (f *file) unreadable(err error) {
	if errors.Is(err, io.EOF) {
		f.at(1, "", "the file is empty: begin with about: and scenarios:")
		return
	}
	complaints := []string{err.Error()}
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) {
		complaints = wrong.Errors
	}
	for _, text := range complaints {
		line := 1
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			line, _ = strconv.Atoi(m[1])
			text = m[2]
		}
		if m := unknownField.FindStringSubmatch(text); m != nil {
			known := fields[Case]()
			if m[2] == "Expectation" {
				known = fields[Expectation]()
			}
			f.at(line, m[1], "no such field: "+target.Instead(m[1], known))
			continue
		}
		f.at(line, "", "cannot be read: "+strings.TrimPrefix(text, "yaml: ")+": mend this line or the one beside it")
	}
}

// problem adds what is wrong with the field that keys lead to, and the fix.
func (f *file) problem(text string, keys ...string) {
	line, n := 1, &f.root
	if len(n.Content) > 0 {
		n = n.Content[0]
	}
	for _, key := range keys {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				line, n = n.Content[i].Line, n.Content[i+1]
				break
			}
		}
	}
	f.at(line, strings.Join(keys, "."), text)
}

func (f *file) at(line int, field, text string) {
	if field != "" {
		text = field + ": " + text
	}
	f.problems = append(f.problems, fmt.Errorf("%s:%d: %s", f.name, line, text))
}

func fields[T any]() (names []string) {
	for f := range reflect.TypeFor[T]().Fields() {
		if tag := f.Tag.Get("yaml"); tag != "-" {
			names = append(names, tag)
		}
	}
	return names
}
