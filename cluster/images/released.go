package images

import (
	"archive/tar"
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Platform is an operating system and an architecture, as Go names them.
type Platform struct{ OS, Arch string }

// Programs are the files of hagate and of its load agent.
type Programs struct{ Hagate, Agent string }

// WriteReleased writes an OCI image layout of hagate to dir, for each of the platforms. It has
// the load agent as /agent as well, so that a borrowed cluster can pull it as that.
func WriteReleased(dir string, platforms map[Platform]Programs) error {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	order := slices.SortedFunc(maps.Keys(platforms), func(a, b Platform) int { return cmp.Or(cmp.Compare(a.OS, b.OS), cmp.Compare(a.Arch, b.Arch)) })
	for _, p := range order {
		img, err := released(p, platforms[p])
		if err != nil {
			return fmt.Errorf("making the image of %s/%s: %w", p.OS, p.Arch, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: p.OS, Architecture: p.Arch}}})
	}
	named := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex), mutate.IndexAddendum{
		Add: index, Descriptor: v1.Descriptor{Annotations: map[string]string{"org.opencontainers.image.ref.name": "hagate"}}})
	if _, err := layout.Write(dir, named); err != nil {
		return fmt.Errorf("writing the image to %s: %w", dir, err)
	}
	return nil
}

func released(p Platform, programs Programs) (v1.Image, error) {
	var layers []v1.Layer
	for _, file := range []string{programs.Agent, programs.Hagate} {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		name := "hagate"
		if file == programs.Agent {
			name = "agent"
		}
		layer, err := layerOf([]*tar.Header{{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777},
			{Typeflag: tar.TypeReg, Name: name, Mode: 0o755, Size: int64(len(text))}}, text, tarball.WithMediaType(types.OCILayer))
		if err != nil {
			return nil, err
		}
		layers = append(layers, layer)
	}
	img, err := mutate.AppendLayers(mutate.MediaType(empty.Image, types.OCIManifestSchema1), layers...)
	if err != nil {
		return nil, err
	}
	file, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Config = p.OS, p.Arch, v1.Config{Entrypoint: []string{"/hagate"}, Env: []string{searchPath}}
	return mutate.ConfigFile(mutate.ConfigMediaType(img, types.OCIConfigJSON), file)
}
