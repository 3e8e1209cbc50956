package cpu

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"hagate/record"
)

const (
	nodeID  = "0c1d41d10b7bbf4df6b1bd0b6a5a2f1f8f4a7d8e0d7f1f6a5b4c3d2e1f0a9b8c"
	agentID = "77aa41d10b7bbf4df6b1bd0b6a5a2f1f8f4a7d8e0d7f1f6a5b4c3d2e1f0a9b8c"
	ours    = "6f1c2b3a-1111-4222-8333-444455556666"
	another = "6f1c2b3a-1111-4222-8333-777788889999"
	inside  = "6f1c2b3a-1111-4222-8333-aaaabbbbcccc"
	pending = "6f1c2b3a-1111-4222-8333-ddddeeeeffff"
)

// layout is how a kernel, an engine and a kubelet name cgroups.
type layout struct {
	v1    bool
	node  string // folder of the node's container
	agent string
	init  string // what /proc says of the node's first process
	wash  string // likewise of the agent's
	pod   string // folder of a Pod below the node's, its UID in the place of %s
	dash  string // of the UID
}

var layouts = map[string]layout{
	"v1, cgroupfs": {true, "cpuacct/docker/" + nodeID, "cpuacct/docker/" + agentID,
		"9:name=systemd:/docker/" + nodeID + "/init.scope\n2:cpuacct:/docker/" + nodeID + "\n1:cpu:/docker/" + nodeID + "\n0::/\n",
		"2:cpuacct:/docker/" + agentID + "\n0::/\n",
		"kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod%s.slice", "_"},
	"v1, systemd": {true, "cpu,cpuacct/system.slice/docker-" + nodeID + ".scope", "cpu,cpuacct/system.slice/docker-" + agentID + ".scope",
		"0::/system.slice/docker-" + nodeID + ".scope\n4:cpu,cpuacct:/system.slice/docker-" + nodeID + ".scope/kubelet\n",
		"4:cpu,cpuacct:/system.slice/docker-" + agentID + ".scope\n", "kubelet/kubepods/burstable/pod%s", "-"},
	"v2, cgroupfs": {false, "docker/" + nodeID, "docker/" + agentID,
		"0::/docker/" + nodeID + "/init.scope\n", "0::/docker/" + agentID + "\n", "kubelet/kubepods/pod%s", "-"},
	"v2, systemd": {false, "system.slice/docker-" + nodeID + ".scope", "system.slice/docker-" + agentID + ".scope",
		"0::/system.slice/docker-" + nodeID + ".scope/init.scope\n", "0::/system.slice/docker-" + agentID + ".scope\n",
		"kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod%s.slice", "_"},
}

// tree is a machine of two cores on which the node, the agent beside it and each Pod, by
// UID, have taken so long.
func (l layout) tree(node, agent time.Duration, pods map[string]time.Duration) fstest.MapFS {
	fs := fstest.MapFS{
		"proc/stat":     {Data: []byte("cpu  0 0 0 1000 0 0 0 0 0 0\ncpu0 0 0 0 500 0 0\ncpu1 0 0 0 500 0 0\n")},
		"proc/7/cgroup": {Data: []byte(l.init)},
		"proc/8/cgroup": {Data: []byte(l.wash)},
		filepath.Join(mounted, l.node, "kubelet/kubelet.service/tasks"): {},
	}
	count := func(dir string, used time.Duration) {
		name, text := "cpu.stat", fmt.Sprintf("usage_usec %d\nuser_usec 1\nsystem_usec 2\n", used.Microseconds())
		if l.v1 {
			name, text = "cpuacct.usage", fmt.Sprintf("%d\n", used.Nanoseconds())
		}
		fs[filepath.Join(mounted, dir, name)] = &fstest.MapFile{Data: []byte(text)}
	}
	count(l.node, node)
	count(l.agent, agent)
	for uid, used := range pods {
		count(filepath.Join(l.node, fmt.Sprintf(l.pod, strings.ReplaceAll(uid, "-", l.dash))), used)
	}
	return fs
}

var containers = Owners{
	Nodes:    []Container{{nodeID, 7}},
	Agents:   []Container{{agentID, 8}},
	AgentPod: inside,
	Service:  func() []string { return []string{ours, pending} },
}

func TestSample(t *testing.T) {
	for name, l := range layouts {
		t.Run(name, func(t *testing.T) {
			fs := l.tree(100*time.Second, time.Second, map[string]time.Duration{ours: 50 * time.Second, another: 20 * time.Second, inside: 10 * time.Second})
			s, err := newSampler(fs, containers)
			if err != nil {
				t.Fatal(err)
			}
			machine := func(sec float64, idle uint64) Times {
				return Times{time.Unix(1000, 0).Add(time.Duration(sec * float64(time.Second))), 2, idle}
			}
			s.machine, s.own = machine(0, 1000), time.Second
			step := func(sec float64, idle uint64, node, agent time.Duration, pods map[string]time.Duration) record.CPU {
				t.Helper()
				clear(fs)
				maps.Copy(fs, l.tree(node, agent, pods))
				c, ok := s.sample(machine(sec, idle), s.own+100*time.Millisecond)
				if !ok {
					t.Fatal("unknown")
				}
				return c
			}
			ms := time.Millisecond
			got := step(1, 1000, 101500*ms, 1200*ms, map[string]time.Duration{ours: 51 * time.Second, another: 20100 * ms, inside: 10100 * ms})
			if want := (record.CPU{Cores: 2, Busy: 2, Service: 1, Cluster: 0.4, Harness: 0.4, Others: 0.2}); got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			// Two seconds later: one Pod has come, another has gone, the agent was started anew.
			got = step(3, 1200, 102500*ms, 200*ms, map[string]time.Duration{pending: 70 * time.Second, inside: 10300 * ms})
			if want := (record.CPU{Cores: 2, Busy: 1, Cluster: 0.4, Harness: 0.25, Others: 0.35}); got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			got = step(4, 1400, 103*time.Second, 200*ms, map[string]time.Duration{pending: 70500 * ms})
			if want := (record.CPU{Cores: 2, Service: 0.5, Harness: 0.1}); got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			if _, ok := s.sample(Times{}, 0); ok {
				t.Error("known without /proc/stat")
			}
		})
	}
}

// The thread of the service that waited longest counts, and not what its own limit did.
func TestWaited(t *testing.T) {
	const other = "6f1c2b3a-1111-4222-8333-bbbbccccdddd"
	for name, l := range layouts {
		t.Run(name, func(t *testing.T) {
			pods := map[string]time.Duration{ours: time.Second, other: time.Second, another: time.Second, inside: time.Second}
			o := containers
			o.Service = func() []string { return []string{ours, other, pending} }
			fs := l.tree(0, 0, pods)
			dir := func(uid string) string {
				return filepath.Join(mounted, l.node, fmt.Sprintf(l.pod, strings.ReplaceAll(uid, "-", l.dash)), "0a1b2c")
			}
			ms := time.Millisecond
			thread := func(pid, tid int, waited time.Duration) {
				fs[fmt.Sprintf("proc/%d/task/%d/schedstat", pid, tid)] = &fstest.MapFile{Data: fmt.Appendf(nil, "12345 %d 7\n", waited.Nanoseconds())}
			}
			for uid, pids := range map[string]string{ours: "21\n22\n", other: "31\n", another: "41\n", inside: "51\n"} {
				fs[filepath.Join(dir(uid), "cgroup.procs")] = &fstest.MapFile{Data: []byte(pids)}
			}
			for _, pid := range []int{21, 22, 31, 41, 51} {
				thread(pid, pid, 3*time.Second)
			}
			s, err := newSampler(fs, o)
			if err != nil {
				t.Fatal(err)
			}
			s.machine = Times{time.Unix(1000, 0), 2, 1000}
			threads := 0
			sample := func() time.Duration {
				t.Helper()
				at := s.machine
				c, ok := s.sample(Times{at.at.Add(time.Second), 2, at.idle + 100}, 0)
				if !ok {
					t.Fatal("unknown")
				}
				threads = c.Threads
				return c.Waited
			}
			if got := sample(); got != 0 {
				t.Errorf("nobody waited: %s", got)
			}
			thread(22, 22, 3*time.Second+40*ms)
			thread(22, 23, 9*time.Second) // is new
			thread(31, 31, 3*time.Second+70*ms)
			thread(41, 41, 4*time.Second) // not the service's
			thread(51, 51, 4*time.Second)
			if got := sample(); got != 70*ms {
				t.Errorf("two of the service's Pods waited: %s", got)
			}
			thread(22, 23, 9*time.Second+60*ms)
			if got := sample(); got != 60*ms || threads != 4 {
				t.Errorf("a thread that began a second ago: %s, of %d", got, threads)
			}
			thread(21, 21, 3*time.Second+500*ms)
			stat := fstest.MapFile{Data: []byte("usage_usec 1000000\nnr_periods 5\nnr_throttled 4\nthrottled_usec 300000\n")}
			limited := filepath.Join(dir(ours), "cpu.stat")
			if l.v1 {
				stat.Data = []byte("nr_periods 5\nnr_throttled 4\nthrottled_time 300000000\n")
				limited = strings.Replace(limited, "/cpuacct/", "/cpu/", 1)
			}
			fs[limited] = &stat
			if got := sample(); got != 200*ms {
				t.Errorf("its limit held it back for 300 of 500 ms: %s", got)
			}
			delete(fs, limited)
			if got := sample(); got != 0 {
				t.Errorf("the container that was held back has gone: %s", got)
			}
			delete(fs, "proc/21/task/21/schedstat")
			delete(fs, filepath.Join(dir(other), "cgroup.procs"))
			if got := sample(); got != 0 {
				t.Errorf("what has gone: %s", got)
			}
		})
	}
}

// What is out of sight is not guessed at.
func TestOutOfSight(t *testing.T) {
	l := layouts["v2, cgroupfs"]
	for how, change := range map[string]func(fstest.MapFS){
		"no such process":              func(fs fstest.MapFS) { delete(fs, "proc/7/cgroup") },
		"a process of another machine": func(fs fstest.MapFS) { fs["proc/7/cgroup"].Data = []byte("0::/user.slice\n") },
		"a cgroup namespace of our own": func(fs fstest.MapFS) {
			fs["proc/7/cgroup"].Data = []byte("0::/../" + nodeID + "\n")
		},
		"no cgroup mounted": func(fs fstest.MapFS) { delete(fs, mounted+"/docker/"+nodeID+"/cpu.stat") },
		"a count that is none": func(fs fstest.MapFS) {
			fs[mounted+"/docker/"+nodeID+"/cpu.stat"].Data = []byte("usage_usec\n")
		},
		"an agent's": func(fs fstest.MapFS) { delete(fs, "proc/8/cgroup") },
	} {
		fs := l.tree(0, 0, nil)
		if _, err := newSampler(fs, containers); err != nil {
			t.Fatal(err)
		}
		change(fs)
		if _, err := newSampler(fs, containers); err == nil {
			t.Errorf("%s: no error", how)
		}
	}
}

func TestRun(t *testing.T) {
	o := Owners{Service: func() []string { return nil }}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	s.Run(ctx, func(c record.CPU) {
		if c.Cores == 0 || c.Busy < 0 || c.Others < 0 {
			t.Errorf("%+v", c)
		}
		cancel()
	})
	if ctx.Err() != context.Canceled {
		t.Error("nothing was handed over")
	}
}

// BenchmarkSample is one second of four nodes with ten Pods each, of which the service has
// six; with and without one that is to come up.
func BenchmarkSample(b *testing.B) {
	for name, service := range map[string]int{"all known": 6, "one to come": 7} {
		b.Run(name, func(b *testing.B) {
			root := b.TempDir()
			put := func(name, text string) {
				name = filepath.Join(root, name)
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					b.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					b.Fatal(err)
				}
			}
			put("proc/stat", "cpu  0 0 0 1000 0 0 0 0 0 0\ncpu0 0 0 0 500 0 0\ncpu1 0 0 0 500 0 0\n")
			// A cgroup has such files by the dozen.
			group := func(dir string) {
				put(filepath.Join(dir, "cpuacct.usage"), "123456789012\n")
				for i := range 13 {
					put(filepath.Join(dir, fmt.Sprint("file", i)), "")
				}
			}
			var o Owners
			var uids []string
			for n := range 4 {
				id := fmt.Sprintf("%064d", n)
				put(fmt.Sprintf("proc/%d/cgroup", n), "2:cpuacct:/docker/"+id+"\n")
				o.Nodes = append(o.Nodes, Container{id, n})
				node := mounted + "/cpuacct/docker/" + id
				for _, dir := range []string{"", "init.scope", "system.slice", "kubelet", "kubelet/kubepods", "kubelet/kubepods/burstable", "kubelet/kubepods/besteffort"} {
					group(filepath.Join(node, dir))
				}
				for i := range 20 {
					group(fmt.Sprintf("%s/system.slice/unit%d.service", node, i))
				}
				for i := range 10 {
					uid := fmt.Sprintf("6f1c2b3a-1111-4222-8333-%04d%08d", n, i)
					uids = append(uids, uid)
					group(fmt.Sprintf("%s/kubelet/kubepods/burstable/pod%s", node, uid))
				}
			}
			o.AgentPod, o.Service = uids[0], func() []string {
				some := append([]string{}, uids[1:7]...)
				if service > 6 {
					some = append(some, pending)
				}
				return some
			}
			s, err := newSampler(os.DirFS(root), o)
			if err != nil {
				b.Fatal(err)
			}
			began := OwnTime()
			for b.Loop() {
				s.sample(machineTimes(s.root), OwnTime())
			}
			b.ReportMetric(float64((OwnTime()-began).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}
