package images

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNeedPackages(t *testing.T) {
	const works = `echo "$@" >>"$LOG"; echo "$DEBIAN_FRONTEND" >>"$LOG"`
	need := map[string]string{"gcc": "gcc", "/nowhere/stdio.h": "libc6-dev"}
	for name, c := range map[string]struct {
		commands map[string]string
		need     map[string]string
		root     bool // only root may install
		log      string
		wantErr  string
	}{
		"all there":   {commands: map[string]string{"gcc": "", "apt-get": works}, need: map[string]string{"gcc": "gcc", "/etc/passwd": "base-passwd"}},
		"a file":      {commands: map[string]string{"gcc": "", "apt-get": works}, need: need, root: true, log: "update\n\ninstall --yes --no-install-recommends libc6-dev\nnoninteractive\n"},
		"both":        {commands: map[string]string{"apt-get": works}, need: need, root: true, log: "update\n\ninstall --yes --no-install-recommends gcc libc6-dev\nnoninteractive\n"},
		"not Debian":  {commands: map[string]string{"gcc": ""}, need: need, wantErr: "missing: libc6-dev; install it"},
		"apt-get off": {commands: map[string]string{"apt-get": "echo no network; exit 100"}, need: need, root: true, wantErr: "no network"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.root && os.Geteuid() != 0 {
				t.Skip("needs root")
			}
			files := map[string]string{}
			for command, script := range c.commands {
				files[command] = "#!/bin/sh\n" + script + "\n"
			}
			dir := writeFiles(t, files)
			log := filepath.Join(dir, "log")
			t.Setenv("PATH", dir)
			t.Setenv("LOG", log)
			t.Setenv("DEBIAN_FRONTEND", "")
			err := needPackages(t.Context(), c.need)
			if c.wantErr == "" && err != nil || c.wantErr != "" && (err == nil || !strings.Contains(err.Error(), c.wantErr)) {
				t.Errorf("error %v, want %q", err, c.wantErr)
			}
			if got, _ := os.ReadFile(log); string(got) != c.log {
				t.Errorf("apt-get ran with %q, want %q", got, c.log)
			}
		})
	}
}

func TestMirror(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"Debian":   {"echo http://security.debian.org Debian main\necho http://mirror.example/debian Debian contrib\necho http://mirror.example/debian Debian main", "http://mirror.example/debian"},
		"Ubuntu":   {"echo http://archive.ubuntu.com/ubuntu Ubuntu main", ""},
		"no lists": {"exit 0", ""},
		"fails":    {"echo http://mirror.example/debian Debian main; exit 1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", writeFiles(t, map[string]string{"apt-get": "#!/bin/sh\n" + c.script + "\n"}))
			if got := mirror(t.Context()); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestEmptyDir(t *testing.T) {
	dir := writeFiles(t, map[string]string{"doc/a/copyright": "", "doc/b": "", "kept": ""})
	for range 2 {
		if err := emptyDir(filepath.Join(dir, "doc")); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := os.ReadDir(filepath.Join(dir, "doc")); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "kept")); err != nil {
		t.Error(err)
	}
	if err := emptyDir(filepath.Join(dir, "none")); err != nil {
		t.Errorf("a folder that is not there: %v", err)
	}
}

func TestFinishNginx(t *testing.T) {
	root := t.TempDir()
	for range 2 {
		if err := finishNginx(t.Context(), root); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"access.log": "/dev/stdout", "error.log": "/dev/stderr"} {
		if got, err := os.Readlink(filepath.Join(root, "var/log/nginx", name)); got != want || err != nil {
			t.Errorf("%s leads to %q, %v", name, got, err)
		}
	}
}
