package hagate_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The picture of the layout in CONTRIBUTING.md says which folder imports which, each only
// ones below it, and says it as it is.
func TestLayout(t *testing.T) {
	drawn, order := layout(t)
	for i, folder := range order {
		for _, to := range drawn[folder] {
			if at := slices.Index(order, to); at >= 0 && at <= i {
				t.Errorf("CONTRIBUTING.md: %s imports %s, which stands above it", folder, to)
			}
		}
	}
	is := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && strings.IndexAny(d.Name(), "._") == 0 {
			return fs.SkipDir
		}
		folder, _, below := strings.Cut(path, "/")
		if !below || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			name, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			of, ok := strings.CutPrefix(name, "hagate/")
			if to, _, _ := strings.Cut(of, "/"); ok && to != folder && !slices.Contains(is[folder], to) {
				is[folder] = append(is[folder], to)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, to := range is {
		slices.Sort(to)
		if !slices.Equal(to, drawn[folder]) {
			t.Errorf("CONTRIBUTING.md: want the line %s → %s", folder, strings.Join(to, ", "))
		}
	}
	if len(is) != len(drawn) {
		t.Errorf("CONTRIBUTING.md draws %d folders that import others, and there are %d", len(drawn), len(is))
	}
}

// layout reads the lines "folder → folder, folder" of CONTRIBUTING.md, in order.
func layout(t *testing.T) (imports map[string][]string, order []string) {
	t.Helper()
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	imports = map[string][]string{}
	inside := false
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			inside = !inside
			continue
		}
		folder, to, ok := strings.Cut(line, "→")
		if !inside || !ok {
			continue
		}
		folder = strings.TrimSpace(folder)
		order = append(order, folder)
		for _, name := range strings.Split(to, ",") {
			imports[folder] = append(imports[folder], strings.TrimSpace(name))
		}
	}
	return imports, order
}
