package images

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// rootImage is an image of one Debian root file system.
func rootImage(dir string, config v1.Config) (v1.Image, error) {
	layer, err := tarball.LayerFromFile(filepath.Join(dir, "root.tar"))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", dir, err)
	}
	img, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, err
	}
	return configured(img, config)
}

// binaryImage is programImage of the file binary.
func binaryImage(base v1.Image, binary, at string, entrypoint ...string) (v1.Image, error) {
	text, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	return programImage(base, text, at, entrypoint...)
}

// programImage is one program at path at, on top of base (nothing where nil).
func programImage(base v1.Image, text []byte, at string, entrypoint ...string) (v1.Image, error) {
	if base == nil {
		base = empty.Image
	}
	layer, err := programLayer(text, at)
	if err != nil {
		return nil, err
	}
	img, err := mutate.AppendLayers(base, layer)
	if err != nil {
		return nil, err
	}
	return configured(img, v1.Config{Entrypoint: entrypoint, Env: []string{searchPath}})
}

// programLayer is a layer of one program at path at, and a /tmp.
func programLayer(text []byte, at string) (v1.Layer, error) {
	entries := []*tar.Header{}
	for dir := path.Dir(at); dir != "/"; dir = path.Dir(dir) {
		entries = append([]*tar.Header{{Typeflag: tar.TypeDir, Name: strings.TrimPrefix(dir, "/") + "/", Mode: 0o755}}, entries...)
	}
	entries = append(entries, &tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777},
		&tar.Header{Typeflag: tar.TypeReg, Name: strings.TrimPrefix(at, "/"), Mode: 0o755, Size: int64(len(text))})
	return layerOf(entries, text)
}

// linkedImage is a program's layer, which images share, on top of base, and the name at by
// which this one starts it.
func linkedImage(base v1.Image, program v1.Layer, to, at string) (v1.Image, error) {
	link, err := layerOf([]*tar.Header{{Typeflag: tar.TypeSymlink, Name: strings.TrimPrefix(at, "/"), Linkname: to, Mode: 0o777}}, nil)
	if err != nil {
		return nil, err
	}
	img, err := mutate.AppendLayers(base, program, link)
	if err != nil {
		return nil, err
	}
	return configured(img, v1.Config{Env: []string{searchPath}})
}

// layerOf is a layer of entries, of which the last holds text, where it is a file.
func layerOf(entries []*tar.Header, text []byte, options ...tarball.LayerOption) (v1.Layer, error) {
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, h := range entries {
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(buf.Bytes())), nil }, options...)
}

func configured(img v1.Image, config v1.Config) (v1.Image, error) {
	file, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.Architecture, file.OS, file.Config = runtime.GOARCH, "linux", config
	return mutate.ConfigFile(img, file)
}
