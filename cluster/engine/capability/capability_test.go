package capability

import (
	"encoding/json"
	"testing"
)

func TestMissing(t *testing.T) {
	all := uint64(1)<<41 - 1
	if got := Missing(all, 40); got != nil {
		t.Errorf("all there, yet missing %v", got)
	}
	if got := Missing(all&^(1<<24), 40); len(got) != 1 || got[0] != "CAP_SYS_RESOURCE" {
		t.Errorf("without bit 24: %v", got)
	}
}

func TestStrip(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"config":       {`{"process":{"capabilities":{"bounding":["CAP_KILL","CAP_SYS_RESOURCE"],"effective":["CAP_SYS_RESOURCE"]}}}`, `{"process":{"capabilities":{"bounding":["CAP_KILL"],"effective":[]}}}`},
		"process":      {`{"args":["sh"],"capabilities":{"permitted":["CAP_SYS_RESOURCE","CAP_CHOWN"]}}`, `{"args":["sh"],"capabilities":{"permitted":["CAP_CHOWN"]}}`},
		"nothing held": {`{"process":{"args":["CAP_SYS_RESOURCE"]}}`, `{"process":{"args":["CAP_SYS_RESOURCE"]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			var v any
			if err := json.Unmarshal([]byte(c.in), &v); err != nil {
				t.Fatal(err)
			}
			Strip(v, []string{"CAP_SYS_RESOURCE"})
			got, _ := json.Marshal(v)
			if string(got) != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
