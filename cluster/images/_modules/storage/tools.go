//go:build tools

// Package storage pins what goes into the node image.
package storage

import (
	_ "github.com/rancher/local-path-provisioner"
)
