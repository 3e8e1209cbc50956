// Package lang puts the report's texts into another language. English is what code,
// templates, scripts and records are written in, and the key: the file of a language
// holds, for each English text with its verbs, the same in that language. Its verbs may
// have another order (%[2]s).
package lang

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
	"sigs.k8s.io/yaml"

	"hagate/record"
)

// Lang is a language. The nil Lang is English.
type Lang struct {
	tag     string            // as in <html lang>
	texts   map[string]string // English → this language
	printer *message.Printer  // of the same, for arguments that are strings
	style   string
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
	l := &Lang{tag: tag, style: style}
	failed := func(err error) (*Lang, error) {
		return nil, fmt.Errorf("reading the texts of language %s: %w", tag, err)
	}
	if err := yaml.UnmarshalStrict(file, &l.texts); err != nil {
		return failed(err)
	}
	of, err := language.Parse(tag)
	if err != nil {
		return failed(err)
	}
	texts := catalog.NewBuilder()
	for english, text := range l.texts {
		if err := texts.SetString(of, english, ofStrings(text)); err != nil {
			return failed(err)
		}
	}
	l.printer = message.NewPrinter(of, message.Catalog(texts))
	return l, nil
}

// verb is one of fmt's; its index, if it has one, is the first group.
var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[-+# 0-9.]*([a-zA-Z%])`)

// ofStrings is a format whose arguments have become strings.
func ofStrings(format string) string {
	next := 0
	return verb.ReplaceAllStringFunc(format, func(v string) string {
		m := verb.FindStringSubmatch(v)
		if m[2] == "%" {
			return v
		}
		if next++; m[1] != "" {
			next, _ = strconv.Atoi(m[1])
		}
		return fmt.Sprintf("%%[%d]s", next)
	})
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
	text, _ := l.Text(record.Say(format, args...))
	return text
}

// What is no prose: names, and figures, whose units of measure are short.
var (
	names = regexp.MustCompile(`^\S+(?:, \S+)*$`)
	prose = regexp.MustCompile(`\pL{4,}`)
)

// Text is t in this language; false where it stays English: somebody else's sentence, or a
// part that is hagate's own and has no text here. Within a sentence, Words are what they are in
// every language. An older record has a whole sentence of hagate's as Words.
func (l *Lang) Text(t record.Text) (text string, known bool) {
	if l == nil {
		return t.String(), true
	}
	if t.Format != "" {
		return l.text(t)
	}
	if whole := Whole(t.Words); l.texts[whole.Format] != "" {
		return l.text(whole)
	}
	return t.Words, names.MatchString(t.Words) || !prose.MatchString(t.Words)
}

// Whole is a sentence of hagate's without a verb, as a text.
func Whole(sentence string) record.Text {
	return record.Text{Format: strings.ReplaceAll(sentence, "%", "%%")}
}

func (l *Lang) text(t record.Text) (text string, known bool) {
	if t.Format == "" {
		return t.Words, true
	}
	own := l.texts[t.Format] != ""
	known = own || !HasWords(t.Format)
	var args []any
	for _, a := range t.Args {
		arg, ok := l.text(a)
		args, known = append(args, arg), known && ok
	}
	if !own {
		return fmt.Sprintf(ofStrings(t.Format), args...), known
	}
	return l.printer.Sprintf(t.Format, args...), known
}

// HasWords says whether a format has more than verbs, signs and spaces to put into a
// language.
func HasWords(format string) bool { return letter.MatchString(verb.ReplaceAllString(format, "")) }
