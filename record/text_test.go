package record

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestTextIsWhatSprintfSays(t *testing.T) {
	lost := Say("%d of %s", 3, Words("100 %"))
	for want, got := range map[string]Text{
		"none":                  Say("none"),
		"95 % of all":           Say("%d %% of all", 95),
		"+1.50, \"a b\", 2s":    Say("%+.2f, %q, %s", 1.5, "a b", 2*time.Second),
		"it failed: 3 of 100 %": Say("it failed: %s", lost),
		"100 % of %s":           Words("100 % of %s"),
		"no: no room":           Say("no: %v", errors.New("no room")),
		"a; 3 of 100 %":         Join("; ", Text{}, Words("a"), lost, Text{}),
		"3 of 100 %":            Join("; ", Text{}, lost),
		"":                      Join("; "),
	} {
		if got.String() != want || got.IsZero() != (want == "") {
			t.Errorf("%+v is %q, want %q", got, got, want)
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		var back Text
		if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, got) {
			t.Errorf("%s is %+v (%v), want %+v", text, back, err, got)
		}
	}
	format := "%s and %s"
	if got := Say(format, 1).String(); !strings.Contains(got, "MISSING") {
		t.Errorf("with an argument too few it is %q", got)
	}
}

func TestTextInARecord(t *testing.T) {
	text, err := json.Marshal([]Text{Say("none"), Words("none"), Say("%d of %s", 3, Say("all")), {}})
	if want := `[{"say":"none"},"none",{"say":"%d of %s","of":["3",{"say":"all"}]},""]`; err != nil || string(text) != want {
		t.Errorf("%s (%v), want %s", text, err, want)
	}
	for _, wrong := range []string{`{}`, `{"say":"%s"}`, `{"say":"a","of":["b"]}`, `{"say":1}`, `{"say":"%s","of":[{"of":["c"]}]}`, `[]`, `1`} {
		var got Text
		if err := json.Unmarshal([]byte(wrong), &got); err == nil || wrong[0] == '{' && !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// FuzzText reads what it has written.
func FuzzText(f *testing.F) {
	for _, seed := range []string{`"none"`, `{"say":"none"}`, `{"say":"%d %% of %s","of":["3",{"say":"all"}]}`, `{"say":"%s"}`, `{"say":{}}`, `null`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var got, again Text
		if json.Unmarshal(text, &got) != nil {
			return
		}
		written, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(written, &again); err != nil || again.String() != got.String() {
			t.Errorf("%s is %q, and written as %s it is %q (%v)", text, got, written, again, err)
		}
	})
}
