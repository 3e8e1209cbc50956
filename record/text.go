package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Text is a sentence as a value: what is said and what it is said of. A report puts it into
// its language; String is the English.
type Text struct {
	// Format is the English with a verb for each of Args, and the key to other languages.
	// It is empty where Words are not hagate's own.
	Format string
	Args   []Text
	Words  string
}

// verb is one of fmt's, or a percent sign.
var verb = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z%]`)

// Say is the text that a format and what fills it make, as fmt.Sprintf has it: a literal,
// so that its words in other languages can be told to be there. An argument that is a Text
// stays one; any other reads the same in every language.
func Say(format string, args ...any) Text {
	t := Text{Format: format}
	for _, v := range verb.FindAllString(format, -1) {
		n := len(t.Args)
		switch {
		case v == "%%":
		case n == len(args):
			return Words(fmt.Sprintf(format, args...)) // which says what is wrong
		default:
			arg, ok := args[n].(Text)
			if !ok {
				arg = Words(fmt.Sprintf(v, args[n]))
			}
			t.Args = append(t.Args, arg)
		}
	}
	return t
}

// Words are somebody else's: the API server's, a program's, a name or a figure. They are
// shown as they are.
func Words(s string) Text { return Text{Words: s} }

// Join puts sep between those of the texts that say something.
func Join(sep string, texts ...Text) Text {
	var said []Text
	for _, t := range texts {
		if !t.IsZero() {
			said = append(said, t)
		}
	}
	switch len(said) {
	case 0:
		return Text{}
	case 1:
		return said[0]
	}
	return Text{Format: strings.Repeat("%s"+sep, len(said)-1) + "%s", Args: said}
}

// Or is t, and other where t says nothing.
func (t Text) Or(other Text) Text {
	if t.IsZero() {
		return other
	}
	return t
}

// IsZero says whether nothing is said.
func (t Text) IsZero() bool { return t.Format == "" && t.Words == "" }

// String is the English.
func (t Text) String() string {
	if t.Format == "" {
		return t.Words
	}
	args := t.Args
	return verb.ReplaceAllStringFunc(t.Format, func(v string) string {
		if v == "%%" || len(args) == 0 {
			return v[1:]
		}
		arg := args[0]
		args = args[1:]
		return arg.String()
	})
}

// said is a Text of hagate's own in a record.
type said struct {
	Say string `json:"say"`
	Of  []Text `json:"of,omitempty"`
}

// MarshalJSON writes Words as a string, and what hagate says as an object: the format and
// what fills it.
func (t Text) MarshalJSON() ([]byte, error) {
	if t.Format == "" {
		return json.Marshal(t.Words)
	}
	return json.Marshal(said{t.Format, t.Args})
}

// UnmarshalJSON reads what MarshalJSON writes. A string is also what an older record has for
// a sentence of hagate's.
func (t *Text) UnmarshalJSON(text []byte) error {
	*t = Text{}
	if !bytes.HasPrefix(text, []byte("{")) {
		return json.Unmarshal(text, &t.Words)
	}
	var s said
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("reading the text %s: %w", text, err)
	}
	verbs := 0
	for _, v := range verb.FindAllString(s.Say, -1) {
		if v != "%%" {
			verbs++
		}
	}
	if s.Say == "" || verbs != len(s.Of) {
		return fmt.Errorf("reading the text %s: %w", text, errUnsaid)
	}
	t.Format, t.Args = s.Say, s.Of
	return nil
}

var errUnsaid = errors.New(`want a format in "say", and in "of" as much as it has verbs`)
