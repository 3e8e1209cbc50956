package reports

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"hagate/verdict"
)

// The shape of JUnit XML that Jenkins' junit-10.xsd describes and CI systems read.
type (
	junitSuites struct {
		XMLName  xml.Name   `xml:"testsuites"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Errors   int        `xml:"errors,attr"`
		Time     string     `xml:"time,attr"`
		Suite    junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string     `xml:"classname,attr"`
		Name    string     `xml:"name,attr"`
		Time    string     `xml:"time,attr"`
		Failure *junitBad  `xml:"failure"`
		Error   *junitBad  `xml:"error"`
		Skipped *junitSkip `xml:"skipped"`
		Out     string     `xml:"system-out,omitempty"`
	}
	junitSkip struct {
		Message string `xml:"message,attr"`
	}
	junitBad struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit has one test case a scenario: FAIL is a failure, INVALID an error, or skipped where
// it was measured again. Where no
// scenario shows what the run as a whole is, a case named "run" does.
func junit(v verdict.Verdict) ([]byte, error) {
	suite := junitSuite{
		Name:      "hagate." + v.Run.Target,
		Time:      seconds(v.Ended.Sub(v.Started)),
		Timestamp: v.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{
			{"result", string(v.Result)}, {"reason", v.Reason.String()}, {"run", v.Run.ID}, {"target", v.Run.Target}, {"workload", v.Run.Workload},
			{"service", v.Run.Service}, {"cluster", v.Run.Cluster}, {"kubernetes", v.Run.Kubernetes}, {"commit", v.Run.Commit}, {"command", v.Run.Command},
		},
	}
	shown := v.Result == verdict.Pass
	for _, s := range v.Scenarios {
		shown = shown || s.Result == v.Result && s.MeasuredAgain == ""
		suite.Cases = append(suite.Cases, junitScenario(v, s))
	}
	for _, s := range v.Skipped {
		suite.Cases = append(suite.Cases, junitCase{Class: suite.Name, Name: s.Name, Time: seconds(0), Skipped: &junitSkip{s.Why.String()}, Out: s.Promise})
	}
	if !shown {
		suite.Cases = append(suite.Cases, junitScenario(v, v.Whole()))
	}
	for _, c := range suite.Cases {
		suite.Tests++
		if c.Failure != nil {
			suite.Failures++
		}
		if c.Error != nil {
			suite.Errors++
		}
		if c.Skipped != nil {
			suite.Skipped++
		}
	}
	text, err := xml.MarshalIndent(junitSuites{Name: "hagate", Tests: suite.Tests, Failures: suite.Failures, Errors: suite.Errors, Time: suite.Time, Suite: suite}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encoding JUnit: %w", err)
	}
	text = bytes.ReplaceAll(text, []byte("&#xA;"), []byte("\n")) // the same, but legible
	return append([]byte(xml.Header), append(text, '\n')...), nil
}

func junitScenario(v verdict.Verdict, s verdict.Scenario) junitCase {
	c := junitCase{Class: "hagate." + v.Run.Target, Name: s.Name, Time: seconds(s.Ended.Sub(s.Started)), Out: s.Promise}
	var text strings.Builder
	message := s.Reason.String()
	if !s.Cause.IsZero() {
		message = fmt.Sprintf("%s. Cause: %s Change: %s", s.Reason, s.Cause, s.Fix)
	}
	fmt.Fprintf(&text, "%s\n\n", s.Reason)
	for _, d := range s.Diagnoses {
		if !d.Alternative {
			fmt.Fprintf(&text, "cause: %s\nchange: %s\n\n", d.What, d.Fix)
		}
	}
	for _, check := range s.Checks {
		if check.Result == verdict.Fail || check.Result == verdict.Invalid {
			fmt.Fprintf(&text, "%s %s: %s\n  wanted: %s\n  got: %s\n", check.Result, check.Name, check.About, check.Want, check.Got)
		}
	}
	fmt.Fprintf(&text, "\nReport: %s\nRepeat: %s\n", HTMLFile, v.Run.Command)
	switch {
	case s.MeasuredAgain != "":
		c.Skipped = &junitSkip{s.Reason.String()}
	case s.Result == verdict.Fail:
		c.Failure = &junitBad{message, string(s.Result), text.String()}
	case s.Result == verdict.Invalid:
		c.Error = &junitBad{s.Reason.String(), string(s.Result), text.String()}
	}
	return c
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
