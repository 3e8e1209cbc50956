package images

import (
	"context"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"golang.org/x/mod/modfile"

	"hagate/cluster/engine"
)

const (
	metalLBModule   = "go.universe.tf/metallb"
	metalLBManifest = "metallb-native.yaml"
)

// metalLB is no part of the node image: a scenario that needs no load balancer does not
// wait for it.
var metalLB = component{module: "metallb", packages: []string{metalLBModule + "/controller", metalLBModule + "/speaker"}}

// MetalLB is what an installation of MetalLB is made of.
type MetalLB struct {
	Version  string  // of its Go module, "v0.15.2"
	Manifest []byte  // its own for layer 2, unchanged
	Images   []Image // that the manifest names
}

// LoadBalancer brings MetalLB. Its version is in its module's module.mod, and its manifest
// beside that.
func LoadBalancer(ctx context.Context, eng *engine.Engine, o Options) (MetalLB, error) {
	m, err := ReadMetalLB()
	if err != nil {
		return m, err
	}
	for _, program := range []string{"controller", "speaker"} {
		ref := "quay.io/metallb/" + program + ":" + m.Version
		if !strings.Contains(string(m.Manifest), "image: "+ref+"\n") {
			return m, fmt.Errorf("MetalLB %s: its manifest does not name the image %s", m.Version, ref)
		}
		img, err := bring(ctx, eng, o, source{name: "MetalLB's " + program, from: ref, pulled: ref,
			build: func(ctx context.Context, eng *engine.Engine, o Options) (Image, error) {
				return buildMetalLB(ctx, eng, o, program, ref)
			}})
		if err != nil {
			return m, err
		}
		m.Images = append(m.Images, img)
	}
	return m, nil
}

// ReadMetalLB is MetalLB without its images.
func ReadMetalLB() (m MetalLB, err error) {
	files, err := moduleFiles(metalLB.module)
	if err != nil {
		return m, err
	}
	pins, err := fs.ReadFile(files, "module.mod")
	if err != nil {
		return m, err
	}
	mod, err := modfile.ParseLax("module.mod", pins, nil)
	if err != nil {
		return m, fmt.Errorf("reading the version of MetalLB: %w", err)
	}
	for _, r := range mod.Require {
		if r.Mod.Path == metalLBModule {
			m.Version = r.Mod.Version
		}
	}
	m.Manifest, err = fs.ReadFile(files, metalLBManifest)
	return m, err
}

// buildMetalLB builds one of MetalLB's programs under the name that its manifest uses.
func buildMetalLB(ctx context.Context, eng *engine.Engine, o Options, program, ref string) (Image, error) {
	s, err := metalLB.step()
	if err != nil {
		return Image{}, err
	}
	if img, ok := present(ctx, eng, ref, "built here"); ok && builtFrom(ctx, eng, ref) == s.key() {
		return img, nil
	}
	dirs, err := build(ctx, o.Progress, []step{s})
	if err != nil {
		return Image{}, err
	}
	img, err := binaryImage(nil, filepath.Join(dirs[s.name], "bin", program), "/"+program)
	if err == nil {
		img, err = configured(img, v1.Config{Entrypoint: []string{"/" + program}, Env: []string{searchPath}, Labels: map[string]string{builtLabel: s.key()}})
	}
	if err != nil {
		return Image{}, fmt.Errorf("building the image of MetalLB's %s: %w", program, err)
	}
	return load(ctx, eng, ref, img)
}
