package gate

import (
	"errors"

	"hagate/record"
)

// spoken is an error in words that a report can say in its language.
type spoken struct {
	record.Text
	cause error // nil where it has none
}

func (s spoken) Error() string { return s.String() }

func (s spoken) Unwrap() error { return s.cause }

// said is what an error says: a text where it is spoken, and nothing beside.
func said(err error) record.Text {
	if s, ok := errors.AsType[spoken](err); ok && s.Error() == err.Error() {
		return s.Text
	}
	return record.Words(err.Error())
}

// interrupted is the error of a scenario that was, for a cause.
func interrupted(scenario string, cause error) error {
	return spoken{record.Say("scenario %s was interrupted: %s", scenario, cause), cause}
}
