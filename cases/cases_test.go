package cases

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"

	"hagate/target"
)

func catalogue(t *testing.T) []Case {
	t.Helper()
	all, err := Load(".", scenarios(t))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func scenarios(t *testing.T) []string {
	t.Helper()
	names, err := Scenarios("../docs/scenarios.md")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d scenarios in the docs: %v", len(names), err)
	}
	return names
}

func TestEveryTargetLoads(t *testing.T) {
	names, targets := scenarios(t), map[string]string{}
	for _, c := range catalogue(t) {
		got, err := target.Load(c.Name, names)
		switch {
		case c.Refused && err == nil:
			t.Errorf("%s is not refused", c.Name)
		case c.Refused && err != nil && !strings.Contains(err.Error(), c.Says):
			t.Errorf("%s is refused without %q: %v", c.Name, c.Says, err)
		case !c.Refused && err != nil:
			t.Errorf("%s: %v", c.Name, err)
		case err == nil:
			for _, name := range []string{got.Metadata.Name, "namespace " + got.Spec.Workload.Namespace} {
				if other := targets[name]; other != "" {
					t.Errorf("%s and %s are both called %s", c.Name, other, name)
				}
				targets[name] = c.Name
			}
		}
	}
}

// misspelt are the cases whose defect is a field that the API does not know.
var misspelt = []string{"misspelt-probe"}

func TestManifestsAreOfTheAPI(t *testing.T) {
	strict := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	for _, c := range catalogue(t) {
		files, err := filepath.Glob(filepath.Join(c.Name, "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var wrong []error
		for _, file := range files {
			if name := filepath.Base(file); name == FileName || name == target.FileName {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for doc := range strings.SplitSeq(string(text), "\n---\n") {
				if _, _, err := strict.Decode([]byte(doc), nil, nil); err != nil {
					wrong = append(wrong, fmt.Errorf("%s: %w", file, err))
				}
			}
		}
		if err := errors.Join(wrong...); (err != nil) != slices.Contains(misspelt, c.Name) {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
}

func TestCatalogueIsNotOneSided(t *testing.T) {
	all, sound := catalogue(t), 0
	for _, c := range all {
		if c.Sound {
			sound++
		}
	}
	if len(all) < 60 || 3*sound < len(all) {
		t.Errorf("%d cases, %d of them sound: want at least 60, and a third of them sound", len(all), sound)
	}
}

const head = "about: a shop\n"

func TestCasesAreReadStrictly(t *testing.T) {
	names := []string{"pod-delete", "steady"}
	for text, want := range map[string]string{
		"": "c.yaml:1: the file is empty",
		head + "scenarios:\n  pod-delete: {verdict: PASS}\nsuond: true\n":                       "c.yaml:4: suond: no such field: did you mean sound?",
		head + "scenarios:\n  pod-delete: {verdict: PASS, case: x}\n":                           "c.yaml:3: case: no such field: did you mean cause?",
		head + "scenarios:\n  pod-delte: {verdict: FAIL}\n":                                     "c.yaml:3: scenarios.pod-delte: no such scenario: did you mean pod-delete?",
		head + "scenarios:\n  pod-delete: {verdict: OK}\n":                                      `c.yaml:3: scenarios.pod-delete.verdict: "OK" is no verdict: write PASS, FAIL or INVALID`,
		head + "sound: true\nscenarios:\n  pod-delete: {verdict: FAIL}\n":                       "c.yaml:4: scenarios.pod-delete: a sound service cannot FAIL",
		head + "scenarios:\n  pod-delete: {verdict: PASS}\n":                                    "no scenario shows a defect",
		head + "scenarios:\n  pod-delete: {verdict: FAIL, cause: stop-while-routed}\n":          "did you mean stops-while-routed?",
		head + "scenarios:\n  pod-delete: {verdict: FAIL, fails: [failed-request]}\n":           "did you mean failed-requests?",
		head + "scenarios:\n  pod-delete: {verdict: FAIL, fails: [outage], passes: [outage]}\n": "outage cannot fail and pass",
		head + "sound: true\nscenarios:\n  pod-delete: {verdict: PASS, cause: evicted}\n":       "a PASS has no cause",
		head + "refused: true\n":                                                 "c.yaml:1: says: missing",
		head + "refused: true\nsays: no\nsound: true\n":                          "nothing refuses a sound service",
		head + "refused: true\nsays: no\nscenarios: {steady: {verdict: FAIL}}\n": "none is played",
		head + "says: no\nscenarios: {steady: {verdict: FAIL}}\n":                "only what is refused says something",
		head:                                     "c.yaml:1: scenarios: none",
		"scenarios: {steady: {verdict: FAIL}}\n": "about: missing",
		head + "report: [kubernetes#1]\nscenarios: {steady: {verdict: FAIL}}\n":  `"kubernetes#1" is no address`,
		head + "rate: 9000\nscenarios: {steady: {verdict: FAIL}}\n":              "9000 is out of range",
		head + "duration: 1s\nscenarios: {steady: {verdict: FAIL}}\n":            "1s is out of range",
		head + "duration: long\nscenarios: {steady: {verdict: FAIL}}\n":          "c.yaml:2: cannot be read",
		head + "scenarios: {steady: {verdict: FAIL}}\n---\nabout: another\n":     "more than one document",
		head + "scenarios: {steady: {verdict: FAIL}, steady: {verdict: PASS}}\n": "already defined",
	} {
		if _, err := parse("c.yaml", []byte(text), names); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v, want %s", text, err, want)
		}
	}
	c, err := parse("c.yaml", []byte(head+"scenarios:\n  steady: {verdict: FAIL, cause: [evicted, oom-killed], gate: true}\n  pod-delete: {verdict: PASS}\nduration: 2m\n"), names)
	if err != nil || len(c.Scenarios["steady"].Cause) != 2 || c.Duration.Minutes() != 2 || !slices.Equal(c.Gated(), []string{"steady"}) {
		t.Errorf("%+v %v", c, err)
	}
}

// FuzzParse holds that no text makes parse panic, and that what it accepts can be played.
func FuzzParse(f *testing.F) {
	f.Add([]byte(head + "scenarios:\n  steady: {verdict: FAIL, cause: [evicted], fails: [outage], gate: true}\nduration: 2m\n"))
	f.Add([]byte(head + "refused: true\nsays: no\n"))
	f.Add([]byte("scenarios: &a {steady: *a}"))
	f.Add([]byte("scenarios: [{? [a] : b}]\n<<: {about: x}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parse("c.yaml", text, []string{"steady"})
		if err == nil && (c.About == "" || c.Refused == (len(c.Scenarios) > 0)) {
			t.Errorf("accepted: %+v", c)
		}
	})
}
