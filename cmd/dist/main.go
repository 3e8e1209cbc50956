// Command dist builds what is released into a folder: a static program for each platform,
// its bill of materials, an OCI image layout of those for Linux, and checksums of all. The
// same commit, built by the same Go, gives the same bytes.
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"

	"hagate/cluster/images"
)

// platforms are built; an image is made for those of Linux.
var platforms = []images.Platform{{OS: "linux", Arch: "amd64"}, {OS: "linux", Arch: "arm64"}, {OS: "darwin", Arch: "arm64"}}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: dist FOLDER    builds what is released into FOLDER, which must not be there")
		os.Exit(2)
	}
	if err := dist(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func dist(dir string) error {
	if changed, err := exec.Command("git", "status", "--porcelain").Output(); err != nil {
		return fmt.Errorf("asking git for what is not committed: %w", err)
	} else if len(changed) > 0 {
		return fmt.Errorf("what is released is of one commit, and this is not committed: commit it, or move it away:\n%s", changed)
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("making the folder of what is built: %w", err)
	}
	programs := map[images.Platform]images.Programs{}
	for _, p := range platforms {
		built := images.Programs{Hagate: filepath.Join(dir, "hagate-"+p.OS+"-"+p.Arch), Agent: filepath.Join(dir, "agent-"+p.Arch)}
		// the engine of a Mac runs Linux of its own architecture
		if err := build(images.Platform{OS: "linux", Arch: p.Arch}, built.Agent, "./cmd/agent", "-buildvcs=false"); err != nil {
			return err
		}
		if err := carry(built.Agent); err != nil {
			return err
		}
		if err := build(p, built.Hagate, "./cmd/hagate", "-buildvcs=true"); err != nil {
			return err
		}
		if err := materials(built.Hagate); err != nil {
			return fmt.Errorf("writing the bill of materials of %s: %w", built.Hagate, err)
		}
		if p.OS == "linux" {
			programs[p] = built
		}
	}
	if err := images.WriteReleased(filepath.Join(dir, "hagate-image"), programs); err != nil {
		return err
	}
	for _, p := range programs {
		if err := os.Remove(p.Agent); err != nil {
			return fmt.Errorf("tidying up: %w", err)
		}
	}
	return checksums(dir)
}

// carry puts the load agent where hagate is built with it.
func carry(agent string) error {
	text, err := os.ReadFile(agent)
	if err == nil {
		err = os.WriteFile(filepath.Join("cluster", "images", "agent", "agent"), text, 0o755)
	}
	if err != nil {
		return fmt.Errorf("having hagate carry its load agent: %w", err)
	}
	return nil
}

func build(p images.Platform, program, source, vcs string) error {
	cmd := exec.Command("go", "build", vcs, "-trimpath", "-ldflags", "-s -w -buildid=", "-o", program, source)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.OS, "GOARCH="+p.Arch, "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("building %s: %w", program, err)
	}
	return nil
}

// materials writes program's bill of materials beside it, from what go noted in program.
func materials(program string) error {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return err
	}
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Component: &cdx.Component{Type: cdx.ComponentTypeApplication, Name: "hagate", BOMRef: "hagate"}}
	parts := []cdx.Component{{Type: cdx.ComponentTypeLibrary, Name: "std", Version: info.GoVersion, PackageURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go")}}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			bom.Metadata.Component.Version = s.Value
		}
	}
	for _, d := range info.Deps {
		if d.Replace != nil {
			d = d.Replace
		}
		parts = append(parts, cdx.Component{Type: cdx.ComponentTypeLibrary, Name: d.Path, Version: d.Version, PackageURL: "pkg:golang/" + d.Path + "@" + d.Version})
	}
	bom.Components = &parts
	f, err := os.Create(program + ".cdx.json")
	if err != nil {
		return err
	}
	if err := cdx.NewBOMEncoder(f, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// checksums writes those of all files below dir, as sha256sum --check reads them.
func checksums(dir string) error {
	var lines strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(text), name)
		return nil
	})
	if err != nil {
		return fmt.Errorf("summing up what is built: %w", err)
	}
	return os.WriteFile(filepath.Join(dir, "SHA256SUMS"), []byte(lines.String()), 0o644)
}
