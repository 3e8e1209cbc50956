package reports

import (
	"fmt"
	"strings"
	"time"

	"hagate/verdict"
	"hagate/verdict/words"
)

// markdown is the verdict for a place that shows Markdown: a job's summary, a review, a
// chat. GitHub's flavour, in which tables are.
func markdown(v verdict.Verdict) ([]byte, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s %s: %s\n\n%s\n\n", symbol(v.Result), v.Result, md(v.Run.Target), md(v.Reason.String()))
	if len(v.Scenarios) > 0 {
		b.WriteString("| verdict | scenario | requests | failed | longest outage | recovered after | fewest ready |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |\n")
	}
	for _, s := range v.Scenarios {
		due, failed, retried := 0, 0, 0
		var outage time.Duration
		for _, st := range s.Streams {
			due, failed, retried, outage = due+st.Due, failed+st.Charged(), retried+st.Retried, max(outage, st.LongestOutage)
		}
		requests := words.Count(due)
		if retried > 0 {
			requests += fmt.Sprintf(" (%s tried again)", words.Count(retried))
		}
		recovered := "–"
		if s.Recovered {
			recovered = words.Duration(s.TimeToRecover)
		}
		fmt.Fprintf(&b, "| %s %s | %s | %s | %s | %s | %s | %d of %d |\n", symbol(s.Result), s.Result, md(s.Name),
			requests, words.Count(failed), words.Duration(outage), recovered, s.ReadyLow, s.Replicas)
	}
	causes(&b, v.Diagnoses)
	for _, s := range v.Scenarios {
		if s.Result != verdict.Pass {
			fmt.Fprintf(&b, "\n**%s** %s: %s\n", md(s.Name), s.Result, md(s.Reason.String()))
			causes(&b, s.Diagnoses)
		}
	}
	for _, s := range v.Skipped {
		fmt.Fprintf(&b, "\n%s was not played: %s.\n", md(s.Name), md(s.Why.String()))
	}
	fmt.Fprintf(&b, "\n%s on %s, %s. Repeat it: %s\n", md(v.Run.Workload), md(v.Run.Kubernetes), v.Started.UTC().Format("2006-01-02 15:04 UTC"), code(v.Run.Command))
	return []byte(b.String()), nil
}

// causes are the best of each group of diagnoses, and what to change.
func causes(b *strings.Builder, all []verdict.Diagnosis) {
	for _, d := range all {
		if d.Alternative {
			continue
		}
		fmt.Fprintf(b, "\n%s %s\n", md(d.What.String()), md(d.Fix.String()))
		if d.Change != "" {
			fmt.Fprintf(b, "\n```diff\n%s\n```\n", d.Change)
		}
	}
}

// md keeps text from being read as Markdown or HTML, in a table's cell as well.
func md(text string) string {
	var b strings.Builder
	for _, c := range text {
		switch {
		case c == '\n' || c == '\r':
			b.WriteByte(' ')
		case c == '<':
			b.WriteString("&lt;")
		case c == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_{}[]()#+!|~>@", c):
			b.WriteRune('\\')
			b.WriteRune(c)
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// code is text between as many backquotes as it takes.
func code(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + " " + strings.ReplaceAll(strings.ReplaceAll(text, "\n", " "), "|", "\\|") + " " + fence
}
