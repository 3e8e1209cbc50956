package images

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/modfile"

	"hagate"
)

// recipe is a file of c's module.
func recipe(t *testing.T, c component, name string) []byte {
	t.Helper()
	text, err := fs.ReadFile(recipes, path.Join("_modules", c.module, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func goMod(t *testing.T, c component) *modfile.File {
	t.Helper()
	f, err := modfile.Parse(c.module, recipe(t, c, "module.mod"), nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// pinned is the version of the module that pkg is in; empty where c's module requires none
// such.
func pinned(t *testing.T, c component, pkg string) string {
	t.Helper()
	for _, r := range goMod(t, c).Require {
		if strings.HasPrefix(pkg+"/", r.Mod.Path+"/") && !r.Indirect {
			return r.Mod.Version
		}
	}
	return ""
}

// commands are the names that `go build -o bin/` gives to what c builds.
func (c component) commands() []string {
	var names []string
	for _, p := range slices.Concat(c.packages, c.apart) {
		names = append(names, path.Base(p))
	}
	return names
}

// everything that is built from a module.
var everything = []component{nodePrograms, metalLB}

func TestComponents(t *testing.T) {
	var modules []string
	for _, c := range everything {
		modules = append(modules, c.module)
		t.Run(c.module, func(t *testing.T) {
			if got := goMod(t, c).Module.Mod.Path; got != "hagate/cluster/images/modules/"+c.module {
				t.Errorf("the module is called %s", got)
			}
			pins := recipe(t, c, "tools.go")
			for _, p := range slices.Concat(c.packages, c.apart) {
				if own, ok := strings.CutPrefix(p, "./"); ok {
					recipe(t, c, own+"/main.go")
					continue
				}
				if pinned(t, c, p) == "" {
					t.Errorf("no module that is required has %s", p)
				}
				if !strings.Contains(string(pins), fmt.Sprintf("_ %q", p)) {
					t.Errorf("tools.go does not keep %s: go mod tidy would drop what it needs", p)
				}
			}
		})
	}
	entries, err := fs.ReadDir(recipes, "_modules")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(modules, e.Name()) {
			t.Errorf("_modules/%s is built by no component", e.Name())
		}
	}
	names := nodePrograms.commands()
	if slices.Sort(names); len(slices.Compact(names)) != len(nodePrograms.commands()) {
		t.Errorf("two programs have one name: %q", names)
	}
}

// What a command says of itself is what was built.
func TestComponentVersions(t *testing.T) {
	for flag := range strings.SplitSeq(nodePrograms.ldflags, "-X ") {
		variable, value, _ := strings.Cut(strings.TrimSpace(flag), "=")
		if variable == "" {
			continue
		}
		of := "k8s.io/kubernetes"
		if !strings.HasPrefix(variable, "k8s.io/") {
			of = variable
		}
		want := pinned(t, nodePrograms, of)
		number := strings.Split(strings.TrimPrefix(want, "v"), ".")
		switch {
		case strings.HasSuffix(variable, ".gitMajor"):
			want = number[0]
		case strings.HasSuffix(variable, ".gitMinor"):
			want = number[1]
		}
		if value != want {
			t.Errorf("%s is %s, module.mod says %s", variable, value, want)
		}
	}
	if version := pinned(t, nodePrograms, "k8s.io/kubernetes"); version != KubernetesVersion {
		t.Errorf("pause, kubeadm's list and kind/version are of %s, the commands of %s", KubernetesVersion, version)
	}
}

// What hagate itself is built of need not be compiled again for the node image: go finds it in
// its cache, if it is of the same version.
func TestNodeProgramsShareVersions(t *testing.T) {
	text, err := hagate.Module.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	own, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, r := range goMod(t, nodePrograms).Require {
		versions[r.Mod.Path] = r.Mod.Version
	}
	for _, r := range goMod(t, nodePrograms).Replace {
		versions[r.Old.Path] = r.New.Version
	}
	for _, r := range own.Require {
		if v := versions[r.Mod.Path]; v != "" && v != r.Mod.Version {
			t.Errorf("go.mod has %s, and the node's module.mod %s: give both the newer one (go get, make module M=node GET=…)", r.Mod, v)
		}
	}
}

func TestComponentKey(t *testing.T) {
	defer func(all fs.FS) { recipes = all }(recipes)
	base := component{module: "m", packages: []string{"example.com/a"}, ldflags: "-X a.b=1", tags: "x"}
	files := map[string]string{"module.mod": "require example.com/a v1.0.0", "module.sum": "h1:a"}
	key := func(c component, files map[string]string) string {
		t.Helper()
		below := fstest.MapFS{}
		for name, text := range files {
			below["_modules/m/"+name] = &fstest.MapFile{Data: []byte(text)}
		}
		recipes = below
		s, err := c.step()
		if err != nil {
			t.Fatal(err)
		}
		return s.key()
	}
	for name, c := range map[string]struct {
		change func(c *component, files map[string]string)
		same   bool
	}{
		"nothing":  {func(*component, map[string]string) {}, true},
		"versions": {func(_ *component, f map[string]string) { f["module.mod"] = "require example.com/a v1.0.1" }, false},
		"sums":     {func(_ *component, f map[string]string) { f["module.sum"] = "h1:b" }, false},
		"source":   {func(_ *component, f map[string]string) { f["main.go"] = "package main" }, false},
		"packages": {func(c *component, _ map[string]string) { c.packages = []string{"example.com/a", "example.com/b"} }, false},
		"ldflags":  {func(c *component, _ map[string]string) { c.ldflags = "-X a.b=2" }, false},
		"tags":     {func(c *component, _ map[string]string) { c.tags = "y" }, false},
	} {
		changed, changedFiles := base, map[string]string{}
		for name, text := range files {
			changedFiles[name] = text
		}
		c.change(&changed, changedFiles)
		if (key(changed, changedFiles) == key(base, files)) != c.same {
			t.Errorf("%s: the key is the same: %t", name, !c.same)
		}
	}
	if _, err := (component{module: "none"}).step(); err == nil {
		t.Error("a component without a module passed")
	}
}

func TestStepKeys(t *testing.T) {
	keys := map[string]string{}
	for _, s := range []step{
		debianStep("root", []string{"bash"}, nil, ""), debianStep("root", []string{"bash", "curl"}, nil, ""),
		debianStep("root", []string{"bash"}, nil, "kind@v2"), nginxStep(), pauseStep(),
	} {
		if other, ok := keys[s.key()]; ok {
			t.Errorf("%s and %s have one key", s.name, other)
		}
		keys[s.key()] = s.name
	}
}

func TestRunError(t *testing.T) {
	err := run(exec.CommandContext(t.Context(), "sh", "-c", "for i in 1 2 3 4 5 6 7; do echo $i; done; exit 3"))
	if err == nil || !strings.HasSuffix(err.Error(), "exit status 3: 3\n4\n5\n6\n7") {
		t.Errorf("error %v, want the last five lines", err)
	}
}

// An interrupted debootstrap has to unmount what it mounted, or the cache is stuck.
func TestRunInterruptedCleansUp(t *testing.T) {
	dir := t.TempDir()
	ready := filepath.Join(dir, "ready")
	if err := syscall.Mkfifo(ready, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := signal.NotifyContext(t.Context(), os.Interrupt) // as a command has it
	cmd := exec.CommandContext(ctx, "sh", "-c", `trap 'touch cleaned; exit 1' INT; sh -c 'echo >ready; exec sleep 600'; exit 0`)
	cmd.Dir = dir
	go func() {
		os.ReadFile(ready)
		interrupt()
	}()
	if err := run(cmd); err == nil {
		t.Error("an interrupted command passed")
	}
	if _, err := os.Stat(filepath.Join(dir, "cleaned")); err != nil {
		t.Errorf("the command did not clean up: %v", err)
	}
}
