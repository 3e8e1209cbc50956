//go:build tools

// Package crictl pins what goes into the node image.
package crictl

import (
	_ "sigs.k8s.io/cri-tools/cmd/crictl"
)
