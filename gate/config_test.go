package gate

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate"
)

// folder works in an empty one with none of Config's variables set, and returns it and the
// user's home.
func folder(t *testing.T) (dir, home string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	home = filepath.Join(dir, "home")
	t.Chdir(dir)
	for _, k := range []string{"TARGET", "CONTEXT", "KIND_CONFIG", "KUBECONFIG", "KEEP", "RATE", "DURATION", "IMAGES", "AGENT_IMAGE", "OUT", "HAGATE_STATE", "LABELS", "PROFILE", "REPORT_LANG"} {
		t.Setenv(k, "")
	}
	t.Setenv("HOME", home)
	t.Setenv("CI", "true")
	return dir, home
}

func TestFromEnvDefaults(t *testing.T) {
	g := NewWithT(t)
	dir, home := folder(t)
	c, err := FromEnv()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(c).To(Equal(Config{
		Labels:     "gate",
		Plain:      true,
		KindConfig: hagate.KindConfig,
		Images:     "auto",
		Out:        filepath.Join(dir, "reports", "out"),
		StateDir:   filepath.Join(home, ".local", "state", "hagate"),
		Duration:   10 * time.Minute,
	}))
}

func TestFromEnvReadsEveryVariable(t *testing.T) {
	g := NewWithT(t)
	folder(t)
	for k, v := range map[string]string{
		"TARGET": "/shop", "CONTEXT": "staging", "KUBECONFIG": "a:b", "KEEP": "1", "RATE": "200", "DURATION": "90s", "IMAGES": "build",
		"AGENT_IMAGE": "registry/agent", "OUT": "/out", "HAGATE_STATE": "/state", "HAGATE_NODE": "w1", "LABELS": "drain || rollout",
	} {
		t.Setenv(k, v)
	}
	t.Setenv("HOME", "") // not needed
	c, err := FromEnv()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(c).To(Equal(Config{KindConfig: hagate.KindConfig, Labels: "drain || rollout", Plain: true, Target: "/shop", Context: "staging", Kubeconfig: "a:b", Keep: true, Rate: 200, Images: "build",
		AgentImage: "registry/agent", Node: "w1", Out: "/out", StateDir: "/state", Duration: 90 * time.Second}))
}

func TestFromEnvTakesPathsFromTheWorkingFolder(t *testing.T) {
	for variable, path := range map[string]func(Config) string{
		"TARGET": func(c Config) string { return c.Target },
		"OUT":    func(c Config) string { return c.Out },
	} {
		t.Run(variable, func(t *testing.T) {
			g := NewWithT(t)
			dir, _ := folder(t)
			t.Setenv(variable, "here/../there")
			c, err := FromEnv()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(path(c)).To(Equal(filepath.Join(dir, "there")))
		})
	}
}

// Commands that need no repository look there, too.
func TestStateDirIsOfTheWorkingFolder(t *testing.T) {
	g := NewWithT(t)
	dir, _ := folder(t)
	t.Setenv("HAGATE_STATE", "here/../there")
	g.Expect(StateDir()).To(Equal(filepath.Join(dir, "there")))
}

func TestFromEnvAccepts(t *testing.T) {
	for _, c := range []struct {
		variable, value string
		got             func(Config) any
		want            any
	}{
		{"KEEP", "0", func(c Config) any { return c.Keep }, false},
		{"KEEP", "true", func(c Config) any { return c.Keep }, true},
		{"RATE", "1", func(c Config) any { return c.Rate }, 1},
		{"RATE", "2000", func(c Config) any { return c.Rate }, 2000},
		{"DURATION", "10s", func(c Config) any { return c.Duration }, 10 * time.Second},
		{"DURATION", "1h", func(c Config) any { return c.Duration }, time.Hour},
		{"IMAGES", "auto", func(c Config) any { return c.Images }, "auto"},
		{"IMAGES", "pull", func(c Config) any { return c.Images }, "pull"},
		{"PROFILE", "quick", func(c Config) any { return c.Labels }, "quick"},
		{"REPORT_LANG", "en", func(c Config) any { return c.Lang.Tag() }, "en"},
		{"REPORT_LANG", "ko", func(c Config) any { return c.Lang.Tag() }, "ko"},
	} {
		t.Run(c.variable+"="+c.value, func(t *testing.T) {
			g := NewWithT(t)
			folder(t)
			t.Setenv(c.variable, c.value)
			config, err := FromEnv()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(c.got(config)).To(Equal(c.want))
		})
	}
}

func TestFromEnvNamesTheVariableAndTheFix(t *testing.T) {
	for _, c := range []struct{ variable, value, fix string }{
		{"KEEP", "yes", "want 1 or 0"},
		{"KEEP", "2", "want 1 or 0"},
		{"RATE", "fast", "want auto, or requests/second per stream, 1 to 2000"},
		{"RATE", "0", "want auto, or requests/second per stream, 1 to 2000"},
		{"RATE", "-1", "want auto, or requests/second per stream, 1 to 2000"},
		{"RATE", "2001", "want auto, or requests/second per stream, 1 to 2000"},
		{"RATE", "1.5", "want auto, or requests/second per stream, 1 to 2000"},
		{"DURATION", "90", "want a length such as 90s or 10m, 10s to 1h"},
		{"DURATION", "9.9s", "want a length such as 90s or 10m, 10s to 1h"},
		{"DURATION", "-1m", "want a length such as 90s or 10m, 10s to 1h"},
		{"DURATION", "1h1s", "want a length such as 90s or 10m, 10s to 1h"},
		{"IMAGES", "Auto", "want auto, pull or build"},
		{"PROFILE", "fast", "want quick, gate, full"},
		{"REPORT_LANG", "KO", "want en or ko"},
	} {
		t.Run(c.variable+"="+c.value, func(t *testing.T) {
			g := NewWithT(t)
			folder(t)
			t.Setenv(c.variable, c.value)
			config, err := FromEnv()
			g.Expect(err).To(MatchError(c.variable + `="` + c.value + `": ` + c.fix))
			g.Expect(config).To(BeZero())
		})
	}
}

func TestFromEnvReadsAKindConfiguration(t *testing.T) {
	g := NewWithT(t)
	dir, _ := folder(t)
	const nodes = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: [{role: control-plane}]\n"
	t.Setenv("KIND_CONFIG", "kinds.yaml")
	_, err := FromEnv()
	g.Expect(err).To(MatchError(HavePrefix("KIND_CONFIG: reading the kind configuration: open kinds.yaml")))
	g.Expect(os.WriteFile(filepath.Join(dir, "kinds.yaml"), []byte("kind: Pod\n"), 0o600)).To(Succeed())
	_, err = FromEnv()
	g.Expect(err).To(MatchError(ContainSubstring("kinds.yaml: want kind: Cluster")))
	g.Expect(os.WriteFile(filepath.Join(dir, "kinds.yaml"), []byte(nodes), 0o600)).To(Succeed())
	c, err := FromEnv()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(c.KindConfig)).To(Equal(nodes))
}

func TestFromEnvWithoutAHomeAsksForTheState(t *testing.T) {
	g := NewWithT(t)
	folder(t)
	t.Setenv("HOME", "")
	_, err := FromEnv()
	g.Expect(err).To(MatchError(HaveSuffix("; set HAGATE_STATE")))
}

func TestCommand(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want string
	}{
		"nothing set":       {nil, "make test-ha"},
		"everything set":    {map[string]string{"TARGET": "shop", "LABELS": "drain", "CONTEXT": "staging", "KUBECONFIG": "kube/config", "RATE": "200", "DURATION": "90s", "KEEP": "1", "IMAGES": "pull", "AGENT_IMAGE": "registry/agent:1"}, "make test-ha TARGET=shop LABELS=drain CONTEXT=staging RATE=200 DURATION=90s KEEP=1 IMAGES=pull AGENT_IMAGE=registry/agent:1 KUBECONFIG=kube/config"},
		"as the user wrote": {map[string]string{"TARGET": "shop/", "KEEP": "true"}, "make test-ha TARGET=shop/ KEEP=true"},
		"where, not what":   {map[string]string{"OUT": "out", "REPORT_LANG": "ko", "HAGATE_STATE": "state", "KUBECONFIG": "kube/config"}, "make test-ha"},
		"a filter":          {map[string]string{"LABELS": "drain || !(pod-loss && slow)"}, "make test-ha LABELS='drain || !(pod-loss && slow)'"},
		"the shell's own":   {map[string]string{"TARGET": "~;`a`", "LABELS": "it's"}, "make test-ha TARGET='~;`a`' LABELS='it'\"'\"'s'"},
		"without make":      {map[string]string{"HAGATE_MAKE": "", "AGENT_IMAGE": "registry/agent:1", "LABELS": "/loss$/"}, "hagate test --labels='/loss$/' --agent-image=registry/agent:1"},
		"make's own":        {map[string]string{"LABELS": "/loss$/"}, "make test-ha LABELS='/loss$$/'"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			folder(t)
			t.Setenv("HAGATE_MAKE", "1")
			for k, v := range c.env {
				t.Setenv(k, v)
			}
			config, err := FromEnv()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(config.Command()).To(Equal(c.want))
		})
	}
}
