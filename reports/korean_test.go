package reports_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"hagate/record"
	"hagate/reports"
	"hagate/reports/lang"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

func korean(t *testing.T) *lang.Lang {
	t.Helper()
	ko, err := lang.Parse("ko")
	if err != nil {
		t.Fatal(err)
	}
	return ko
}

// everyKind is a run with a scenario of each result.
func everyKind() []record.Entry {
	return verdicttest.Run(verdicttest.PodDelete(), verdicttest.NodeDrain(), verdicttest.Busy())
}

// TestKoreanSaysTheSame renders a run in both languages: what machines read is the same,
// and so is every figure of the page.
func TestKoreanSaysTheSame(t *testing.T) {
	dir := t.TempDir()
	if err := verdicttest.Write(dir, everyKind()); err != nil {
		t.Fatal(err)
	}
	render := func(in *lang.Lang) (verdict.Verdict, map[string]string) {
		t.Helper()
		v, err := reports.Render(dir, "", in)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string]string{}
		for _, name := range []string{reports.HTMLFile, reports.JUnitFile, reports.VerdictFile, reports.SummaryFile, reports.MetricsFile} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(text)
		}
		return v, files
	}
	english, en := render(nil)
	same, ko := render(korean(t))
	if english.Result != same.Result || english.Reason.String() != same.Reason.String() {
		t.Errorf("the verdict is %s: %s; in Korean %s: %s", english.Result, english.Reason, same.Result, same.Reason)
	}
	for name := range en {
		if same := en[name] == ko[name]; same != (name != reports.HTMLFile) {
			t.Errorf("%s is the same in both languages: %t", name, same)
		}
	}
	for _, figures := range []*regexp.Regexp{
		regexp.MustCompile(`data-v="[^"]*"`), regexp.MustCompile(`(?s)<h2><span class="badge .*?</span>`), regexp.MustCompile(`<td class="n">[^<]*\d[^<]*`),
		regexp.MustCompile(`<(?:rect|line) [^>]*>`), regexp.MustCompile(`<pre>(?s).*?</pre>`),
	} {
		e, k := figures.FindAllString(en[reports.HTMLFile], -1), figures.FindAllString(ko[reports.HTMLFile], -1)
		if !slices.Equal(e, k) || len(e) == 0 {
			t.Errorf("%s: %d in English, %d in Korean, or they differ", figures, len(e), len(k))
		}
	}
}

// TestKoreanIsWhole looks for English in Korean pages: only what a record quotes may be
// that, marked where it stands alone.
func TestKoreanIsWhole(t *testing.T) {
	ko := korean(t)
	out := t.TempDir()
	write := func(name string, entries []record.Entry, base string) string {
		t.Helper()
		dir := filepath.Join(out, name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := verdicttest.Write(dir, entries); err != nil {
			t.Fatal(err)
		}
		if _, err := reports.Render(dir, base, ko); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, reports.HTMLFile)
	}
	read := func(file string) string {
		t.Helper()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	now := everyKind()
	for i := range now {
		now[i].Time = now[i].Time.AddDate(0, 0, 1)
	}
	now = slices.DeleteFunc(now, func(e record.Entry) bool { return e.Scenario == "pod-delete" })
	for _, e := range now {
		if e.Second != nil {
			e.Second.Failed = nil
		}
	}
	loaded := verdicttest.Run(overloaded(), soak())
	pages := map[string]string{
		"every kind":       read(write("before", everyKind(), "")),
		"against another":  read(write("now", now, filepath.Join(out, "before"))),
		"load and time":    read(write("quiet", loaded, "")),
		"tried again":      read(write("again", patient(), "")),
		"no scenario":      read(write("none", verdicttest.Run(), "")),
		"an empty record":  read(write("empty", nil, "")),
		"its first entry":  read(write("first", verdicttest.PodDelete()[:1], "")),
		"a run that lives": livePage(t, ko, verdicttest.NodeDrain()[:200]),
	}
	if err := reports.Index(out, ko); err != nil {
		t.Fatal(err)
	}
	pages["the index"] = read(filepath.Join(out, reports.HTMLFile))
	recorded, err := json.Marshal(append(everyKind(), loaded...))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range pages {
		page, err := html.Parse(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for said, marked := range englishIn(page, false) {
			if !marked {
				said = phrase.FindString(said) // within a Korean sentence
			}
			if !strings.Contains(string(recorded), said) {
				t.Errorf("%s: English that no record quotes: %q", name, said)
			}
		}
	}
}

var phrase = regexp.MustCompile(`[a-z]{2,} [a-z]{2,} [a-z]{2,}`)

// englishIn yields the texts and names below n that are English, and whether they are
// marked as that.
func englishIn(n *html.Node, marked bool) func(func(string, bool) bool) {
	return func(yield func(string, bool) bool) {
		if n.Type == html.ElementNode {
			if n.Data == "script" || n.Data == "style" || n.Data == "pre" {
				return
			}
			for _, a := range n.Attr {
				switch a.Key {
				case "lang":
					marked = a.Val == "en"
				case "title", "aria-label", "placeholder":
					if phrase.MatchString(a.Val) && !yield(a.Val, false) {
						return
					}
				}
			}
		}
		if n.Type == html.TextNode && (phrase.MatchString(n.Data) || marked) && !yield(n.Data, marked) {
			return
		}
		for c := range n.ChildNodes() {
			for s, m := range englishIn(c, marked) {
				if !yield(s, m) {
					return
				}
			}
		}
	}
}

// livePage is the page of a run of which entries are there so far.
func livePage(t *testing.T, in *lang.Lang, entries []record.Entry) string {
	t.Helper()
	l, err := reports.NewLive(in)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close("")
	for _, e := range entries {
		l.Observe(e)
	}
	answer, err := http.Get(l.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
