package lang

import (
	"regexp"
	"strings"

	"hagate/record"
)

var (
	// between are the parts of a template of HTML that end a text: tags, what is no text,
	// and actions that steer.
	between = regexp.MustCompile(`(?s)<style>.*?</style>|<script\b.*?</script>|\{\{-?\s*(?:if|else|end|range|with|define|template|block)\b.*?\}\}|<[^>]*>`)
	// value is an action that stands for a part of a text.
	value = regexp.MustCompile(`\{\{.*?\}\}`)
	// attribute holds a text of its own.
	attribute = regexp.MustCompile(`\b(title|aria-label|placeholder)="([^"]*)"`)
	// entity is no word.
	entity = regexp.MustCompile(`%s|&\w+;`)
	letter = regexp.MustCompile(`[A-Za-z]`)

	said       = regexp.MustCompile("\\bsay`([^`]*)`")
	expression = regexp.MustCompile(`\$\{[^}]*\}`)
)

// Template puts the texts of a template of HTML into this language. A text goes from tag
// to tag; its key has %s in the place of each value.
func (l *Lang) Template(source string) string {
	if l == nil {
		return source
	}
	source = strings.Replace(source, `<html lang="en">`, `<html lang="`+l.tag+`">`, 1)
	return eachText(source, l.translate)
}

// eachText applies to to every text of a template of HTML and the actions in it.
func eachText(source string, to func(key string, values []string) (string, bool)) string {
	var out strings.Builder
	one := func(text string) {
		out.WriteString(inTemplate(text, to))
	}
	at := 0
	for _, m := range between.FindAllStringIndex(source, -1) {
		one(source[at:m[0]])
		tag := source[m[0]:m[1]]
		if strings.HasPrefix(tag, "<") && !strings.HasPrefix(tag, "<script") && !strings.HasPrefix(tag, "<style") {
			tag = attribute.ReplaceAllStringFunc(tag, func(a string) string {
				m := attribute.FindStringSubmatch(a)
				return m[1] + `="` + inTemplate(m[2], to) + `"`
			})
		}
		out.WriteString(tag)
		at = m[1]
	}
	one(source[at:])
	return out.String()
}

func inTemplate(text string, to func(string, []string) (string, bool)) string {
	trimmed := strings.TrimSpace(text)
	var values []string
	key := value.ReplaceAllStringFunc(strings.ReplaceAll(trimmed, "%", "%%"), func(action string) string {
		values = append(values, strings.ReplaceAll(action, "%%", "%"))
		return "%s"
	})
	key = strings.Join(strings.Fields(key), " ")
	if !letter.MatchString(entity.ReplaceAllString(key, "")) {
		return text
	}
	translated, ok := to(key, values)
	if !ok {
		return text
	}
	before, after, _ := strings.Cut(text, trimmed)
	return before + translated + after
}

// Script puts the texts of a script into this language: its template literals that are
// tagged say. The tag goes, in English as well.
func (l *Lang) Script(source string) string {
	return eachSaid(source, l.translate)
}

func eachSaid(source string, to func(key string, values []string) (string, bool)) string {
	return said.ReplaceAllStringFunc(source, func(literal string) string {
		text := said.FindStringSubmatch(literal)[1]
		var values []string
		key := expression.ReplaceAllStringFunc(strings.ReplaceAll(text, "%", "%%"), func(e string) string {
			values = append(values, strings.ReplaceAll(e, "%%", "%"))
			return "%s"
		})
		if translated, ok := to(key, values); ok {
			text = translated
		}
		return "`" + text + "`"
	})
}

func (l *Lang) translate(key string, values []string) (string, bool) {
	if l == nil || l.texts[key] == "" {
		return "", false
	}
	t := record.Text{Format: key}
	for _, v := range values {
		t.Args = append(t.Args, record.Words(v))
	}
	return l.text(t)
}
