package images

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"hagate/cluster/engine"
)

// builtLabel is on the images that a pulled one could be mistaken for; nginx's says what
// it is made of.
const builtLabel = "dev.hagate.built"

// present says whether the engine has ref.
func present(ctx context.Context, eng *engine.Engine, ref, from string) (Image, bool) {
	id, err := eng.Run(ctx, "image", "inspect", "--format", "{{.Id}}", ref)
	if err != nil {
		return Image{}, false
	}
	return Image{Ref: ref, Detail: fmt.Sprintf("%s, %s, %s", ref, from, strings.TrimSpace(string(id)))}, true
}

// builtFrom is ref's builtLabel, empty where it was pulled.
func builtFrom(ctx context.Context, eng *engine.Engine, ref string) string {
	out, err := eng.Run(ctx, "image", "inspect", "--format", `{{index .Config.Labels "`+builtLabel+`"}}`, ref)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// load gives img to the engine under the name ref.
func load(ctx context.Context, eng *engine.Engine, ref string, img v1.Image) (Image, error) {
	n, err := name.NewTag(ref)
	if err != nil {
		return Image{}, err
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(tarball.Write(n, img, w)) }()
	err = eng.Pipe(ctx, r, nil, "load")
	r.Close()
	if err != nil {
		return Image{}, fmt.Errorf("loading image %s: %w", ref, err)
	}
	got, ok := present(ctx, eng, ref, "built here")
	if !ok {
		return Image{}, fmt.Errorf("image %s is gone right after it was loaded", ref)
	}
	return got, nil
}
