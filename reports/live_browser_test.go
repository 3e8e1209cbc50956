//go:build integration

package reports_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"hagate/record"
	"hagate/reports"
	"hagate/verdict/verdicttest"
)

// soon waits until a script comes to true, for ten seconds, also while the page is
// loaded again.
func (p tab) soon(what, script string) {
	p.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if ok, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](script)); err == nil && ok {
			return
		}
	}
	p.t.Errorf("not so: %s", what)
}

// A run is watched from before its first scenario until after its end.
func TestLive(t *testing.T) {
	l, err := reports.NewLive(nil)
	if err != nil {
		t.Fatal(err)
	}
	entries := verdicttest.Run(verdicttest.NodeDrain())
	observe := func(until func(record.Entry) bool) {
		for i, e := range entries {
			if until(e) {
				entries = entries[i:]
				return
			}
			l.Observe(e)
		}
		entries = nil
	}
	observe(func(e record.Entry) bool { return e.Start != nil })
	first := entries[0]
	p := visit(t, l.URL+"/")
	p.soon("a page without a scenario is there", `document.querySelector(".verdict .word").textContent.includes("RUNNING")`)

	l.Observe(first) // a scenario of which nothing is known but that it has begun
	entries = entries[1:]
	p.soon("the scenario has come", `document.getElementById("node-drain") !== null`)

	observe(func(e record.Entry) bool { return e.Fault != nil })
	p.soon("the scenario has come, with charts", `document.querySelectorAll("#node-drain .live canvas").length > 3`)
	const marks = `document.querySelector("#node-drain .live").story.data.marks.length`
	p.wants("nothing has failed yet", marks+` === 0`)
	p.wants("it has no verdict yet", `document.querySelector("#node-drain h2").textContent.includes("RUNNING")`)

	observe(func(e record.Entry) bool { return e.Phase != nil && e.Phase.Name == record.Done })
	p.soon("the failed requests appear", marks+` > 10`)
	p.wants("one story is in the other's place", `document.querySelectorAll("#node-drain .live").length === 1`)

	observe(func(record.Entry) bool { return false })
	p.soon("the verdict is there when it has ended", `document.querySelector("#node-drain h2").textContent.includes("FAIL")`)
	p.soon("it is followed", `document.body.dataset.live === "following"`)
	if err := l.Close("out/index.html"); err != nil {
		t.Error(err)
	}
	p.soon("the page says where the report is", `document.querySelector(".verdict .reason").textContent.includes("out/index.html")`)
	if _, err := http.Get(l.URL); err == nil {
		t.Error("it serves on after its end")
	}
}
