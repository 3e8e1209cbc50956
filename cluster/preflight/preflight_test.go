package preflight

import (
	"context"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"hagate/cluster/engine"
)

var update = flag.Bool("update", false, "write golden files")

// ordinary is a machine on which every check is ok.
func ordinary() facts {
	return facts{
		engine: &engine.Engine{Name: "docker"}, engineVersion: "28.2.2", cgroup: 2, instances: 1024, watches: 1 << 20, files: 1 << 20,
		disk: 50 * gib, memory: 16 * gib, cores: 8, goVersion: "go1.26.0",
	}
}

func TestJudge(t *testing.T) {
	none := errors.New("no container engine answers: install one")
	for name, c := range map[string]struct {
		change func(*facts)
		check  string
		want   Status
		found  string
		fix    string
	}{
		"engine there":        {func(f *facts) {}, "container engine", OK, "docker 28.2.2", ""},
		"engine of our own":   {func(f *facts) { f.engine.Own = true }, "container engine", OK, "started by hagate", ""},
		"engine installable":  {func(f *facts) { f.engine, f.engineErr, f.root, f.debian = nil, none, true, true }, "container engine", Warn, "none answers", "installs docker.io"},
		"no engine":           {func(f *facts) { f.engine, f.engineErr = nil, none }, "container engine", Fail, "none answers", "install one"},
		"no engine, no root":  {func(f *facts) { f.engine, f.engineErr = nil, none }, "user", Warn, "not root", "root"},
		"not root":            {func(f *facts) {}, "user", OK, "not root", ""},
		"all capabilities":    {func(f *facts) {}, "capabilities", OK, "all", ""},
		"one missing":         {func(f *facts) { f.missing = []string{"CAP_SYS_RESOURCE"} }, "capabilities", Warn, "CAP_SYS_RESOURCE", "leave them out"},
		"essential missing":   {func(f *facts) { f.engine, f.engineErr, f.missing = nil, none, []string{"CAP_SYS_ADMIN"} }, "capabilities", Fail, "CAP_SYS_ADMIN", "grants them"},
		"cgroup v2":           {func(f *facts) {}, "cgroups", OK, "v2", ""},
		"cgroup v1":           {func(f *facts) { f.cgroup = 1 }, "cgroups", Warn, "v1", "failCgroupV1"},
		"inotify enough":      {func(f *facts) { f.instances, f.watches = 512, 524288 }, "inotify", OK, "512 instances", ""},
		"few instances":       {func(f *facts) { f.instances = 128 }, "inotify", Warn, "128 instances", "max_user_instances=512"},
		"few watches":         {func(f *facts) { f.watches = 8192 }, "inotify", Warn, "8192 watches", "max_user_watches=524288"},
		"files enough":        {func(f *facts) { f.files = 20000 }, "open files", OK, "20000", ""},
		"few files":           {func(f *facts) { f.files = 1024 }, "open files", Warn, "1024", "raise"},
		"disk enough":         {func(f *facts) { f.disk = 5 * gib }, "disk", OK, "5 GiB", ""},
		"disk for no build":   {func(f *facts) { f.disk, f.registryErr = 5*gib, none }, "disk", Warn, "5 GiB", "10 GiB"},
		"disk full":           {func(f *facts) { f.disk = gib }, "disk", Fail, "1 GiB", "free"},
		"memory enough":       {func(f *facts) {}, "memory", OK, "16.0 GiB", ""},
		"memory tight":        {func(f *facts) { f.memory = 4 * gib }, "memory", Warn, "4.0 GiB", "5 GiB"},
		"memory short":        {func(f *facts) { f.memory = gib }, "memory", Fail, "1.0 GiB", "3 GiB"},
		"cores enough":        {func(f *facts) { f.cores = 2 }, "cores", OK, "2", ""},
		"one core":            {func(f *facts) { f.cores = 1 }, "cores", Warn, "1", "INVALID"},
		"registry answers":    {func(f *facts) {}, "registry", OK, "answers", ""},
		"registry gone":       {func(f *facts) { f.registryErr, f.root, f.debian = errors.New("timed out"), true, true }, "registry", Warn, "timed out", "built here"},
		"registry gone, user": {func(f *facts) { f.registryErr = errors.New("timed out") }, "registry", Fail, "timed out", "run as root"},
		"go there":            {func(f *facts) {}, "go", OK, "go1.26.0", ""},
		"no go":               {func(f *facts) { f.goVersion = "" }, "go", OK, "not needed", ""},
		"no go to build with": {func(f *facts) { f.goVersion, f.registryErr = "", none }, "go", Fail, "not found", "no registry answers"},
		"no go for a runtime": {func(f *facts) { f.goVersion, f.engine, f.engineErr, f.missing = "", nil, none, []string{"CAP_SYSLOG"} }, "go", Fail, "not found", "install Go"},
		"engine of others":    {func(f *facts) { f.goVersion, f.missing = "", []string{"CAP_SYSLOG"} }, "go", OK, "not needed", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := ordinary()
			c.change(&f)
			for _, got := range judge(f) {
				if got.Name != c.check {
					continue
				}
				if got.Status != c.want || !strings.Contains(got.Found, c.found) || !strings.Contains(got.Fix, c.fix) || (got.Status == OK) != (got.Fix == "") {
					t.Errorf("got %+v, want %s, found %q, fix %q", got, c.want, c.found, c.fix)
				}
				return
			}
			t.Errorf("no check of %s", c.check)
		})
	}
}

func TestPrint(t *testing.T) {
	restricted := facts{
		engineErr: engine.ErrNone, cgroup: 1, missing: []string{"CAP_SYS_RESOURCE"}, instances: 128, watches: 524288, files: 20000,
		disk: 3 * gib, memory: 8 * gib, cores: 2, registryErr: errors.New("connection refused"), goVersion: "go1.26.0",
	}
	for name, c := range map[string]struct {
		facts facts
		want  string
	}{
		"ordinary":   {ordinary(), ""},
		"restricted": {restricted, "3 of 11 checks fail: see the fixes above"},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			got := ""
			if err := Print(&out, judge(c.facts)); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("error %q, want %q", got, c.want)
			}
			golden(t, "testdata/"+name+".txt", out.String())
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it):\n%s", path, got)
	}
}

// TestChecksLooksAtThisMachine asserts that every check found something.
func TestChecksLooksAtThisMachine(t *testing.T) {
	t.Setenv("DOCKER_HOST", "")
	for _, c := range Checks(context.Background(), func(context.Context) error { return nil }) {
		if c.Found == "" || strings.Contains(c.Found, "-1") {
			t.Errorf("%s: found %q", c.Name, c.Found)
		}
	}
}
