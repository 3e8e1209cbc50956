//go:build integration

package reports_test

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"hagate/record"
	"hagate/reports"
	"hagate/reports/lang"
	"hagate/verdict/verdicttest"
)

// chromium is the browser's path. A Debian-like system without one gets it, as root.
var chromium = sync.OnceValues(func() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return "", fmt.Errorf("the report's tests need a browser: install chromium")
	}
	for _, args := range [][]string{{"update"}, {"install", "--yes", "--no-install-recommends", "chromium"}} {
		cmd := exec.Command("apt-get", append([]string{"--quiet=2", "--option", "DPkg::Lock::Timeout=600"}, args...)...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("installing chromium: %w: %s", err, out)
		}
	}
	return exec.LookPath("chromium")
})

// tab is a page that is open in a browser without a network.
type tab struct {
	t   *testing.T
	ctx context.Context
}

type step = chromedp.Action[chromedp.Void]

// open opens the file in a browser of its own without a network, after the steps.
func open(t *testing.T, file string, before ...step) tab {
	t.Helper()
	offline := set(network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: true})
	return visit(t, "file://"+file, append([]step{offline}, before...)...)
}

// visit opens a page in a browser of its own, after the steps. What the page throws,
// complains of and asks anybody else for fails the test.
func visit(t *testing.T, url string, before ...step) tab {
	t.Helper()
	path, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	p := tab{t, ctx}
	p.do() // the browser lives as long as the context of its first run
	p.ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	err = chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("the page threw %s", e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
				t.Errorf("the page complains: %s", e.Args[0].Value)
			}
		case *network.EventRequestWillBeSent:
			if asked := e.Request.URL; !strings.HasPrefix(asked, url) && !strings.HasPrefix(asked, "data:") {
				t.Errorf("the page asks for %s", asked)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	p.do(set(network.Enable, network.EnableParams{}))
	p.do(before...)
	p.do(chromedp.Navigate(url))
	return p
}

// set is a command of the browser's protocol as a step.
func set[P, R any](command cdp.Command[P, R], params P) step {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

func (p tab) do(steps ...step) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// eval returns what the script comes to.
func eval[T any](p tab, script string) T {
	p.t.Helper()
	result, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%v, of %s", err, script)
	}
	return result
}

// wants evaluates a script that must come to true.
func (p tab) wants(what, script string) {
	p.t.Helper()
	if !eval[bool](p, script) {
		p.t.Errorf("not so: %s", what)
	}
}

// failing is a page with a scenario that failed and two that did not.
func failing(t *testing.T) string {
	return pageOf(t, verdicttest.NodeDrain(), verdicttest.PodDelete(), verdicttest.Busy())
}

// pageOf is the page of a run of the scenarios.
func pageOf(t *testing.T, scenarios ...[]record.Entry) string {
	t.Helper()
	return pageIn(t, nil, scenarios...)
}

func pageIn(t *testing.T, in *lang.Lang, scenarios ...[]record.Entry) string {
	t.Helper()
	dir := t.TempDir()
	if err := verdicttest.Write(dir, verdicttest.Run(scenarios...)); err != nil {
		t.Fatal(err)
	}
	if _, err := reports.Render(dir, "", in); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, reports.HTMLFile)
}

// views are the x ranges of every panel of the first story, as text.
const views = `document.querySelector(".live").story.charts.map(u => u.scales.x.min.toFixed(3) + ".." + u.scales.x.max.toFixed(3))`

func TestChartsInABrowser(t *testing.T) {
	p := open(t, failing(t))
	p.wants("every scenario has its charts", `document.querySelectorAll(".live").length === document.querySelectorAll("section[id]").length`)
	p.wants("no chart is blank", `[...document.querySelectorAll(".live canvas")].every(c => new Set(new Uint32Array(c.getContext("2d").getImageData(0, 0, c.width, c.height).data.buffer)).size > 3)`)
	p.wants("every view is told", `[...document.querySelectorAll(".readout")].every(r => /^From [+−]\d/.test(r.textContent))`)
	p.wants("the static charts make way", `[...document.querySelectorAll("figure.static")].every(f => f.offsetParent === null)`)

	before := eval[[]string](p, views)
	box := eval[map[string]float64](p, `(() => { document.querySelector(".live").scrollIntoView(); const r = document.querySelector(".live .u-over").getBoundingClientRect(); return {x: r.x, y: r.y, w: r.width, h: r.height}; })()`)
	y := box["y"] + box["h"]/2
	p.do(chromedp.DragAndDropXY(box["x"]+box["w"]*0.3, y, box["x"]+box["w"]*0.5, y))
	together := func(what string, than []string) []string {
		t.Helper()
		now := eval[[]string](p, views)
		for _, v := range now {
			if v != now[0] {
				t.Errorf("%s: the panels show %s", what, now)
			}
		}
		if now[0] == than[0] {
			t.Errorf("%s: still %s", what, now[0])
		}
		return now
	}
	zoomed := together("dragging", before)
	p.wants("pointing says what there is", `/OK, .* ready endpoints/.test(document.querySelector(".readout").textContent)`)
	p.do(chromedp.Focus(".live"), chromedp.KeyEvent("+"))
	closer := together("the key +", zoomed)
	p.do(chromedp.KeyEvent("0"))
	all := together("the key 0", closer)
	if want := eval[string](p, `(d => d.from.toFixed(3) + ".." + d.to.toFixed(3))(document.querySelector(".live").story.data)`); all[0] != want {
		t.Errorf("0 shows %s, everything is %s", all[0], want)
	}
}

func TestTableInABrowser(t *testing.T) {
	p := open(t, failing(t))
	names := `[...document.querySelectorAll("table.scenarios tbody tr:not([hidden]) td.promise a")].map(a => a.textContent).join(" ")`
	press := func(script string) string {
		t.Helper()
		return eval[string](p, script+"; "+names)
	}
	sort := `document.querySelectorAll("table.scenarios thead button")[3].click()`
	for _, c := range []struct{ script, want string }{
		{``, "node-drain pod-delete pod-kill"},
		{sort, "pod-delete node-drain pod-kill"},
		{sort, "pod-kill node-drain pod-delete"},
		{`[...document.querySelectorAll(".filter button")].find(b => b.textContent === "FAIL").click()`, "node-drain"},
		{`[...document.querySelectorAll(".filter button")].find(b => b.textContent === "FAIL").click()`, "pod-kill node-drain pod-delete"},
		{`{ const i = document.querySelector(".filter input"); i.value = "drain"; i.dispatchEvent(new Event("input")); }`, "node-drain"},
	} {
		if got := press(c.script); got != c.want {
			t.Errorf("after %q: %s, want %s", c.script, got, c.want)
		}
	}
	p.wants("the number shown is told", `document.querySelector(".filter [role=status]").textContent === "1 of 3"`)
	p.wants("the order is told", `document.querySelectorAll("th[aria-sort=descending]").length === 1`)
}

//go:embed testdata/axe/axe.min.js
var axe string

func TestAccessible(t *testing.T) {
	for _, scheme := range []string{"light", "dark"} {
		p := open(t, pageOf(t, verdicttest.NodeDrain(), verdicttest.PodDelete(), verdicttest.Busy(), overloaded(), soak()), set(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}))
		p.wants(scheme+" is what it is", fmt.Sprintf(`matchMedia("(prefers-color-scheme: %s)").matches`, scheme))
		p.accessible(scheme)
	}
}

// accessible has axe look for what breaks WCAG's AA.
func (p tab) accessible(what string) {
	p.t.Helper()
	eval[chromedp.Void](p, axe)
	for _, found := range eval[[]string](p, `axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}).then(r => r.violations.map(v => v.impact + " " + v.id + ": " + v.help + ": " + v.nodes.map(n => n.target.join(" ")).slice(0, 5).join(", ")))`) {
		p.t.Errorf("%s: %s", what, found)
	}
}

func TestWithoutScript(t *testing.T) {
	script := func(on bool) step {
		return set(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	}
	p := open(t, failing(t), script(false))
	p.do(script(true)) // the page's own has not run
	p.wants("nothing is made by a script", `document.querySelectorAll(".live, .filter").length === 0`)
	p.wants("the verdict, the table and the static charts can be seen", `["header.verdict", "table.scenarios", "figure.static svg"].every(s => document.querySelector(s).getBoundingClientRect().height > 0)`)
}

func TestSummaryPrintsOnOnePage(t *testing.T) {
	p := open(t, failing(t))
	eval[chromedp.Void](p, `document.querySelectorAll("section[id], section[id] ~ *").forEach(e => e.remove())`)
	pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPrintBackground()))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(regexp.MustCompile(`/Type\s*/Page\b[^s]`).FindAll(pdf, -1)); n != 1 {
		t.Errorf("the summary prints on %d pages", n)
	}
}

// The charts that have no time axis are there with the script as without it.
func TestPanelsInABrowser(t *testing.T) {
	p := open(t, pageOf(t, overloaded(), soak()))
	p.wants("the other charts are drawn by the script", `document.querySelectorAll(".drawn").length === 2`)
	for _, name := range []string{"Sustained load of capacity during the load ramp", "Drift of the streams of steady over time"} {
		p.wants(name+" can be seen", fmt.Sprintf(`document.querySelector('svg[role=img][aria-label="%s"]').getBoundingClientRect().height > 200`, name))
	}
	p.wants("no text of a chart lies outside it", `[...document.querySelectorAll("figure:not(.static) svg")].every(s => { const all = s.getBoundingClientRect(); return [...s.querySelectorAll("text")].every(t => { const r = t.getBoundingClientRect(); return r.left >= all.left - 1 && r.right <= all.right + 1 && r.top >= all.top - 1 && r.bottom <= all.bottom + 1; }); })`)
}

func TestNarrowScreen(t *testing.T) {
	p := open(t, pageOf(t, verdicttest.NodeDrain(), overloaded(), soak()), chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile))
	if width := eval[int](p, `document.documentElement.scrollWidth`); width > 390 {
		t.Errorf("the page is %d wide on a screen of 390", width)
	}
}

func TestKoreanInABrowser(t *testing.T) {
	p := open(t, pageIn(t, korean(t), verdicttest.NodeDrain(), verdicttest.PodDelete(), verdicttest.Busy()))
	p.wants("the page says that it is Korean", `document.documentElement.lang === "ko"`)
	p.wants("the verdict can be read", `document.querySelector("h1").textContent === "nginx: 출시할 수 없습니다" && /^시나리오 3개 중 1개 실패: node-drain: 요청 [0-9]+건 실패: /.test(document.querySelector(".verdict .reason").textContent)`)
	p.wants("the charts are named", `[...document.querySelectorAll("#node-drain .panelname strong")].map(e => e.textContent).join() === "요청,실패한 요청,지연 시간,ready 엔드포인트,"`)
	p.wants("every view is told", `[...document.querySelectorAll(".readout")].every(r => /^[+−][0-9.]+ s ~ .*0은 장애 시점/.test(r.textContent))`)
	p.wants("the words of the search are Korean", `document.querySelector(".filter input").placeholder === "이름, 레이블, 약속"`)
	p.accessible("in Korean")
	narrow := open(t, pageIn(t, korean(t), verdicttest.NodeDrain(), verdicttest.PodDelete(), verdicttest.Busy()), chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile))
	if width := eval[int](narrow, `document.documentElement.scrollWidth`); width > 390 {
		t.Errorf("the page is %d wide on a screen of 390", width)
	}
}
