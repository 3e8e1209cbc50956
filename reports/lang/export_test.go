package lang

var (
	EachText = eachText
	EachSaid = eachSaid
	Verbs    = verbs
)

// Texts are all of a language.
func (l *Lang) Texts() map[string]string { return l.texts }
