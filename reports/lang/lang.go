// Package lang puts the report's texts into another language. English is what code,
// templates, scripts and records are written in, and the key: the file of a language
// holds, for each English text with its verbs, the same in that language. Its verbs may
// have another order (%[2]s).
package lang

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"
)

// Lang is a language. The nil Lang is English.
type Lang struct {
	tag   string            // as in <html lang>
	texts map[string]string // English → this language
	whole map[string]string // those without a verb, as they are read
	forms []form            // those with one
	style string
}

var (
	//go:embed ko.yaml
	korean []byte
	//go:embed ko.css
	koreanStyle string
)

// Parse gives the language with the tag: English where it is empty. Its error names what
// is allowed.
func Parse(tag string) (*Lang, error) {
	switch tag {
	case "", "en":
		return nil, nil
	case "ko":
		return readKorean()
	}
	return nil, fmt.Errorf("REPORT_LANG=%q: want en or ko", tag)
}

var readKorean = sync.OnceValues(func() (*Lang, error) { return read("ko", korean, koreanStyle) })

func read(tag string, file []byte, style string) (*Lang, error) {
	l := &Lang{tag: tag, style: style, whole: map[string]string{}}
	if err := yaml.UnmarshalStrict(file, &l.texts); err != nil {
		return nil, fmt.Errorf("reading the texts of language %s: %w", tag, err)
	}
	for english, text := range l.texts {
		if verb.MatchString(strings.ReplaceAll(english, "%%", "")) {
			l.forms = append(l.forms, newForm(english, text))
		} else {
			l.whole[fill(english, nil)] = fill(text, nil)
		}
	}
	slices.SortFunc(l.forms, byWrap)
	return l, nil
}

// Tag is the language's, as HTML's lang attribute has it.
func (l *Lang) Tag() string {
	if l == nil {
		return "en"
	}
	return l.tag
}

// Style is what the language adds to the page's style sheet: its fonts, and where its
// lines may break.
func (l *Lang) Style() string {
	if l == nil {
		return ""
	}
	return l.style
}

// Sprintf is fmt.Sprintf with the format in this language; one that has no text in it
// stays English.
func (l *Lang) Sprintf(format string, args ...any) string {
	if l != nil {
		if text, ok := l.texts[format]; ok {
			format = text
		}
	}
	return fmt.Sprintf(format, args...)
}

// verb is one of fmt's; its index, if it has one, is the first group.
var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+#0-9.]*([a-zA-Z%])`)

// fill puts args in the place of format's verbs.
func fill(format string, args []string) string {
	next := 0
	return verb.ReplaceAllStringFunc(format, func(v string) string {
		m := verb.FindStringSubmatch(v)
		if m[2] == "%" {
			return "%"
		}
		if m[1] != "" {
			n, _ := strconv.Atoi(m[1])
			next = n - 1
		}
		next++
		if next < 1 || next > len(args) {
			return v
		}
		return args[next-1]
	})
}
