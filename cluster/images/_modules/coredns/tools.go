//go:build tools

// Package coredns pins what goes into the node image.
package coredns

import (
	_ "github.com/coredns/coredns"
)
