package lang

import (
	"cmp"
	"regexp"
	"strings"
)

// form is a text with verbs, and how a sentence that was made with it is told and taken
// apart again. Figures and names stay as they are.
type form struct {
	english, text string
	literal       string // its longest part without a verb: a sentence without that is none of its own
	wraps         bool   // a sentence comes first
	own           int    // bytes that are no verb
	shapes        [2]*regexp.Regexp
}

// What may stand in the place of a %s: a sentence or several and, in a form of less than
// two words where no colon is before it, a name or several: one word is soon found in a
// sentence of somebody else's.
var (
	anything = [2]string{`((?:[^;]|;[^ ])+?)`, `((?s:.)+?)`}
	names    = [2]string{`([^\s;]+|` + figure + `)`, `([^\s;]+(?:; [^\s;]+)*|` + figure + `)`}
)

const figure = `-?[\d.,]+ (?:µs|ms|s|min|h)(?: \d+ (?:min|s))*`

// numbers is what may stand in the place of the other verbs.
var numbers = map[string]string{"d": `(-?\d+)`, "g": `(-?[\d.]+)`, "f": `(-?[\d.]+)`, "q": `("(?:[^"\\]|\\.)*")`}

var (
	word     = regexp.MustCompile(`\pL{2,}`)
	wrapping = regexp.MustCompile(`^%s[,;] `)
	listed   = regexp.MustCompile(`^\S+(?:, \S+)*$`) // of names
	prose    = regexp.MustCompile(`\pL{4,}`)         // units of measure are shorter
)

func newForm(english, text string) form {
	f := form{english: english, text: text, wraps: wrapping.MatchString(english)}
	const percent = "\x00"
	escaped := strings.ReplaceAll(english, "%%", percent)
	verbs, literals := verb.FindAllStringSubmatch(escaped, -1), verb.Split(escaped, -1)
	weak := len(word.FindAllString(strings.Join(literals, " "), 2)) < 2
	for i := range literals {
		literals[i] = strings.ReplaceAll(literals[i], percent, "%")
	}
	for _, v := range verbs {
		weak = weak && numbers[v[2]] == ""
	}
	for level := range f.shapes {
		shape := "^" + regexp.QuoteMeta(literals[0])
		for i, v := range verbs {
			part := anything[level]
			if weak && !strings.HasSuffix(literals[i], ": ") {
				part = names[level]
			}
			shape += cmp.Or(numbers[v[2]], part) + regexp.QuoteMeta(literals[i+1])
		}
		f.shapes[level] = regexp.MustCompile(shape + "$")
	}
	for _, literal := range literals {
		f.own += len(literal)
		if len(literal) > len(f.literal) {
			f.literal = literal
		}
	}
	return f
}

// byWrap puts forms first that go round another sentence.
func byWrap(a, b form) int {
	if a.wraps != b.wraps {
		if a.wraps {
			return -1
		}
		return 1
	}
	return cmp.Or(b.own-a.own, strings.Compare(a.english, b.english))
}

// maxText is the longest sentence, in bytes, that is looked at.
const maxText = 3000

// Text is a finished English sentence, of a verdict or a record, in this language: it is
// known by the form that it was made with. Several may be joined by "; " or ", ", or one
// stand after a name and ": ". False where it is not known; then it stays English. Names
// and figures are what they are in every language.
func (l *Lang) Text(s string) (text string, ok bool) {
	if l == nil {
		return s, true
	}
	if len(s) > maxText {
		return s, false
	}
	r := reader{l, map[string]reading{}, map[string]reading{}}.read(s)
	return r.text, r.own > 0 || listed.MatchString(s) || !prose.MatchString(s)
}

// reading is a way to read a sentence: what it is in the language, and how many bytes of
// it are a form's own. Of several ways the one that explains most is what was meant.
type reading struct {
	text string
	own  int
}

// or is the better of two readings, the first where they are as good.
func (r reading) or(other reading) reading {
	if other.own > r.own {
		return other
	}
	return r
}

type reader struct {
	*Lang
	known, ones map[string]reading // what was read before
}

func (r reader) read(s string) reading {
	if got, ok := r.known[s]; ok {
		return got
	}
	got := reading{s, 0}.or(r.split(s, "; ")).or(r.split(s, ", ")).or(r.one(s))
	r.known[s] = got
	return got
}

// split reads what stands between joints; a form may have some in itself.
func (r reader) split(s, joint string) reading {
	const longest = 5 // parts of a form
	parts := strings.Split(s, joint)
	if len(parts) == 1 {
		return reading{s, 0}
	}
	best := make([]reading, len(parts)+1) // of what is left from a part on
	for i := len(parts) - 1; i >= 0; i-- {
		best[i].own = -1
		for n := 1; n <= longest && i+n <= len(parts) && n < len(parts); n++ {
			part := strings.Join(parts[i:i+n], joint)
			first, rest := r.one(part), best[i+n]
			if joint == "; " {
				first = first.or(r.split(part, ", "))
			}
			if i+n < len(parts) {
				rest.text = joint + rest.text
				if first.own > 0 && rest.own > 0 {
					rest.own += len(joint)
				}
			}
			best[i] = best[i].or(reading{first.text + rest.text, first.own + rest.own})
		}
	}
	return best[0]
}

// one reads s as one sentence.
func (r reader) one(s string) reading {
	if got, ok := r.ones[s]; ok {
		return got
	}
	got := r.readOne(s)
	r.ones[s] = got
	return got
}

func (r reader) readOne(s string) reading {
	if text, ok := r.whole[s]; ok {
		return reading{text, len(s)}
	}
	best := reading{s, 0}
	for _, f := range r.forms {
		if !strings.Contains(s, f.literal) {
			continue
		}
		for level, shape := range f.shapes {
			if level > 0 && !strings.Contains(s, "; ") {
				break // there is but one
			}
			if m := shape.FindStringSubmatch(s); m != nil {
				best = best.or(r.made(f, m[1:]))
			}
		}
	}
	if name, rest, ok := strings.Cut(s, ": "); ok && !strings.Contains(name, " ") {
		if got := r.read(rest); got.own > 0 {
			best = best.or(reading{name + ": " + got.text, got.own + 2})
		}
	}
	return best
}

// made puts together again what was made with f. Its parts are names and figures, or
// sentences themselves.
func (r reader) made(f form, parts []string) reading {
	own := f.own
	for i, p := range parts {
		if strings.Contains(p, " ") { // one word may be anybody's name
			got := r.read(p)
			parts[i] = got.text
			own += got.own
		}
	}
	return reading{fill(f.text, parts), own}
}
