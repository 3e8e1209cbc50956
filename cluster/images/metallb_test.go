package images

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Both of MetalLB's images are built under the names in its manifest, once.
func TestLoadBalancer(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	cache, err := cacheDir()
	if err != nil {
		t.Fatal(err)
	}
	s, err := metalLB.step()
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(cache, s.name+"-"+s.key(), "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{"controller", "speaker"} {
		if err := os.WriteFile(filepath.Join(bin, program), []byte(program), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	eng, o := newEngine(t), Options{Mode: "build", Progress: io.Discard}
	got, err := LoadBalancer(t.Context(), eng, o)
	if err != nil {
		t.Fatal(err)
	}
	if want := pinned(t, metalLB, metalLBModule); got.Version != want {
		t.Errorf("version %s, go.mod says %s", got.Version, want)
	}
	if len(got.Images) != 2 {
		t.Fatalf("%d images", len(got.Images))
	}
	for _, img := range got.Images {
		if !strings.Contains(string(got.Manifest), "image: "+img.Ref+"\n") {
			t.Errorf("the manifest does not name %s", img.Ref)
		}
		if from := builtFrom(t.Context(), eng, img.Ref); from != s.key() {
			t.Errorf("%s says that it is made of %q", img.Ref, from)
		}
	}
	if n := strings.Count(string(got.Manifest), "image: "); n != len(got.Images) {
		t.Errorf("the manifest names %d images, %d are brought", n, len(got.Images))
	}
	if err := os.RemoveAll(cache); err != nil {
		t.Fatal(err)
	}
	if again, err := LoadBalancer(t.Context(), eng, o); err != nil || !slices.Equal(again.Images, got.Images) {
		t.Errorf("the engine has them, yet %+v, %v", again.Images, err)
	}
}

// The manifest is that of the module that the programs are built from, unchanged.
func TestMetalLBManifest(t *testing.T) {
	files, err := moduleFiles(metalLB.module)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := download(t.Context(), files, metalLBModule)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(dir, "config", "manifests", metalLBManifest))
	if err != nil {
		t.Fatal(err)
	}
	if got := recipe(t, metalLB, metalLBManifest); string(got) != string(want) {
		t.Error("it differs: copy that of the module")
	}
}
