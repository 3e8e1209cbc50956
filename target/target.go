// Package target reads the description of a service under test, checks it before
// anything is created, brings the service up on a cluster and takes it down again.
//
// A target is a folder: hagate.yaml and the manifests that it names. What is wrong
// with it is said in one error, a line for each fault, with file, line, field and fix.
package target

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	// FileName is the target file's name in its folder.
	FileName = "hagate.yaml"
	// DefaultRate is the most that a target which names no rate is given, in requests/second
	// for each stream. Two cores that run the cluster as well do not carry four of 500.
	DefaultRate = 200
	// MaxRate is the most that a target may ask for, in requests/second for each stream.
	MaxRate = 2000
	// MinTimeout and MaxTimeout are the range of a request's timeout.
	MinTimeout, MaxTimeout = 100 * time.Millisecond, time.Minute
	// MaxConnections is the most idle ones that a stream may keep alive.
	MaxConnections = 1000
	// MaxThinkTime is the longest pause of a kept-alive client between two requests.
	MaxThinkTime = 2 * time.Minute
	// MaxThinking is how many connections of a stream may be idle because their clients
	// pause; the rest of MaxConnections is for what comes and goes.
	MaxThinking = 900
	// MaxRetries is how often a client may try a request again.
	MaxRetries = 5
	// MaxWaiting is how many requests of a stream may wait at once where nobody answers:
	// two streams of a vantage share its local ports.
	MaxWaiting = 20_000

	apiVersion = "hagate/v1alpha1"
	kind       = "Target"
)

// Target is a service under test.
type Target struct {
	APIVersion string   `yaml:"apiVersion"`
	Kind       string   `yaml:"kind"`
	Metadata   Metadata `yaml:"metadata"`
	Spec       Spec     `yaml:"spec"`

	manifests []manifest
	warnings  []Finding
	namesRate bool
}

// Metadata names the target.
type Metadata struct {
	Name string `yaml:"name"`
}

// Spec says what is tested, with what requests, and what it promises.
type Spec struct {
	Manifests []string       `yaml:"manifests"` // files in the target's folder
	Workload  Workload       `yaml:"workload"`
	Service   Service        `yaml:"service"`
	Requests  []Request      `yaml:"requests"`  // sent in rotation
	PodHeader string         `yaml:"podHeader"` // response header that names the Pod that answered
	Config    Config         `yaml:"config"`    // what scenarios about configuration change; none where empty
	Data      Data           `yaml:"data"`      // what scenarios about storage look at; nothing where empty
	Load      Traffic        `yaml:"load"`
	SLO       map[string]SLO `yaml:"slo"` // by scenario, over its defaults
}

// Workload is what runs the Pods. Manifests that name no namespace go to its own.
type Workload struct {
	Kind      string `yaml:"kind"` // Deployment or StatefulSet
	Name      string `yaml:"name"`
	Namespace string `yaml:"namespace"`
}

// Service is where clients reach the Pods; it lives in the workload's namespace.
type Service struct {
	Name string `yaml:"name"`
	Port int    `yaml:"port"`
}

// Config is a text file that the Pods take from a ConfigMap of the workload's
// namespace, in which a line that begins with # is a comment.
type Config struct {
	ConfigMap string `yaml:"configMap"`
	Key       string `yaml:"key"`
}

// Data is a folder of the Pods whose content has to outlive them.
type Data struct {
	Path string `yaml:"path"`
}

// Request is one kind of request and the answer that counts as success.
type Request struct {
	Method  string            `yaml:"method"`
	Path    string            `yaml:"path"`
	Headers map[string]string `yaml:"headers"`
	Body    string            `yaml:"body"`
	Expect  Answer            `yaml:"expect"`
}

// Answer is what counts as a request's success.
type Answer struct {
	Status int `yaml:"status"`
}

// Traffic is the load of each stream. What is 0 is the load's own default.
type Traffic struct {
	Rate        int           `yaml:"rate"`        // requests/second
	Timeout     time.Duration `yaml:"timeout"`     // of a request
	Connections int           `yaml:"connections"` // that a kept-alive stream keeps idle
	ThinkTime   time.Duration `yaml:"thinkTime"`   // of a kept-alive client between an answer and its next request
	Retries     int           `yaml:"retries"`     // that a client makes of a request that fails
}

// SLO overrides the fields that it gives of a scenario's record.SLO.
type SLO struct {
	MaxFailed         *int           `yaml:"maxFailed"`
	MaxOutage         *time.Duration `yaml:"maxOutage"`
	MaxBlackout       *time.Duration `yaml:"maxBlackout"`
	MaxRecovery       *time.Duration `yaml:"maxRecovery"`
	MinReady          *int           `yaml:"minReady"`
	MaxLatency        *time.Duration `yaml:"maxLatency"`
	MaxP99            *time.Duration `yaml:"maxP99"`
	MaxClosedInFlight *int           `yaml:"maxClosedInFlight"`
	MinServesOn       *time.Duration `yaml:"minServesOn"`
}

func (w Workload) String() string { return fmt.Sprintf("%s %s/%s", w.Kind, w.Namespace, w.Name) }

// Load reads and checks the target in dir. scenarios are the names that its slo may
// speak of. The error joins all that is wrong with the target, one line for each.
func Load(dir string, scenarios []string) (*Target, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the target's folder: %w", err)
	}
	defer root.Close()
	return load(root.FS(), dir, scenarios)
}

// Lint is all that can be said of the target in dir without a cluster, by file and line.
// The scenarios that its slo speaks of are not looked up.
func Lint(dir string) ([]Finding, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening the target's folder: %w", err)
	}
	defer root.Close()
	f := &file{dir: dir, name: FileName}
	(&Target{}).read(f, root.FS(), nil)
	slices.SortStableFunc(f.findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return f.findings, nil
}

// SetRate has each stream send so many requests/second in place of the target's own rate. It
// is an error where the rest of the target's load does not fit that.
func (t *Target) SetRate(rate int) error {
	t.Spec.Load.Rate = rate
	if field, what, fix := t.Spec.Load.misfit(); field != "" {
		return fmt.Errorf("%s: %s: %s", field, what, fix)
	}
	return nil
}

// NamesRate says whether the target file has a rate of its own, or limits that are counts of
// requests: those are of DefaultRate.
func (t *Target) NamesRate() bool {
	for _, s := range t.Spec.SLO {
		if s.MaxFailed != nil || s.MaxClosedInFlight != nil {
			return true
		}
	}
	return t.namesRate
}

// Warnings are what Load has found that does not keep the target from being tested.
func (t *Target) Warnings() []Finding { return t.warnings }

func load(files fs.FS, dir string, scenarios []string) (*Target, error) {
	f, t := &file{dir: dir, name: FileName}, &Target{}
	t.read(f, files, scenarios)
	if err := f.err(); err != nil {
		return nil, err
	}
	t.warnings = f.findings
	return t, nil
}

// read goes on only as far as what it has read can be trusted: a field's type, then
// its value, then what the manifests say about it.
func (t *Target) read(f *file, files fs.FS, scenarios []string) {
	f.rule = ruleFile
	text, err := fs.ReadFile(files, FileName)
	if err != nil {
		f.problemAt(f.String(), 0, "", "%v: put one beside the service's manifests", cause(err))
		return
	}
	if f.decode(text, t) != nil {
		return
	}
	t.setDefaults(f)
	t.check(f, scenarios)
	f.rule = ruleManifest
	t.readManifests(f, files)
	readable := f.err() == nil
	for _, m := range t.manifests {
		readable = f.checkSchema(m) && readable
	}
	if !readable {
		return
	}
	for _, r := range judging {
		f.rule = r.ID
		r.check(t, f)
	}
}
