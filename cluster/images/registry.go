package images

import (
	"context"
	"fmt"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"hagate/cluster/engine"
)

// Registry asks the registry for the node image; nil where it has it.
func Registry(ctx context.Context) error { return answers(ctx, nodeSource) }

func answers(ctx context.Context, ref string) error {
	r, err := name.ParseReference(ref)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err := remote.Head(r, remote.WithContext(ctx)); err != nil {
		return fmt.Errorf("asking for %s: %w", ref, err)
	}
	return nil
}

// pull has the engine pull from, and names it to.
func pull(ctx context.Context, eng *engine.Engine, from, to string) (Image, error) {
	if _, err := eng.Run(ctx, "pull", from); err != nil {
		return Image{}, fmt.Errorf("pulling: %w; IMAGES=build builds images here instead", err)
	}
	if _, err := eng.Run(ctx, "tag", from, to); err != nil {
		return Image{}, fmt.Errorf("naming %s: %w", to, err)
	}
	img, ok := present(ctx, eng, to, "pulled as "+from)
	if !ok {
		return Image{}, fmt.Errorf("image %s is gone right after it was pulled", to)
	}
	return img, nil
}
