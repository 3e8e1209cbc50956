// Package verdicttest makes records for tests: what a run with three replicas, four
// streams and a clean or an unclean end leaves behind. The same call always gives
// the same record.
package verdicttest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"hagate/record"
)

// Began is when every record begins.
var Began = time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)

// Run wraps scenarios into the record of a whole run.
func Run(scenarios ...[]record.Entry) []record.Entry {
	head := []record.Entry{
		{Run: &record.Run{
			Schema: record.SchemaVersion, ID: "20261124-140000-3f2a", Command: "make test-ha TARGET=target/nginx", Commit: "4be1c0de",
			Target: "nginx", TargetDir: "target/nginx", Workload: "Deployment nginx/nginx01", Service: "nginx/nginx-svc:80", Replicas: 3,
			Cluster: "hagate-3f2a", Kubernetes: "v1.37.2", Machine: record.Say("%d cores, %s, %s", 2, "24 GiB, Linux 6.18", "docker 20.10.24"),
			Images: map[string]string{"nginx:1.29": "sha256:0f1e2d3c4b5a"},
		}},
		{Setting: &record.Setting{Name: record.Words("restrict_oom_score_adj"), Value: record.Words("true"), Reason: record.Words("this host's root lacks CAP_SYS_RESOURCE")}},
		{Setting: &record.Setting{Name: record.Words("failCgroupV1"), Value: record.Words("false"), Reason: record.Words("this host has cgroup v1")}},
		{Timing: &record.Timing{Step: record.Say("cluster"), Took: 38 * time.Second}},
		{Timing: &record.Timing{Step: record.Say("target"), Took: 12300 * time.Millisecond}},
		{Timing: &record.Timing{Step: record.Say("load agents"), Took: 4100 * time.Millisecond}},
	}
	entries := head
	for i := range entries {
		entries[i].Time = Began.Add(-time.Minute)
	}
	last := Began
	for _, s := range scenarios {
		entries = append(entries, s...)
		last = s[len(s)-1].Time
	}
	return append(entries, record.Entry{Time: last.Add(time.Second), End: &record.End{}})
}

// Write writes entries as the record of the run in dir.
func Write(dir string, entries []record.Entry) error {
	f, err := os.Create(filepath.Join(dir, record.FileName))
	if err != nil {
		return fmt.Errorf("creating the record: %w", err)
	}
	out := json.NewEncoder(f)
	for _, e := range entries {
		if err := out.Encode(e); err != nil {
			return fmt.Errorf("encoding an entry: %w", err)
		}
	}
	return f.Close()
}

// PodDelete is a scenario that passes: a Pod is deleted, nothing fails.
func PodDelete() []record.Entry {
	s := newScene("pod-delete", "A Pod may be deleted at any time: no request fails, and a new Pod takes its place.", Began)
	s.deletePod(s.old[1], s.fresh[0])
	s.load(nil)
	return s.entries()
}

// NodeDrain is a scenario that fails: Pods refuse requests while they are still
// behind the Service.
func NodeDrain() []record.Entry {
	s := newScene("node-drain", "A node may be drained for maintenance: no request fails, and its Pods come back on other nodes.", Began.Add(40*time.Second))
	s.drain(s.old[2], s.fresh[1])
	s.load(func(stream int, at float64) string {
		fresh := stream < 2
		switch ms := int(at*1000) % 1000; {
		case at < faultAt+0.1 || at > faultAt+0.55:
			return ""
		case fresh && ms%30 == 0:
			return record.ClassRefused
		case !fresh && at < faultAt+0.25 && ms%50 == 0:
			return record.ClassClosed
		case stream == 3 && ms%250 == 0:
			return record.ClassReset
		}
		return ""
	})
	return s.entries()
}

// Busy is a scenario that is INVALID: on a machine that has no headroom, too much fails.
func Busy() []record.Entry {
	s := newScene("pod-kill", "A Pod may die without warning: the others keep answering, and a new Pod takes its place.", Began.Add(80*time.Second))
	s.start.Planned, s.start.SLO.MinServesOn = false, 0
	s.start.SLO.MaxFailed, s.start.SLO.MaxOutage, s.start.SLO.MaxBlackout = 16, 5*time.Second, 500*time.Millisecond
	s.start.SLO.Derivation = record.Words("unplanned: its endpoint may linger 500ms, and 1 of 3 Pods gets 1/3 of 100 requests/s meanwhile")
	s.busy = 1
	s.killPod(s.old[0], s.fresh[2])
	s.load(func(stream int, at float64) string {
		if at > faultAt && at < faultAt+0.8 && int(at*100)%3 == 0 {
			return record.ClassRefused
		}
		return ""
	})
	return s.entries()
}
