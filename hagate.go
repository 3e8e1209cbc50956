// Package hagate is what the program knows of itself: the files of this folder that it carries
// with it, so that it runs from any folder, and its commit.
package hagate

import (
	"embed"
	"runtime/debug"
)

// KindConfig is kind-config.yaml: what a cluster that is made here is like.
//
//go:embed kind-config.yaml
var KindConfig []byte

// Module has the go.mod and go.sum of this module.
//
//go:embed go.mod go.sum
var Module embed.FS

var described string // by make: what git says of the sources

// Commit is the commit that this program was built of, and says so where the sources were
// changed; nothing where the build did not note it.
func Commit() string {
	if described != "" {
		return described
	}
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return ""
	}
	of, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			of = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "-dirty"
		}
	}
	return of + changed
}
