package verdict_test

import (
	"strings"
	"testing"
	"time"

	"hagate/record"
	"hagate/verdict"
	"hagate/verdict/verdicttest"
)

// A PASS within limits that are far beyond the defaults says so in its first line.
func TestWideLimits(t *testing.T) {
	for how, c := range map[string]struct {
		edit func(*record.Start)
		want string // nothing where empty
	}{
		"the defaults": {func(*record.Start) {}, ""},
		"the target's, a little": {func(s *record.Start) {
			s.Default = &record.SLO{MaxRecovery: 2 * time.Minute, MinReady: 2, MaxClosedInFlight: 3, MinServesOn: time.Second}
		}, ""},
		"failures where none may":  {func(s *record.Start) { def := s.SLO; s.Default, s.SLO.MaxFailed = &def, 50 }, "maxFailed 50, by default 0"},
		"fewer ready":              {func(s *record.Start) { def := s.SLO; s.Default, s.SLO.MinReady = &def, 0 }, "minReady 0, by default 2"},
		"probes that take minutes": {func(s *record.Start) { s.SLO.MaxOutage = 310 * time.Second }, "an outage of 5 min 10 s is allowed"},
	} {
		t.Run(how, func(t *testing.T) {
			var j verdict.Judge
			for _, e := range verdicttest.Run(verdicttest.PodDelete()) {
				if e.Start != nil {
					c.edit(e.Start)
				}
				j.Add(e)
			}
			v := j.Verdict()
			if v.Result != verdict.Pass || strings.Contains(v.Reason.String(), "looser than the defaults") != (c.want != "") || !strings.Contains(v.Reason.String(), c.want) {
				t.Errorf("%s: %s; want %q", v.Result, v.Reason, c.want)
			}
		})
	}
}
