package lang

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// keys are English texts and where each is.
type keys map[string]string

// root is the repository's.
const root = "../.."

// sentence tells texts from names: a word, and a space.
var sentence = regexp.MustCompile(`\pL{2}.* | .*\pL{2}`)

// goTexts are the texts of the Go files that match pattern; of each expression, those
// that pick says.
func goTexts(t *testing.T, pattern string, pick func(path []ast.Node) bool) keys {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no file is %s: %v", pattern, err)
	}
	found := keys{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		var path []ast.Node
		ast.Inspect(file, func(n ast.Node) bool {
			if n == nil {
				path = path[:len(path)-1]
				return true
			}
			e, ok := n.(ast.Expr)
			if ok && isText(e) && pick(path) {
				if key := textOf(e); key != "" {
					at := set.Position(n.Pos())
					found[key] = strings.TrimPrefix(at.Filename, root+"/") + ":" + strconv.Itoa(at.Line)
				}
			}
			path = append(path, n)
			return true
		})
	}
	return found
}

// isText says whether e is a string or several joined by +.
func isText(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Kind == token.STRING
	case *ast.BinaryExpr:
		return e.Op == token.ADD && (isText(e.X) || isText(e.Y))
	}
	return false
}

// textOf is the key of a string expression: what is no literal in it is a %s, and what
// joins it to a sentence before it is none of its own.
func textOf(e ast.Expr) string {
	text := ""
	switch e := e.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(e.Value)
		if err != nil {
			return ""
		}
		if !verb.MatchString(s) {
			s = strings.ReplaceAll(s, "%", "%%")
		}
		text = s
	case *ast.BinaryExpr:
		text = joined(e.X) + joined(e.Y)
	}
	return strings.TrimPrefix(text, "; ")
}

func joined(e ast.Expr) string {
	if isText(e) {
		return textOf(e)
	}
	return "%s"
}

// within says whether the expression below path is a part of one that is a text itself.
func within(path []ast.Node) bool {
	e, ok := last(path).(ast.Expr)
	return ok && isText(e)
}

// called is the name of the function that n calls.
func called(n ast.Node) string {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return ""
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok {
			return x.Name + "." + f.Sel.Name
		}
		return "." + f.Sel.Name
	}
	return ""
}

// last is the node that the expression below path is a part of.
func last(path []ast.Node) ast.Node { return path[len(path)-1] }

// given says whether the expression below path is, or is in, an argument of one of the
// functions with these names.
func given(path []ast.Node, names ...string) bool {
	return slices.ContainsFunc(path, func(n ast.Node) bool { return slices.Contains(names, called(n)) })
}

// below says whether the expression below path is, or is in, a value of one of the
// fields, constants or variables with these names.
func below(path []ast.Node, names ...string) bool {
	is := func(e ast.Node) bool {
		id, ok := e.(*ast.Ident)
		for _, name := range names {
			if ok && id.Name == name {
				return true
			}
		}
		return false
	}
	for _, n := range path {
		switch n := n.(type) {
		case *ast.KeyValueExpr:
			if is(n.Key) {
				return true
			}
		case *ast.ValueSpec:
			for _, name := range n.Names {
				if is(name) {
					return true
				}
			}
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				if is(e) {
					return true
				}
			}
		}
	}
	return false
}

// sourceTexts are the texts of a template or a script.
func sourceTexts(t *testing.T, name string) keys {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	found := keys{}
	add := func(key string, _ []string) (string, bool) {
		found[key] = name
		return "", false
	}
	if strings.HasSuffix(name, ".js") {
		eachSaid(string(text), add)
		return found
	}
	eachText(string(text), add)
	for _, m := range regexp.MustCompile(`\bsay "([^"]*)"`).FindAllStringSubmatch(string(text), -1) {
		found[m[1]] = name
	}
	return found
}

// wanted are the texts that a report may show and that have to be known.
func wanted(t *testing.T) keys {
	all := keys{}
	add := func(found keys, is func(string) bool) {
		for key, at := range found {
			if is(key) {
				all[key] = at
			}
		}
	}
	any := func(string) bool { return true }
	for _, name := range []string{"reports/page.html.tmpl", "reports/index.html.tmpl", "reports/charts.js", "reports/table.js", "reports/live.js"} {
		add(sourceTexts(t, name), any)
	}
	add(goTexts(t, "reports/*.go", func(path []ast.Node) bool {
		f := called(last(path))
		return strings.HasSuffix(f, ".Sprintf") && f != "fmt.Sprintf"
	}), any)
	add(goTexts(t, "verdict/*.go", func(path []ast.Node) bool {
		return slices.Contains([]string{"met", "skipped", "listed"}, called(last(path)))
	}), any)
	// lines of a manifest's change begin as those of a diff do; what is looked for in
	// somebody's words is not shown
	add(goTexts(t, "verdict/*.go", func(path []ast.Node) bool {
		return !within(path) && !below(path, "words") && !given(path, "fmt.Errorf", "errors.New", "strings.Contains", "strings.HasPrefix", "strings.TrimPrefix")
	}), func(key string) bool {
		return sentence.MatchString(key) && !strings.ContainsAny(key[:1], " +-") && !strings.Contains(key, "\n")
	})
	add(goTexts(t, "gate/*.go", func(path []ast.Node) bool {
		return !within(path) && (below(path, "want", "why") || given(path, "r.Found")) && !given(path, "fmt.Errorf", "strings.Join")
	}), sentence.MatchString)
	add(goTexts(t, "verdict/budget/*.go", func(path []ast.Node) bool {
		return !within(path) && below(path, "Derivation", "why")
	}), sentence.MatchString)
	add(goTexts(t, "suites/*.go", func(path []ast.Node) bool {
		return !within(path) && (below(path, "Promise", "want") || given(path, "budget.Planned", "r.Found"))
	}), sentence.MatchString)
	return all
}

// known are all texts of the sources, wanted or not.
func known(t *testing.T) keys {
	all := wanted(t)
	for _, pattern := range []string{"reports/*.go", "verdict/*.go", "verdict/*/*.go", "gate/*.go", "chaos/*.go", "cluster/*.go", "cluster/*/*.go", "load/*.go", "load/*/*.go", "target/*.go", "watch/*.go", "record/*.go", "suites/*.go"} {
		for key, at := range goTexts(t, pattern, func([]ast.Node) bool { return true }) {
			all[key] = at
		}
	}
	return all
}
