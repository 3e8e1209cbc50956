// Package sarif writes what is wrong with a target as SARIF 2.1.0, which code scanning
// services and editors read
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).
package sarif

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"hagate/target"
)

type log struct {
	Schema  string `json:"$schema"`
	Version string `json:"version"`
	Runs    []run  `json:"runs"`
}

type run struct {
	Tool struct {
		Driver driver `json:"driver"`
	} `json:"tool"`
	Results []result `json:"results"`
}

type driver struct {
	Name  string `json:"name"`
	Rules []rule `json:"rules"`
}

type rule struct {
	ID    string  `json:"id"`
	Short message `json:"shortDescription"`
	Help  message `json:"help"`
}

type message struct {
	Text string `json:"text"`
}

type result struct {
	RuleID     string      `json:"ruleId"`
	RuleIndex  int         `json:"ruleIndex"`
	Level      string      `json:"level"`
	Message    message     `json:"message"`
	Locations  []location  `json:"locations"`
	Properties *properties `json:"properties,omitempty"`
}

type location struct {
	Physical physical  `json:"physicalLocation"`
	Logical  []logical `json:"logicalLocations,omitempty"`
}

type physical struct {
	Artifact struct {
		URI string `json:"uri"`
	} `json:"artifactLocation"`
	Region *region `json:"region,omitempty"`
}

type region struct {
	StartLine int `json:"startLine"`
}

type logical struct {
	Name string `json:"fullyQualifiedName"`
}

type properties struct {
	Scenarios []string `json:"scenarios"`
}

// Write writes findings, and the rules that they break, as one run.
func Write(w io.Writer, findings []target.Finding) error {
	rules := target.Rules()
	r := run{Results: []result{}}
	r.Tool.Driver.Name = "hagate"
	for _, known := range rules {
		r.Tool.Driver.Rules = append(r.Tool.Driver.Rules, rule{known.ID, message{known.Want}, message{known.Want + " " + known.Why}})
	}
	for _, x := range findings {
		found := result{
			RuleID: x.Rule, RuleIndex: slices.IndexFunc(rules, func(r target.Rule) bool { return r.ID == x.Rule }),
			Level: string(x.Severity), Message: message{x.Message()}, Locations: []location{place(x)},
		}
		if len(x.Scenarios) > 0 {
			found.Properties = &properties{x.Scenarios}
		}
		r.Results = append(r.Results, found)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(log{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []run{r}})
}

func place(x target.Finding) (l location) {
	uri := url.URL{Path: filepath.ToSlash(x.File)}
	if filepath.IsAbs(x.File) {
		uri.Scheme = "file"
	}
	l.Physical.Artifact.URI = uri.String()
	if x.Line > 0 {
		l.Physical.Region = &region{x.Line}
	}
	if x.Object != "" {
		l.Logical = []logical{{strings.TrimSpace(x.Object + " " + x.Field)}}
	}
	return l
}
