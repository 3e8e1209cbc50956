package lang_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"hagate/reports/lang"
	"hagate/suites"
)

// root is the repository's.
const root = "../.."

// keys are English texts and where each is.
type keys map[string]string

// TestEveryText holds the Korean texts to what there is to say: each has its Korean, and there
// is none for what nobody says any more.
func TestEveryText(t *testing.T) {
	ko, err := lang.Parse("ko")
	if err != nil {
		t.Fatal(err)
	}
	all := keys{}
	for _, promise := range suites.Promises() {
		all[lang.Whole(promise).Format] = "suites"
	}
	for _, name := range []string{"page.html.tmpl", "index.html.tmpl", "charts.js", "table.js", "live.js"} {
		addSource(t, all, filepath.Join("reports", name))
	}
	eachGoFile(t, func(name string, set *token.FileSet, file *ast.File) { addSaid(t, all, name, set, file) })
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if ko.Texts()[key] == "" && lang.HasWords(key) {
			t.Errorf("ko.yaml has no Korean for this text of %s:\n%s: \"\"", all[key], strconv.Quote(key))
		}
	}
	for english, text := range ko.Texts() {
		if all[english] == "" {
			t.Errorf("ko.yaml has Korean for a text that is nowhere any more: %q", english)
		}
		if want, got := lang.Verbs(english), lang.Verbs(text); !slices.Equal(want, got) {
			t.Errorf("the verbs of %q are %q, those of its Korean %q", english, want, got)
		}
		if strings.ContainsAny(text, "`\\") || strings.Contains(text, "${") {
			t.Errorf("the Korean of %q could end a text of a script: %q", english, text)
		}
	}
}

// eachGoFile parses the module's files, but for tests and examples.
func eachGoFile(t *testing.T, do func(name string, set *token.FileSet, file *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name, _ := filepath.Rel(root, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && (name == "examples" || strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err == nil {
			do(name, set, file)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// addSaid adds what a file gives to record.Say, and in reports/ to a Lang's Sprintf.
func addSaid(t *testing.T, all keys, name string, set *token.FileSet, file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || filepath.Dir(name) == filepath.Join("reports", "lang") {
			return true
		}
		says := false
		switch f := call.Fun.(type) {
		case *ast.Ident:
			says = f.Name == "Say" && file.Name.Name == "record"
		case *ast.SelectorExpr:
			of, ok := f.X.(*ast.Ident)
			says = f.Sel.Name == "Say" && ok && of.Name == "record" || f.Sel.Name == "Sprintf" && !(ok && of.Name == "fmt")
		}
		if !says {
			return true
		}
		at := name + ":" + strconv.Itoa(set.Position(call.Pos()).Line)
		if key, ok := literal(call.Args[0]); ok {
			all[key] = at
		} else {
			t.Errorf("%s: make the format a literal, so that its Korean can be looked for", at)
		}
		return true
	})
}

// literal is the value of a string, or of several joined by +.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		x, ok := literal(e.X)
		y, also := literal(e.Y)
		return x + y, ok && also && e.Op == token.ADD
	}
	return "", false
}

// saidInTemplate is a text that a template hands to say.
var saidInTemplate = regexp.MustCompile(`\bsay "([^"]*)"`)

// addSource adds the texts of a template or a script.
func addSource(t *testing.T, all keys, name string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	add := func(key string, _ []string) (string, bool) {
		all[key] = name
		return "", false
	}
	if strings.HasSuffix(name, ".js") {
		lang.EachSaid(string(text), add)
		return
	}
	lang.EachText(string(text), add)
	for _, m := range saidInTemplate.FindAllStringSubmatch(string(text), -1) {
		all[m[1]] = name
	}
}
