package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOption(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"long":        {[]string{"create", "--bundle", "/b", "id"}, "/b"},
		"long equals": {[]string{"create", "--bundle=/b", "id"}, "/b"},
		"short":       {[]string{"run", "-b", "/b", "id"}, "/b"},
		"none":        {[]string{"state", "id"}, ""},
		"cut off":     {[]string{"create", "--bundle"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := option(c.args, "--bundle", "-b"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRewrite(t *testing.T) {
	const in = `{"linux":{"resources":{"memory":{"limit":9223372036854771712}}},"process":{"capabilities":{"bounding":["CAP_KILL","CAP_SYS_RESOURCE"]}}}`
	const want = `{"linux":{"resources":{"memory":{"limit":9223372036854771712}}},"process":{"capabilities":{"bounding":["CAP_KILL"]}}}`
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte(in), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(path, []string{"CAP_SYS_RESOURCE"}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestRewriteRefusesWhatIsNotJSON(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte("not"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := rewrite(path, nil); err == nil {
		t.Error("taken for a specification")
	}
}
