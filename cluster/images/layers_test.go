package images

import (
	"archive/tar"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
)

// entry is what an image holds at a path.
type entry struct {
	mode int64
	text string
	link string // where it leads, of a symbolic link
}

func entries(t *testing.T, img v1.Image) map[string]entry {
	t.Helper()
	r := mutate.Extract(img)
	defer r.Close()
	got := map[string]entry{}
	for tr := tar.NewReader(r); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(tr)
		if err != nil {
			t.Fatal(err)
		}
		got[filepath.Clean(h.Name)] = entry{h.Mode, string(text), h.Linkname}
	}
}

// debianRoot is a folder as debianStep leaves it, with one file.
func debianRoot(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "root.tar"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := tar.NewWriter(f)
	if err := w.WriteHeader(&tar.Header{Name: "./etc/os-release", Mode: 0o644, Size: 6}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("debian")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestImages(t *testing.T) {
	dir := writeFiles(t, map[string]string{"agent": "a program"})
	debianRoot(t, dir)
	root, err := rootImage(dir, v1.Config{Cmd: []string{"nginx"}, StopSignal: "SIGQUIT"})
	if err != nil {
		t.Fatal(err)
	}
	binary := func(base v1.Image, at string, entrypoint ...string) v1.Image {
		img, err := binaryImage(base, filepath.Join(dir, "agent"), at, entrypoint...)
		if err != nil {
			t.Fatal(err)
		}
		return img
	}
	env := []string{searchPath}
	for name, c := range map[string]struct {
		img    v1.Image
		files  map[string]entry
		config v1.Config
	}{
		"a root": {root, map[string]entry{"etc/os-release": {0o644, "debian", ""}}, v1.Config{Cmd: []string{"nginx"}, StopSignal: "SIGQUIT"}},
		"a program": {binary(nil, "/agent", "/agent"), map[string]entry{"agent": {0o755, "a program", ""}, "tmp": {0o1777, "", ""}},
			v1.Config{Entrypoint: []string{"/agent"}, Env: env}},
		"a program that the Pod starts": {binary(nil, "/usr/local/bin/etcd"), map[string]entry{"usr": {0o755, "", ""}, "usr/local": {0o755, "", ""},
			"usr/local/bin": {0o755, "", ""}, "usr/local/bin/etcd": {0o755, "a program", ""}, "tmp": {0o1777, "", ""}}, v1.Config{Env: env}},
		"a program on a root": {binary(root, "/podnet", "/podnet"), map[string]entry{"etc/os-release": {0o644, "debian", ""},
			"podnet": {0o755, "a program", ""}, "tmp": {0o1777, "", ""}}, v1.Config{Entrypoint: []string{"/podnet"}, Env: env}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := entries(t, c.img); !maps.Equal(got, c.files) {
				t.Errorf("files %v, want %v", got, c.files)
			}
			file, err := c.img.ConfigFile()
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(file.Config, c.config) {
				t.Errorf("config %+v, want %+v", file.Config, c.config)
			}
			if file.OS != "linux" || file.Architecture != "amd64" {
				t.Errorf("for %s on %s", file.OS, file.Architecture)
			}
		})
	}
}

// The same bytes have the same digest, whenever they are built.
func TestBinaryImageIsReproducible(t *testing.T) {
	var digests []v1.Hash
	for range 2 {
		img, err := binaryImage(nil, filepath.Join(writeFiles(t, map[string]string{"agent": "a program"}), "agent"), "/agent")
		if err != nil {
			t.Fatal(err)
		}
		digest, err := img.Digest()
		if err != nil {
			t.Fatal(err)
		}
		digests = append(digests, digest)
	}
	if digests[0] != digests[1] {
		t.Errorf("%s and %s", digests[0], digests[1])
	}
}

func TestImagesOfNothing(t *testing.T) {
	if _, err := rootImage(t.TempDir(), v1.Config{}); err == nil {
		t.Error("a root without root.tar passed")
	}
	if _, err := binaryImage(nil, filepath.Join(t.TempDir(), "agent"), "/agent"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a program that is not there: %v", err)
	}
}
