package target

import (
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var planned = []string{"pod-delete", "node-drain", "rolling-update"}

// checkProbePorts looks for the port that each probe and hook asks on, which only the
// container's own list of ports can name.
func (t *Target) checkProbePorts(f *file) {
	m, ok := t.workload()
	if !ok {
		return
	}
	for _, c := range m.containers() {
		for i, p := range []*corev1.Probe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe} {
			if p == nil {
				continue
			}
			how, port, asked := asks(p.ProbeHandler)
			where := at(c.path, []string{"startupProbe", "readinessProbe", "livenessProbe"}[i], how, "port")
			switch {
			case !asked || number(c.Container, port) != 0 && declares(c.Container, port):
			case port.Type == intstr.String:
				f.problemIn(m.manifest, where, "container %s has no port named %q, so the probe never succeeds (it has %s): name one that it has", c.Name, port.StrVal, ports([]container{c}))
			case len(c.Ports) > 0:
				f.warn(m.manifest, where, nil, "container %s does not declare port %d (it has %s), and where it does not listen on it the probe never succeeds: ask on one that it has, or declare it", c.Name, port.IntVal, ports([]container{c}))
			}
		}
	}
}

// asks is how a probe asks, and on which port; false where it runs a command.
func asks(p corev1.ProbeHandler) (how string, port intstr.IntOrString, ok bool) {
	switch {
	case p.HTTPGet != nil:
		return "httpGet", p.HTTPGet.Port, true
	case p.TCPSocket != nil:
		return "tcpSocket", p.TCPSocket.Port, true
	case p.GRPC != nil:
		return "grpc", intstr.FromInt32(p.GRPC.Port), true
	}
	return "", port, false
}

func (t *Target) checkReadiness(f *file) {
	m, ok := t.workload()
	if !ok || slices.ContainsFunc(m.containers(), func(c container) bool { return c.ReadinessProbe != nil }) {
		return
	}
	server, _ := t.Server()
	i := max(0, slices.IndexFunc(m.template.Spec.Containers, func(c corev1.Container) bool { return c.Name == server }))
	f.warn(m.manifest, at(m.path, "spec.containers", i), []string{"rollout-broken", "scale"}, "no container has a readinessProbe, so a Pod that does not serve yet, or no longer, is sent clients: give %s one that asks for what clients ask for", server)
}

// checkGrace adds up what is known to pass between the order to go and the end.
func (t *Target) checkGrace(f *file) {
	m, ok := t.workload()
	if !ok {
		return
	}
	grace := t.Grace()
	for _, c := range m.containers() {
		hook, how := c.hook()
		shutdown := trapped(c.script())
		where := at(c.path, "lifecycle.preStop", how)
		switch {
		case how == "sleep" && hook > grace:
			f.problemIn(m.manifest, where, "sleeps for %s, and the Pod has %s to end, which the API server refuses: raise terminationGracePeriodSeconds (%s:%d) above the sleep and the shutdown after it", seconds(hook), seconds(grace), m.file, m.graceLine())
		case hook > 0 && hook >= grace:
			f.warn(m.manifest, where, planned, "takes %s, and the Pod has %s to end, so the process is killed with the answers that it had begun: raise terminationGracePeriodSeconds (%s:%d) above the hook and the shutdown after it, or shorten the hook", seconds(hook), seconds(grace), m.file, m.graceLine())
		case shutdown > 0 && hook+shutdown >= grace:
			f.warn(m.manifest, at(m.path, "spec.terminationGracePeriodSeconds"), planned, "%s, and the preStop hook takes %s and the trap of container %s %s, so the process is killed with the answers that it had begun: give more than both", seconds(grace), seconds(hook), c.Name, seconds(shutdown))
		}
	}
}

func (m maker) graceLine() int { return m.line(at(m.path, "spec.terminationGracePeriodSeconds")...) }

func seconds(d time.Duration) string {
	if d == endless {
		return "for ever"
	}
	return d.String()
}

const endless = time.Duration(math.MaxInt64)

// hook is how long the preStop hook is known to take, and of what kind it is.
func (c container) hook() (time.Duration, string) {
	if c.Lifecycle == nil || c.Lifecycle.PreStop == nil {
		return 0, ""
	}
	switch p := c.Lifecycle.PreStop; {
	case p.Sleep != nil:
		return time.Duration(p.Sleep.Seconds) * time.Second, "sleep"
	case p.Exec != nil:
		return sleeps(strings.Join(p.Exec.Command, " ")), "exec"
	}
	return 0, ""
}

var (
	sleepCommand = regexp.MustCompile(`\bsleep\s+(\d+(?:\.\d+)?|infinity)([smh]?)\b`)
	trapCommand  = regexp.MustCompile(`\btrap\s+(?:'([^']*)'|"([^"]*)")`)
	execCommand  = regexp.MustCompile(`(?m)(?:^|[;&|({]|\b(?:then|do|else))\s*exec\s+\S`)
	signals      = regexp.MustCompile(`\b(?:kill|pkill|killall|quit|stop|shutdown)\b`)
)

// sleeps adds up the sleep commands of a script.
func sleeps(script string) (total time.Duration) {
	units := map[string]time.Duration{"": time.Second, "s": time.Second, "m": time.Minute, "h": time.Hour}
	for _, found := range sleepCommand.FindAllStringSubmatch(script, -1) {
		n, err := strconv.ParseFloat(found[1], 64)
		if err != nil || n > 1e6 {
			return endless
		}
		total += time.Duration(n * float64(units[found[2]]))
	}
	return total
}

// trapped is how long a script's traps are known to take.
func trapped(script string) (total time.Duration) {
	for _, found := range trapCommand.FindAllStringSubmatch(script, -1) {
		total = max(total, sleeps(found[1]+found[2]))
	}
	return total
}

var shells = []string{"sh", "bash", "ash", "dash", "ksh", "zsh"}

// script is what the shell that a container begins with is given to run, without its
// comments; nothing where the container begins with no shell.
func (c container) script() string {
	words := append(slices.Clone(c.Command), c.Args...)
	if len(words) > 0 && path.Base(words[0]) == "busybox" {
		words = words[1:]
	}
	if len(c.Command) == 0 || len(words) < 3 || !slices.Contains(shells, path.Base(words[0])) {
		return ""
	}
	for i, word := range words[1 : len(words)-1] {
		if strings.HasPrefix(word, "-") && !strings.HasPrefix(word, "--") && strings.HasSuffix(word, "c") {
			var lines []string
			for line := range strings.Lines(words[i+2]) {
				if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
					lines = append(lines, line)
				}
			}
			return strings.Join(lines, "\n")
		}
	}
	return ""
}

// checkShell looks for a shell that stays the container's first process and hands no
// signal on. A script of one command is left to the shell: most replace themselves by it.
func (t *Target) checkShell(f *file) {
	m, ok := t.workload()
	if !ok {
		return
	}
	for _, c := range m.containers() {
		script := c.script()
		several := strings.ContainsAny(script, "\n;|&")
		if !several || strings.Contains(script, "trap ") || execCommand.MatchString(script) || c.toldToStop() {
			continue
		}
		path := at(c.path, "command")
		f.warn(m.manifest, path, planned, "a shell is the first process of container %s and hands no signal on, so its Pod is killed when its %s are over, with the answers that it had begun: begin the last command with exec, or trap TERM and pass it on", c.Name, t.Grace())
	}
}

// toldToStop says whether the preStop hook tells the process to end by itself.
func (c container) toldToStop() bool {
	return c.Lifecycle != nil && c.Lifecycle.PreStop != nil && c.Lifecycle.PreStop.Exec != nil &&
		signals.MatchString(strings.Join(c.Lifecycle.PreStop.Exec.Command, " "))
}
