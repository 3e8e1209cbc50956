package journal

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	const one = `{"id":1,"kind":"namespace"}` + "\n"
	for name, c := range map[string]struct {
		text    string
		pending int
		size    int
		err     string
	}{
		"empty":              {"", 0, 0, ""},
		"one":                {one, 1, len(one), ""},
		"struck off":         {one + `{"id":1,"undone":true}` + "\n", 0, 2*len(one) - 5, ""},
		"torn":               {one + `{"id":2,"kin`, 1, len(one), ""},
		"torn before its \n": {one + `{"id":2,"kind":"x"}`, 1, len(one), ""},
		"malformed":          {one + "?\n", 0, 0, "line 2"},
		"no kind":            {`{"id":1}` + "\n", 0, 0, "line 1"},
		"same ID twice":      {one + one, 0, 0, "line 2"},
		"struck off unknown": {`{"id":1,"undone":true}` + "\n", 0, 0, "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			pending, _, size, err := parse(strings.NewReader(c.text))
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Errorf("got error %v, want one that names %q", err, c.err)
				}
				return
			}
			if err != nil || len(pending) != c.pending || size != int64(c.size) {
				t.Errorf("got %d pending in %d bytes, %v; want %d in %d", len(pending), size, err, c.pending, c.size)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("")
	f.Add(`{"id":1,"kind":"namespace","args":{"name":"a"}}` + "\n" + `{"id":1,"undone":true}` + "\n" + `{"id":2,"ki`)
	f.Fuzz(func(t *testing.T, s string) {
		pending, last, size, err := parse(strings.NewReader(s))
		if err != nil {
			return
		}
		if size > int64(len(s)) || len(pending) > last && last >= 0 {
			t.Errorf("%d pending of %d in %d of %d bytes", len(pending), last, size, len(s))
		}
		again, _, size2, err := parse(strings.NewReader(s[:size]))
		if err != nil || size2 != size || len(again) != len(pending) {
			t.Errorf("read again without its torn end: %d pending, %v; want %d", len(again), err, len(pending))
		}
	})
}
