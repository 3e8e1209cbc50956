package cluster

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"sigs.k8s.io/kind/pkg/log"
)

// progress is kind's logger: a line a finished step, as kind words it, and warnings.
type progress struct {
	mu sync.Mutex
	to io.Writer // may be nil
}

var _ log.Logger = (*progress)(nil)

func (p *progress) Warn(message string)               { p.print("warning: " + message) }
func (p *progress) Warnf(format string, args ...any)  { p.Warn(fmt.Sprintf(format, args...)) }
func (p *progress) Error(message string)              { p.print("error: " + message) }
func (p *progress) Errorf(format string, args ...any) { p.Error(fmt.Sprintf(format, args...)) }
func (p *progress) V(level log.Level) log.InfoLogger  { return steps{p, level == 0} }

func (p *progress) print(message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.to != nil {
		fmt.Fprintf(p.to, "hagate: kind: %s\n", message)
	}
}

// steps prints kind's messages about steps that are done; not those that begin.
type steps struct {
	*progress
	enabled bool
}

func (s steps) Enabled() bool                    { return s.enabled }
func (s steps) Infof(format string, args ...any) { s.Info(fmt.Sprintf(format, args...)) }

func (s steps) Info(message string) {
	message = strings.TrimSpace(message)
	if s.enabled && (strings.HasPrefix(message, "✓") || strings.HasPrefix(message, "✗")) {
		s.print(message)
	}
}
