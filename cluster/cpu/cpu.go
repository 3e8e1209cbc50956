// Package cpu tells who uses the cores of this machine, by the cgroups of the cluster's
// nodes, which are containers here, and of the Pods in them.
package cpu

import (
	"context"
	"io/fs"
	"os"
	"time"

	"hagate/record"
)

// Container is a container of this machine's engine.
type Container struct {
	ID  string // in full
	PID int    // of its first process, on this machine
}

// Owners say whose CPU time is whose.
type Owners struct {
	Nodes    []Container     // the cluster's
	Agents   []Container     // load agents beside them
	AgentPod string          // UID of the load agent in the cluster
	Service  func() []string // UIDs of the Pods that are the service's and on a node
}

// Sampler tells what each owner used since it was last asked.
type Sampler struct {
	root   fs.FS
	owners Owners
	nodes  []group
	agents []group
	pods   map[string]group // by UID

	machine Times
	own     time.Duration
	used    map[group]time.Duration
	waits   map[string]waits // of the service's Pods, by UID
}

// New finds the cgroups of the nodes and the agents. It fails where they are out of
// sight, as those of another machine.
func New(o Owners) (*Sampler, error) { return newSampler(os.DirFS("/"), o) }

func newSampler(root fs.FS, o Owners) (*Sampler, error) {
	s := &Sampler{root: root, owners: o}
	for to, containers := range map[*[]group][]Container{&s.nodes: o.Nodes, &s.agents: o.Agents} {
		for _, c := range containers {
			g, err := groupOf(root, c)
			if err != nil {
				return nil, err
			}
			*to = append(*to, g)
		}
	}
	s.sample(machineTimes(root), OwnTime())
	return s, nil
}

// Run hands over what was used in each second, until ctx ends.
func (s *Sampler) Run(ctx context.Context, write func(record.CPU)) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if c, ok := s.sample(machineTimes(s.root), OwnTime()); ok {
				write(c)
			}
		}
	}
}

// sample is what was used since the one before, false where that is not known. What short
// processes of this one took is in Others.
func (s *Sampler) sample(machine Times, own time.Duration) (record.CPU, bool) {
	before := *s
	s.machine, s.own, s.used = machine, own, map[group]time.Duration{}
	service := s.owners.Service()
	s.findPods(append(service, s.owners.AgentPod))
	pods := func(uids ...string) (sum time.Duration) {
		for _, uid := range uids {
			if g, ok := s.pods[uid]; ok {
				took, there := s.since(before.used, g)
				if sum += took; !there {
					delete(s.pods, uid)
				}
			}
		}
		return sum
	}
	all := func(groups []group) (sum time.Duration) {
		for _, g := range groups {
			took, _ := s.since(before.used, g)
			sum += took
		}
		return sum
	}
	ofService, ofAgent := pods(service...), pods(s.owners.AgentPod)
	s.waits = map[string]waits{}
	var waited time.Duration
	threads := 0
	for _, uid := range service {
		if g, ok := s.pods[uid]; ok {
			s.waits[uid] = waitsOf(s.root, g)
			longest, n := s.waits[uid].since(before.waits[uid])
			waited, threads = max(waited, longest), threads+n
		}
	}
	ofCluster, ofHarness := all(s.nodes)-ofService-ofAgent, all(s.agents)+ofAgent+own-before.own

	busy := machine.BusySince(before.machine)
	took := machine.at.Sub(before.machine.at).Seconds()
	if busy < 0 {
		return record.CPU{}, false
	}
	cores := func(d time.Duration) float64 { return round(max(0, d.Seconds()/took)) }
	c := record.CPU{Cores: machine.cores, Busy: round(busy * float64(machine.cores)), Service: cores(ofService), Cluster: cores(ofCluster), Harness: cores(ofHarness)}
	c.Others = round(max(0, c.Busy-c.Service-c.Cluster-c.Harness))
	c.Waited, c.Threads = time.Duration(float64(waited)/max(1, took)), threads
	return c, true
}

// findPods looks for the cgroups of Pods where that of one is unknown.
func (s *Sampler) findPods(uids []string) {
	for _, uid := range uids {
		if _, ok := s.pods[uid]; !ok {
			s.pods = map[string]group{}
			for _, node := range s.nodes {
				podsIn(s.root, node, s.pods)
			}
			return
		}
	}
}

// since is what g took since the counts before, and whether it is there: one that is new
// counts from now on, and one that began anew from 0.
func (s *Sampler) since(before map[group]time.Duration, g group) (time.Duration, bool) {
	now, err := g.used(s.root)
	if err != nil {
		return 0, false
	}
	s.used[g] = now
	last, known := before[g]
	switch {
	case !known:
		return 0, true
	case now < last:
		return now, true
	}
	return now - last, true
}

// round keeps a record short.
func round(cores float64) float64 { return float64(int(cores*1000+0.5)) / 1000 }
