package images

import (
	"path/filepath"
	"testing"
)

// The same programs give the same image, whichever machine and time it is made at.
func TestReleased(t *testing.T) {
	amd, arm := Platform{"linux", "amd64"}, Platform{"linux", "arm64"}
	digest := func(text string) string {
		dir := writeFiles(t, map[string]string{"amd": text, "arm": "another"})
		index, err := Released(map[Platform]string{amd: filepath.Join(dir, "amd"), arm: filepath.Join(dir, "arm")})
		if err != nil {
			t.Fatal(err)
		}
		manifest, err := index.IndexManifest()
		if err != nil {
			t.Fatal(err)
		}
		if len(manifest.Manifests) != 2 || manifest.Manifests[0].Platform.Architecture != "amd64" || manifest.Manifests[1].Platform.Architecture != "arm64" {
			t.Fatalf("platforms %+v", manifest.Manifests)
		}
		img, err := index.Image(manifest.Manifests[0].Digest)
		if err != nil {
			t.Fatal(err)
		}
		got := entries(t, img)
		if got["hagate"] != (entry{0o755, text}) || got["agent"].mode == 0 {
			t.Errorf("the image holds %+v", got)
		}
		sum, err := index.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return sum.String()
	}
	if a, b := digest("a program"), digest("a program"); a != b {
		t.Errorf("%s and %s", a, b)
	}
	if a, b := digest("a program"), digest("a newer one"); a == b {
		t.Error("another program gave the same image")
	}
	if _, err := Released(map[Platform]string{amd: "none"}); err == nil {
		t.Error("a program that is not there passed")
	}
}
