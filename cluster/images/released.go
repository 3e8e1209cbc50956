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
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Platform is an operating system and an architecture, as Go names them.
type Platform struct{ OS, Arch string }

// Released is an image of hagate's own programs, by platform. Each is hagate as such, and the
// load agent where it is called /agent, so that a borrowed cluster can pull it as that.
func Released(programs map[Platform]string) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	order := slices.SortedFunc(maps.Keys(programs), func(a, b Platform) int { return cmp.Or(cmp.Compare(a.OS, b.OS), cmp.Compare(a.Arch, b.Arch)) })
	for _, p := range order {
		img, err := released(p, programs[p])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", programs[p], err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: p.OS, Architecture: p.Arch}}})
	}
	return index, nil
}

func released(p Platform, program string) (v1.Image, error) {
	text, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	layer, err := layerOf([]*tar.Header{
		{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777},
		{Typeflag: tar.TypeSymlink, Name: "agent", Linkname: "hagate", Mode: 0o777},
		{Typeflag: tar.TypeReg, Name: "hagate", Mode: 0o755, Size: int64(len(text))},
	}, text, tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, err
	}
	img, err := mutate.AppendLayers(mutate.MediaType(empty.Image, types.OCIManifestSchema1), layer)
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
