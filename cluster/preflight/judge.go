package preflight

import (
	"fmt"
	"slices"
	"strings"
)

const gib = 1 << 30

// judge turns what a machine is like into checks.
func judge(f facts) []Check {
	return []Check{
		engineCheck(f), rootCheck(f), capabilityCheck(f), cgroupCheck(f), inotifyCheck(f), filesCheck(f),
		diskCheck(f), memoryCheck(f), coresCheck(f), registryCheck(f), goCheck(f),
	}
}

func engineCheck(f facts) Check {
	c := Check{Name: "container engine", Status: OK}
	switch {
	case f.engine != nil:
		c.Found = f.engine.Name + " " + f.engineVersion
		if f.engine.Own {
			c.Found += ", started by hagate"
		}
	case f.root && f.debian:
		c.Found, c.Status, c.Fix = "none answers", Warn, "none needed: the next run installs docker.io and starts it with hagate's own settings"
	default:
		c.Found, c.Status, c.Fix = "none answers", Fail, f.engineErr.Error()
	}
	return c
}

func rootCheck(f facts) Check {
	if f.root {
		return Check{"user", "root", OK, ""}
	}
	if f.engine != nil {
		return Check{"user", "not root", OK, ""}
	}
	return Check{"user", "not root", Warn, "hagate installs an engine as root only: run as root, or install one"}
}

// essential are the capabilities without which no engine of hagate's own can work.
var essential = []string{"CAP_SYS_ADMIN", "CAP_NET_ADMIN", "CAP_SYS_CHROOT", "CAP_MKNOD"}

func capabilityCheck(f facts) Check {
	c := Check{Name: "capabilities", Found: "all that the kernel knows", Status: OK}
	if len(f.missing) == 0 {
		return c
	}
	c.Found, c.Status, c.Fix = "missing "+strings.Join(f.missing, ", "), Warn, "none needed: runs leave them out and the report says so"
	lacks := slices.ContainsFunc(f.missing, func(m string) bool { return slices.Contains(essential, m) })
	if lacks && (f.engine == nil || f.engine.Own) {
		c.Status, c.Fix = Fail, "an engine of hagate's own needs "+strings.Join(essential, ", ")+": run on a host that grants them, or install an engine"
	}
	return c
}

func cgroupCheck(f facts) Check {
	if f.cgroup == 2 {
		return Check{"cgroups", "v2", OK, ""}
	}
	return Check{"cgroups", "v1", Warn, "none needed: runs set failCgroupV1: false for kubelet and the report says so; a host with v2 is closer to production"}
}

// What kind's documentation asks for: https://kind.sigs.k8s.io/docs/user/known-issues/.
// Four nodes have been seen to run with 128 instances, so less is no failure.
const (
	wantInstances = 512
	wantWatches   = 524288
)

func inotifyCheck(f facts) Check {
	c := Check{"inotify", fmt.Sprintf("%d instances, %d watches a user", f.instances, f.watches), OK, ""}
	if f.instances < wantInstances || f.watches < wantWatches {
		c.Status = Warn
		c.Fix = fmt.Sprintf("should nodes say \"too many open files\": sysctl fs.inotify.max_user_instances=%d fs.inotify.max_user_watches=%d", wantInstances, wantWatches)
	}
	return c
}

func filesCheck(f facts) Check {
	c := Check{"open files", fmt.Sprintf("hard limit %d", f.files), OK, ""}
	if f.files < 16384 {
		c.Status, c.Fix = Warn, "raise the hard limit to 16384 or more (limits.conf, or the unit's LimitNOFILE): nodes and load agents share it"
	}
	return c
}

func diskCheck(f facts) Check {
	c := Check{"disk", fmt.Sprintf("%.0f GiB free for the engine", float64(f.disk)/gib), OK, ""}
	switch {
	case f.disk < 4*gib:
		c.Status, c.Fix = Fail, "free 4 GiB for images, 10 GiB where they are built here"
	case f.disk < 10*gib && f.registryErr != nil:
		c.Status, c.Fix = Warn, "free 10 GiB: images have to be built here unless they already were"
	}
	return c
}

func memoryCheck(f facts) Check {
	c := Check{"memory", fmt.Sprintf("%.1f GiB available", float64(f.memory)/gib), OK, ""}
	switch {
	case f.memory < 3*gib:
		c.Status, c.Fix = Fail, "have 3 GiB available for four nodes, the target and the load"
	case f.memory < 5*gib:
		c.Status, c.Fix = Warn, "have 5 GiB available: with less, nodes may evict Pods and a run is INVALID"
	}
	return c
}

func coresCheck(f facts) Check {
	c := Check{"cores", fmt.Sprint(f.cores), OK, ""}
	if f.cores < 2 {
		c.Status, c.Fix = Warn, "use two cores or more: a run on a full machine is INVALID"
	}
	return c
}

func registryCheck(f facts) Check {
	switch {
	case f.registryErr == nil:
		return Check{"registry", "answers", OK, ""}
	case f.root && f.debian:
		return Check{"registry", "does not answer: " + f.registryErr.Error(), Warn, "none needed: images are built here from source, once, which takes minutes"}
	}
	return Check{"registry", "does not answer: " + f.registryErr.Error(), Fail, "let this machine reach the registry, or run as root on a Debian-like system, where images are built from source"}
}

func goCheck(f facts) Check {
	own := f.engine == nil || f.engine.Own
	switch {
	case f.goVersion != "":
		return Check{"go", f.goVersion, OK, ""}
	case f.registryErr != nil:
		return Check{"go", "not found", Fail, "install Go, which builds the images where no registry answers: https://go.dev/doc/install"}
	case len(f.missing) > 0 && own:
		return Check{"go", "not found", Fail, "install Go, which builds a runtime for an engine without all capabilities: https://go.dev/doc/install"}
	}
	return Check{"go", "not found, and not needed: images are pulled", OK, ""}
}
