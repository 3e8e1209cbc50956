package chaos

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	. "github.com/onsi/gomega"

	"hagate/record"
)

// cgroups answers what a node with a fake container is asked of its cgroup.
func cgroups(host *fakeNode, answer string) func(context.Context, string, ...string) ([]byte, error) {
	return func(ctx context.Context, node string, args ...string) ([]byte, error) {
		out, err := host.exec(ctx, node, args...)
		if len(args) > 2 && args[2] == readCgroups {
			return []byte(answer), nil
		}
		return out, err
	}
}

func TestPodStarve(t *testing.T) {
	for version, c := range map[string]struct{ cgroup, set, back string }{
		"2": {"/c/cpu.max=max 100000\n", "/c/cpu.max 1000 1000000", "/c/cpu.max max 100000"},
		"1": {"/c/cpu.cfs_period_us=100000\n/c/cpu.cfs_quota_us=-1\n",
			"/c/cpu.cfs_period_us 1000000 /c/cpu.cfs_quota_us 1000", "/c/cpu.cfs_quota_us -1 /c/cpu.cfs_period_us 100000"},
	} {
		t.Run(version, func(t *testing.T) {
			g := NewWithT(t)
			b := newBench(t)
			host := &fakeNode{}
			b.NodeExec = cgroups(host, c.cgroup)
			f := PodStarve{victim}
			g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
			g.Expect(host.log[len(host.log)-1]).To(HaveSuffix(" sh " + c.set))
			g.Expect(b.Journal.Pending()).To(HaveLen(1))
			g.Expect(b.faults[0].Returns).To(BeTrue())
			g.Expect(b.Journal.Undo(b.ctx, Undoers(Reach{NodeExec: b.NodeExec}))).To(Succeed())
			g.Expect(host.log[len(host.log)-1]).To(HaveSuffix(" sh " + c.back))

			b.NodeExec = cgroups(host, "")
			g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ContainSubstring("has none of cpu.max")))
			b.NodeExec = nil
			g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
			g.Expect(b.Journal.Pending()).To(BeEmpty())
		})
	}
}

func TestPodOOM(t *testing.T) {
	g := NewWithT(t)
	pod := podObject(victim.Name, victim.UID, "worker1")
	status := func(restarts int32, reason string) {
		p := pod.DeepCopy()
		p.Status.ContainerStatuses = []corev1.ContainerStatus{{RestartCount: restarts, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}},
			LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{Reason: reason}}}}
		pod = p
	}
	status(2, "Error")
	b := newBench(t, pod)
	host := &fakeNode{}
	read := cgroups(host, "/c/memory.max=max\n/c/memory.current=1048576\n")
	b.NodeExec = func(ctx context.Context, node string, args ...string) ([]byte, error) {
		if len(args) > 2 && args[2] == takeMemory {
			status(3, "OOMKilled")
			g.Expect(b.api.Tracker().Update(pods, pod, "nginx")).To(Succeed())
		}
		return read(ctx, node, args...)
	}
	f := PodOOM{victim}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(host.log[len(host.log)-1]).To(HaveSuffix(" sh /c/memory.max 34603008 4001"), "32 MiB above what it uses")
	g.Expect(b.faults[1].Evidence).To(ConsistOf(ContainSubstring("said OOMKilled")))
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(host.log[len(host.log)-1]).To(HaveSuffix(" sh /c/memory.max max"))
	g.Expect(b.Journal.Pending()).To(BeEmpty())
}

func TestKilledForMemory(t *testing.T) {
	for _, c := range []struct {
		end  *corev1.ContainerStateTerminated
		want string
	}{
		{nil, ""},
		{&corev1.ContainerStateTerminated{Reason: "OOMKilled", ExitCode: 137}, "OOMKilled"},
		{&corev1.ContainerStateTerminated{Reason: "Error", ExitCode: 137}, "Error, exit code 137"},
		{&corev1.ContainerStateTerminated{Reason: "Error", ExitCode: 1}, ""},
	} {
		pod := &corev1.Pod{Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{LastTerminationState: corev1.ContainerState{Terminated: c.end}}}}}
		if got := killed(pod); got != c.want {
			t.Errorf("%v: %q, want %q", c.end, got, c.want)
		}
	}
}

func TestMemoryLimit(t *testing.T) {
	for answer, want := range map[string]string{
		"/c/memory.max=max\n/c/memory.current=1048576":                                "34603008",
		"/c/memory.max=2097152\n/c/memory.current=1048576":                            "2097152",
		"/c/memory.limit_in_bytes=9223372036854771712\n/c/memory.usage_in_bytes=4096": "33558528",
		"/c/memory.max=max":                         "",
		"/c/memory.max=max\n/c/memory.current=much": "",
	} {
		host := node{"worker1", cgroups(&fakeNode{}, answer)}
		limit, low, err := host.memoryLimit(t.Context(), process{"nginx", 4001})
		if low != want || (err == nil) != (want != "") || want != "" && !strings.HasPrefix(answer, limit.file+"="+limit.value) {
			t.Errorf("%q: %+v, %q, %v; want %q", answer, limit, low, err, want)
		}
	}
}

func TestPodLossy(t *testing.T) {
	for ip, family := range map[string]string{"10.244.1.7": "ip ", "fd00::7": "ip6 "} {
		g := NewWithT(t)
		pod := podObject(victim.Name, victim.UID, "worker1")
		pod.Status.PodIP = ip
		b := newBench(t, pod)
		host := &fakeNode{}
		b.NodeExec = host.exec
		f := PodLossy{victim, 30}
		g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
		g.Expect(host.log[0]).To(And(ContainSubstring("; "+family+"saddr "+ip+" numgen random mod 100 < 30 drop"), ContainSubstring("; "+family+"daddr "+ip+" ")))
		g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
		g.Expect(host.log[1]).To(ContainSubstring("nft delete table inet hagate"))
		g.Expect(b.Journal.Pending()).To(BeEmpty())
	}
}

// kernel answers what a node is asked about delays and links.
func kernel(host *fakeNode, has string) func(context.Context, string, ...string) ([]byte, error) {
	return func(ctx context.Context, node string, args ...string) ([]byte, error) {
		out, err := host.exec(ctx, node, args...)
		line := strings.Join(args, " ")
		switch {
		case strings.HasPrefix(line, "unshare") && (has == "" || !strings.Contains(line, has)):
			return nil, errors.New("qdisc kind is unknown")
		case strings.Contains(line, "nsenter"):
			return []byte("veth7\n"), nil
		case strings.HasPrefix(line, "tc -s"):
			return []byte("qdisc\n  Sent 9 pkt\n"), nil
		}
		return out, err
	}
}

func TestPodSlow(t *testing.T) {
	for has, c := range map[Delay]struct{ does, undoes string }{
		Netem: {"tc qdisc add dev veth7 root netem delay 10ms limit 100000", `tc qdisc del dev "$1" root 2>/dev/null || true sh veth7`},
		Tbf:   {"bash veth7 10.244.1.7", `systemctl stop hagate-slow; fi; tc qdisc del dev "$1" root 2>/dev/null || true sh veth7 10.244.1.7`},
	} {
		t.Run(string(has), func(t *testing.T) {
			g := NewWithT(t)
			pod := podObject(victim.Name, victim.UID, "worker1")
			pod.Status.PodIP = "10.244.1.7"
			b := newBench(t, pod)
			host := &fakeNode{}
			b.NodeExec = kernel(host, string(has))
			f := PodSlow{victim, 10 * time.Millisecond}
			g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
			g.Expect(host.log).To(ContainElement(HaveSuffix(c.does)))
			g.Expect(b.Journal.Pending()).To(HaveLen(1))
			g.Expect(b.faults[0].Returns).To(BeTrue())
			g.Expect(b.faults[1].Evidence).To(ConsistOf(And(ContainSubstring(string(has)+" on veth7"), HaveSuffix("qdisc Sent 9 pkt"))))
			g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
			g.Expect(host.log[len(host.log)-1]).To(HaveSuffix(c.undoes))
			g.Expect(b.Journal.Pending()).To(BeEmpty())
		})
	}
	g := NewWithT(t)
	b := newBench(t, podObject(victim.Name, victim.UID, "worker1"))
	b.NodeExec = kernel(&fakeNode{}, "")
	g.Expect(PodSlow{victim, time.Second}.Inject(b.ctx, b.Env)).To(MatchError(And(ContainSubstring("netem: qdisc kind is unknown"), ContainSubstring("tbf: qdisc kind is unknown"))))
	g.Expect(b.Journal.Pending()).To(BeEmpty())
	b.NodeExec = nil
	g.Expect(PodSlow{victim, time.Second}.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
}

func TestDNSSlow(t *testing.T) {
	g := NewWithT(t)
	b := newBench(t)
	host := &fakeNode{}
	b.NodeExec = func(ctx context.Context, node string, args ...string) ([]byte, error) {
		out, err := host.exec(ctx, node, args...)
		if strings.Contains(strings.Join(args, " "), "State:") {
			return []byte("S (sleeping)\nT (stopped)\n"), nil
		}
		return out, err
	}
	other := record.Victim{Kind: "Pod", Namespace: "kube-system", Name: "coredns-b", UID: "uid-b", Node: "worker2"}
	f := DNSSlow{[]record.Victim{victim, other}, 500 * time.Millisecond}
	g.Expect(f.Inject(b.ctx, b.Env)).To(Succeed())
	g.Expect(strings.Join(host.log, "\n")).To(And(ContainSubstring("--unit=hagate-dns-0"), ContainSubstring("worker2: systemd-run --quiet --collect --unit=hagate-dns-1"), ContainSubstring("sleep 0.500")))
	g.Expect(b.Journal.Pending()).To(HaveLen(2))
	g.Expect(b.faults[1].Evidence).To(HaveLen(2))
	g.Expect(f.Revert(b.ctx, b.Env)).To(Succeed())
	g.Expect(host.log[len(host.log)-1]).To(HavePrefix("worker2: sh -c if systemctl --quiet is-active hagate-dns-1"))
	g.Expect(b.Journal.Pending()).To(BeEmpty())
	b.NodeExec = nil
	g.Expect(f.Inject(b.ctx, b.Env)).To(MatchError(ErrOutOfReach))
}
