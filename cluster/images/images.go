// Package images brings the images that a run needs: pulled from a registry where one
// answers, else built here from Go modules and Debian packages. Their names are the
// same either way.
package images

import (
	"context"
	"fmt"
	"io"
	"strings"

	"sigs.k8s.io/kind/pkg/apis/config/defaults"

	"hagate/cluster/engine"
)

// NginxRef is the name of nginx in the default target, whatever it came from.
const NginxRef = "docker.io/hagate/nginx:1"

// What is pulled where a registry answers.
const (
	nodeSource  = defaults.Image
	nginxSource = "docker.io/library/nginx:1.29.3"
)

// Image is an image that the engine has.
type Image struct {
	Ref    string
	Detail string // where it came from and the engine's ID of it
}

// Options say where images come from.
type Options struct {
	Mode     string    // "auto", "pull" or "build"
	Progress io.Writer // gets a line a step
}

// Node brings kind's node image.
func Node(ctx context.Context, eng *engine.Engine, o Options) (Image, error) {
	return bring(ctx, eng, o, source{name: "node", from: nodeSource, pulled: "docker.io/hagate/node:" + tag(nodeSource), build: buildNode})
}

// Nginx brings NginxRef.
func Nginx(ctx context.Context, eng *engine.Engine, o Options) (Image, error) {
	return bring(ctx, eng, o, source{name: "nginx", from: nginxSource, pulled: NginxRef, build: buildNginx})
}

// source is where one image comes from.
type source struct {
	name   string
	from   string // what a registry has
	pulled string // what that is called here
	build  func(context.Context, *engine.Engine, Options) (Image, error)
}

func bring(ctx context.Context, eng *engine.Engine, o Options, s source) (Image, error) {
	if o.Mode == "build" {
		return s.build(ctx, eng, o)
	}
	if img, ok := present(ctx, eng, s.pulled, "pulled as "+s.from); ok && builtFrom(ctx, eng, s.pulled) == "" {
		return img, nil
	}
	if o.Mode == "auto" {
		if err := answers(ctx, s.from); err != nil {
			fmt.Fprintf(o.Progress, "hagate: no registry answers, so %s is built here\n", s.name)
			return s.build(ctx, eng, o)
		}
	}
	fmt.Fprintf(o.Progress, "hagate: pulling %s\n", s.from)
	return pull(ctx, eng, s.from, s.pulled)
}

// tag is a tag that stands for an image named by digest.
func tag(ref string) string {
	_, digest, _ := strings.Cut(ref, "@sha256:")
	return digest[:12]
}
