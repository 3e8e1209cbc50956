package images

import (
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// The same programs give the same image, of all platforms under one name.
func TestWriteReleased(t *testing.T) {
	amd, arm := Platform{"linux", "amd64"}, Platform{"linux", "arm64"}
	digest := func(text string) string {
		files := writeFiles(t, map[string]string{"amd": text, "arm": "another", "agent": "an agent"})
		of := func(name string) Programs {
			return Programs{filepath.Join(files, name), filepath.Join(files, "agent")}
		}
		dir := filepath.Join(t.TempDir(), "image")
		if err := WriteReleased(dir, map[Platform]Programs{amd: of("amd"), arm: of("arm")}); err != nil {
			t.Fatal(err)
		}
		top, err := layout.ImageIndexFromPath(dir)
		if err != nil {
			t.Fatal(err)
		}
		names, err := top.IndexManifest()
		if err != nil || len(names.Manifests) != 1 || names.Manifests[0].Annotations["org.opencontainers.image.ref.name"] != "hagate" {
			t.Fatalf("names %+v, %v", names, err)
		}
		index, err := top.ImageIndex(names.Manifests[0].Digest)
		if err != nil {
			t.Fatal(err)
		}
		all, err := index.IndexManifest()
		if err != nil || len(all.Manifests) != 2 || all.Manifests[0].Platform.Architecture != "amd64" || all.Manifests[1].Platform.Architecture != "arm64" {
			t.Fatalf("platforms %+v, %v", all, err)
		}
		img, err := index.Image(all.Manifests[0].Digest)
		if err != nil {
			t.Fatal(err)
		}
		if got := entries(t, img); got["hagate"] != (entry{0o755, text, ""}) || got["agent"] != (entry{0o755, "an agent", ""}) {
			t.Errorf("the image holds %+v", got)
		}
		return names.Manifests[0].Digest.String()
	}
	if a, b := digest("a program"), digest("a program"); a != b {
		t.Errorf("%s and %s", a, b)
	}
	if a, b := digest("a program"), digest("a newer one"); a == b {
		t.Error("another program gave the same image")
	}
	if err := WriteReleased(t.TempDir(), map[Platform]Programs{amd: {"none", "none"}}); err == nil {
		t.Error("a program that is not there passed")
	}
}
