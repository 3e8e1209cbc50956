package gate

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"

	"hagate"
	"hagate/cluster"
	"hagate/reports/lang"
)

// Config is what the user said of a run. Every field comes from an environment variable
// of the same name as the make variable; `hagate test` has a flag for each.
type Config struct {
	Target     string        // TARGET: folder of a hagate.yaml; the default target where empty
	Context    string        // CONTEXT: kube context of a cluster to borrow; a cluster is made where empty
	KindConfig []byte        // KIND_CONFIG: kind's configuration of a cluster that is made; kind-config.yaml where empty
	Kubeconfig string        // KUBECONFIG: where Context is looked up
	Keep       bool          // KEEP=1: leave the cluster up for the next run
	Fix        bool          // FIX=1: play what failed again on a copy of the target with the proposed changes
	Labels     string        // LABELS: a Ginkgo label filter of the scenarios; PROFILE (quick, gate or full) where empty
	Plain      bool          // CI=…, or no terminal: no colours, and no line of what is left out
	Watch      bool          // WATCH=1: serve the page on loopback while the run goes on
	Rate       int           // RATE: requests/second per stream, over the target's own; 0: the target's own, or what the machine carries where it names none
	AutoRate   bool          // RATE=auto: what the machine carries, whatever the target names
	Duration   time.Duration // DURATION: of the steady scenario
	Images     string        // IMAGES: auto, pull or build
	AgentImage string        // AGENT_IMAGE: load agent that a borrowed cluster can pull itself
	Node       string        // HAGATE_NODE: of the borrowed cluster, that this process runs on: no fault hits it
	Out        string        // OUT: folder of all runs' reports
	Lang       *lang.Lang    // REPORT_LANG: en or ko, of the page
	StateDir   string        // HAGATE_STATE: journals, kubeconfigs, kept clusters
}

// StateDir is the folder of journals, kubeconfigs and kept clusters: HAGATE_STATE, or one
// in the home folder.
func StateDir() (string, error) {
	if dir := os.Getenv("HAGATE_STATE"); dir != "" {
		return filepath.Abs(dir)
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("finding the home folder for hagate's state: %w; set HAGATE_STATE", err)
	}
	return filepath.Join(home, ".local", "state", "hagate"), nil
}

// FromEnv reads Config. Its errors name the variable and the fix.
func FromEnv() (Config, error) {
	state, err := StateDir()
	if err != nil {
		return Config{}, err
	}
	c := Config{
		Target:     os.Getenv("TARGET"),
		Labels:     os.Getenv("LABELS"),
		Plain:      os.Getenv("CI") != "" || !terminal(os.Stdout),
		Context:    os.Getenv("CONTEXT"),
		KindConfig: hagate.KindConfig,
		Kubeconfig: os.Getenv("KUBECONFIG"),
		Images:     or(os.Getenv("IMAGES"), "auto"),
		AgentImage: os.Getenv("AGENT_IMAGE"),
		Node:       os.Getenv("HAGATE_NODE"),
		Out:        or(os.Getenv("OUT"), filepath.Join("reports", "out")),
		StateDir:   state,
		Duration:   10 * time.Minute,
	}
	for _, path := range []*string{&c.Target, &c.Out} {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return Config{}, fmt.Errorf("finding the working folder: %w", err)
		}
	}
	if path := os.Getenv("KIND_CONFIG"); path != "" {
		if c.KindConfig, err = cluster.ReadConfig(path); err != nil {
			return Config{}, fmt.Errorf("KIND_CONFIG: %w", err)
		}
	}
	for name, set := range map[string]*bool{"KEEP": &c.Keep, "WATCH": &c.Watch, "FIX": &c.Fix} {
		if v := os.Getenv(name); v != "" {
			if *set, err = strconv.ParseBool(v); err != nil {
				return Config{}, fmt.Errorf("%s=%q: want 1 or 0", name, v)
			}
		}
	}
	c.Keep = c.Keep || c.Fix // the second run takes the cluster, and leaves it up or not
	if v := os.Getenv("RATE"); v == "auto" {
		c.AutoRate = true
	} else if v != "" {
		if c.Rate, err = strconv.Atoi(v); err != nil || c.Rate < 1 || c.Rate > 2000 {
			return Config{}, fmt.Errorf("RATE=%q: want auto, or requests/second per stream, 1 to 2000", v)
		}
	}
	if v := os.Getenv("DURATION"); v != "" {
		if c.Duration, err = time.ParseDuration(v); err != nil || c.Duration < 10*time.Second || c.Duration > time.Hour {
			return Config{}, fmt.Errorf("DURATION=%q: want a length such as 90s or 10m, 10s to 1h", v)
		}
	}
	profile := or(os.Getenv("PROFILE"), "gate")
	if !slices.Contains(Profiles, profile) {
		return Config{}, fmt.Errorf("PROFILE=%q: want %s", profile, strings.Join(Profiles, ", "))
	}
	c.Labels = or(c.Labels, profile)
	switch c.Images {
	case "auto", "pull", "build":
	default:
		return Config{}, fmt.Errorf("IMAGES=%q: want auto, pull or build", c.Images)
	}
	if c.Lang, err = lang.Parse(os.Getenv("REPORT_LANG")); err != nil {
		return Config{}, err
	}
	return c, nil
}

// Command is what repeats the run, as it was given: by make or by the program itself.
func (c Config) Command() string {
	byMake := os.Getenv("HAGATE_MAKE") != ""
	cmd := "hagate test"
	if byMake {
		cmd = "make test-ha"
	}
	vars := []string{"TARGET", "PROFILE", "LABELS", "CONTEXT", "KIND_CONFIG", "RATE", "DURATION", "KEEP", "IMAGES", "AGENT_IMAGE"}
	if c.Context != "" {
		vars = append(vars, "KUBECONFIG") // another one may know another cluster by that name
	}
	for _, k := range vars {
		v := os.Getenv(k)
		switch {
		case v == "":
		case byMake:
			cmd += " " + k + "=" + shellescape.Quote(strings.ReplaceAll(v, "$", "$$")) // make reads $$ as $
		default:
			cmd += " --" + strings.ToLower(strings.ReplaceAll(k, "_", "-")) + "=" + shellescape.Quote(v)
		}
	}
	return cmd
}

func or(v, def string) string {
	if v == "" {
		return def
	}
	return v
}
