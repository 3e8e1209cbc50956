package load

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"

	"hagate/record"
)

var update = flag.Bool("update", false, "write golden files anew")

func seen(t *testing.T, stream string, due int, class string, failed int, latency time.Duration) record.Entry {
	t.Helper()
	s := &record.Second{Stream: stream, Due: due}
	if failed > 0 {
		s.Failed = map[string][]int{class: {failed}}
	}
	h := record.NewLatency()
	for range due - failed {
		record.AddLatency(h, latency)
	}
	var err error
	if s.Latency, err = record.EncodeLatency(h); err != nil {
		t.Fatal(err)
	}
	return record.Entry{Second: s}
}

func TestProgressLine(t *testing.T) {
	began := time.Unix(1000, 0)
	steps := [][]record.Entry{
		{{Time: began, Start: &record.Start{Name: "pod-delete", Replicas: 3}}, {Phase: &record.Phase{Name: record.Baseline}}},
		{
			{Endpoints: &record.Endpoints{List: []record.Endpoint{{Ready: true}, {Ready: true}, {Ready: true}}}},
			{Workload: &record.Workload{Ready: 3, Replicas: 3}},
			seen(t, "external/fresh", 500, "", 0, time.Millisecond),
			seen(t, "external/reused", 500, "", 0, time.Millisecond),
		},
		{
			{Phase: &record.Phase{Name: record.FaultIn}},
			{Endpoints: &record.Endpoints{List: []record.Endpoint{{Ready: true}, {Ready: true}, {}}}},
			{Workload: &record.Workload{Ready: 2, Replicas: 3}},
			seen(t, "external/fresh", 500, record.ClassRefused, 8, 20*time.Millisecond),
		},
		{
			{Phase: &record.Phase{Name: record.Recovery}},
			seen(t, "external/fresh", 500, record.ClassTimeout, 500, 0),
			seen(t, "external/reused", 500, record.ClassTimeout, 500, 0),
		},
		{{Time: began.Add(time.Minute), Start: &record.Start{Name: "node-drain", Replicas: 3}}},
	}
	var s scene
	var got strings.Builder
	for i, step := range steps {
		for _, e := range step {
			s.see(e)
		}
		got.WriteString(s.line(began.Add(time.Duration(i)*15*time.Second)) + "\n")
	}
	const golden = "testdata/progress.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
}

func TestProgressPrintsWhileAScenarioRuns(t *testing.T) {
	g := NewWithT(t)
	out := gbytes.NewBuffer()
	p := NewProgress(out)
	p.Observe(record.Entry{Second: &record.Second{Stream: "external/fresh"}}) // outside of one
	p.Observe(record.Entry{Time: time.Now(), Start: &record.Start{Name: "pod-kill"}})
	g.Eventually(out, 5*time.Second).Should(gbytes.Say("pod-kill"))
	p.Observe(record.Entry{Phase: &record.Phase{Name: record.Done}})
	p.Observe(record.Entry{End: &record.End{}})
	g.Expect(p.end).To(BeNil())
}
