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
	"github.com/google/go-containerregistry/pkg/v1/layout"

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
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("making the folder of what is built: %w", err)
	}
	programs := map[images.Platform]string{}
	for _, p := range platforms {
		program := filepath.Join(dir, "hagate-"+p.OS+"-"+p.Arch)
		if err := build(p, program); err != nil {
			return err
		}
		if err := materials(program); err != nil {
			return fmt.Errorf("writing the bill of materials of %s: %w", program, err)
		}
		if p.OS == "linux" {
			programs[p] = program
		}
	}
	index, err := images.Released(programs)
	if err != nil {
		return fmt.Errorf("making the image: %w", err)
	}
	if _, err := layout.Write(filepath.Join(dir, "hagate-image"), index); err != nil {
		return fmt.Errorf("writing the image: %w", err)
	}
	return checksums(dir)
}

func build(p images.Platform, program string) error {
	cmd := exec.Command("go", "build", "-buildvcs=true", "-trimpath", "-ldflags", "-s -w -buildid=", "-o", program, "./cmd/hagate")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.OS, "GOARCH="+p.Arch, "GOFLAGS=")
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
