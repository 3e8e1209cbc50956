package images

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"text/template"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"hagate/cluster/engine"
)

// storeVar makes this test binary an engine, whose images are in the folder it names.
const storeVar = "HAGATE_TEST_ENGINE"

func TestMain(m *testing.M) {
	if store := os.Getenv(storeVar); store != "" {
		if err := fakeEngine(store, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func newEngine(t *testing.T) *engine.Engine {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &engine.Engine{Name: self, Env: []string{storeVar + "=" + t.TempDir()}}
}

// fakeEngine does what docker does with images, for the commands that are used here.
func fakeEngine(store string, args []string) error {
	at := func(ref string) string { return filepath.Join(store, url.PathEscape(ref)) }
	read := func(path string) (v1.Image, error) { return tarball.ImageFromPath(path, nil) }
	write := func(ref string, img v1.Image) error {
		n, err := name.ParseReference(ref)
		if err != nil {
			return err
		}
		return tarball.WriteToFile(at(ref), n, img)
	}
	switch last := args[len(args)-1]; args[0] {
	case "pull":
		n, err := name.ParseReference(last)
		if err != nil {
			return err
		}
		img, err := remote.Image(n)
		if err != nil {
			return err
		}
		return write(last, img)
	case "tag":
		img, err := read(at(args[1]))
		if err != nil {
			return err
		}
		return write(last, img)
	case "image":
		img, err := read(at(last))
		if err != nil {
			return err
		}
		id, err := img.ConfigName()
		if err != nil {
			return err
		}
		file, err := img.ConfigFile()
		if err != nil {
			return err
		}
		format, err := template.New("").Parse(args[3] + "\n")
		if err != nil {
			return err
		}
		return format.Execute(os.Stdout, struct {
			Id     string
			Config v1.Config
		}{id.String(), file.Config})
	case "save":
		text, err := os.ReadFile(at(last))
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(text)
		return err
	case "load":
		archive := filepath.Join(store, "loading")
		text, err := io.ReadAll(os.Stdin)
		if err != nil {
			return err
		}
		if err := os.WriteFile(archive, text, 0o600); err != nil {
			return err
		}
		manifest, err := tarball.LoadManifest(func() (io.ReadCloser, error) { return os.Open(archive) })
		if err != nil {
			return err
		}
		ref := manifest[0].RepoTags[0]
		if strings.Count(ref, "/") == 1 {
			ref = "docker.io/" + ref
		}
		return os.Rename(archive, at(ref))
	}
	return fmt.Errorf("unknown command %q", args)
}

func TestLoad(t *testing.T) {
	const ref = "docker.io/hagate/agent:1"
	eng, img := newEngine(t), randomImage(t)
	if _, ok := present(t.Context(), eng, ref, "built here"); ok {
		t.Error("an empty engine has it")
	}
	id, err := img.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	want := Image{Ref: ref, Detail: ref + ", built here, " + id.String()}
	if got, err := load(t.Context(), eng, ref, img); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if got, ok := present(t.Context(), eng, ref, "built here"); !ok || got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if from := builtFrom(t.Context(), eng, ref); from != "" {
		t.Errorf("an image without the label is made of %q", from)
	}
}

func TestLoadFails(t *testing.T) {
	for what, script := range map[string]string{
		"refuses":        "echo no space left >&2; exit 1",
		"takes it, lies": `[ "$1" = load ] && cat >/dev/null`,
	} {
		t.Run(what, func(t *testing.T) {
			bad := writeFiles(t, map[string]string{"docker": "#!/bin/sh\n" + script + "\n"})
			eng := &engine.Engine{Name: filepath.Join(bad, "docker")}
			if _, err := load(t.Context(), eng, NginxRef, randomImage(t)); err == nil || !strings.Contains(err.Error(), NginxRef) {
				t.Errorf("error %v, want the image's name", err)
			}
		})
	}
}

func TestAgent(t *testing.T) {
	eng := newEngine(t)
	carried := func(text string) fstest.MapFS { return fstest.MapFS{"agent/agent": {Data: []byte(text)}} }
	img, err := agentOf(t.Context(), eng, carried("a program"))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := agentOf(t.Context(), eng, carried("a program")); err != nil || again.Ref != img.Ref {
		t.Errorf("the same program made %+v and %+v, %v", img, again, err)
	}
	if other, err := agentOf(t.Context(), eng, carried("a newer one")); err != nil || other.Ref == img.Ref {
		t.Errorf("another program made %+v, %v", other, err)
	}
	if _, err := agentOf(t.Context(), eng, fstest.MapFS{}); err == nil || !strings.Contains(err.Error(), "build it with make bin/hagate") {
		t.Errorf("without a program: %v", err)
	}
}
