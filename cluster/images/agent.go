package images

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"hagate/cluster/engine"
)

// agentFolder has the load agent, which make builds into it.
//
//go:embed all:agent
var agentFolder embed.FS

// Agent makes the load agent's image of the program that hagate carries.
func Agent(ctx context.Context, eng *engine.Engine) (Image, error) {
	return agentOf(ctx, eng, agentFolder)
}

// AgentProgram is the load agent's program, which hagate carries: for Linux, and hagate's own
// architecture.
func AgentProgram() ([]byte, error) { return programOf(agentFolder) }

func programOf(folder fs.FS) ([]byte, error) {
	program, err := fs.ReadFile(folder, "agent/agent")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("this hagate was built without its load agent: build it with make bin/hagate")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the load agent: %w", err)
	}
	return program, nil
}

func agentOf(ctx context.Context, eng *engine.Engine, folder fs.FS) (Image, error) {
	program, err := programOf(folder)
	if err != nil {
		return Image{}, err
	}
	ref := "docker.io/hagate/agent:" + hash(string(program))
	if img, ok := present(ctx, eng, ref, "built here"); ok {
		return img, nil
	}
	img, err := programImage(nil, program, "/agent", "/agent")
	if err != nil {
		return Image{}, fmt.Errorf("making the load agent's image: %w", err)
	}
	return load(ctx, eng, ref, img)
}
