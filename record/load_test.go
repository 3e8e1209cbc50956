package record

import (
	"fmt"
	"strings"
	"testing"
)

func TestClosedMeaningSaysItsBound(t *testing.T) {
	if bound := fmt.Sprintf("within %d ms of", ClosedWithin.Milliseconds()); !strings.Contains(ClosedMeaning.String(), bound) {
		t.Errorf("%q does not say %q", ClosedMeaning, bound)
	}
}
