// Package images brings the images that a run needs: pulled from a registry where one
// answers, else built here from Go modules and Debian packages. Their names are the
// same either way.
package images

import (
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
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

// Agent makes the load agent's image of this program, which is the agent where it is called
// so.
func Agent(ctx context.Context, eng *engine.Engine) (Image, error) {
	program, err := os.Executable()
	if err != nil {
		return Image{}, fmt.Errorf("finding the program to make the load agent of: %w", err)
	}
	return agentOf(ctx, eng, program)
}

func agentOf(ctx context.Context, eng *engine.Engine, program string) (Image, error) {
	if err := static(program); err != nil {
		return Image{}, fmt.Errorf("making the load agent of %s: %w", program, err)
	}
	text, err := os.ReadFile(program)
	if err != nil {
		return Image{}, fmt.Errorf("making the load agent: %w", err)
	}
	ref := "docker.io/hagate/agent:" + hash(string(text))
	if img, ok := present(ctx, eng, ref, "built here"); ok {
		return img, nil
	}
	img, err := binaryImage(nil, program, "/agent", "/agent")
	if err != nil {
		return Image{}, fmt.Errorf("building the load agent's image: %w", err)
	}
	return load(ctx, eng, ref, img)
}

// static says what keeps program from running in a Linux container with no other file.
func static(program string) error {
	f, err := elf.Open(program)
	if err != nil {
		return fmt.Errorf("it is no Linux program: run hagate on Linux: %w", err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return errors.New("it needs a C library, which the agent's image has not: build hagate with CGO_ENABLED=0")
		}
	}
	return nil
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
