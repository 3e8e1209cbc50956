//go:build tools

// Package metallb pins the load-balancer implementation that scenarios about
// LoadBalancer Services install.
package metallb

import (
	_ "go.universe.tf/metallb/controller"
	_ "go.universe.tf/metallb/speaker"
)
