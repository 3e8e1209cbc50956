package gate

import (
	"errors"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/chaos"
	"hagate/record"
)

func TestBlocked(t *testing.T) {
	quota := record.Refusal{Whose: record.WhoseService, Asked: "creating a Pod of Deployment shop/web", Said: "exceeded quota: team", Objects: []string{"ResourceQuota shop/team"}}
	away := record.Refusal{Whose: record.WhoseCluster, Asked: "changing Deployment shop/web", Said: "the server is currently unable", Code: 503}
	refused := func(r ...record.Refusal) error { return &chaos.Refused{Refusals: r, Err: errors.New("draining")} }
	const words = "creating a Pod of Deployment shop/web: exceeded quota: team (ResourceQuota shop/team)"
	for name, c := range map[string]struct {
		err  error
		late bool
		says []record.Refusal
		want string // nothing where it is not the service's
	}{
		"the service's":             {refused(quota), false, nil, words},
		"the service's, and others": {refused(away, quota), true, nil, words},
		"the cluster's":             {refused(away), false, nil, ""},
		"the cluster's, and late":   {refused(away), true, nil, ""},
		"late, and said why":        {errors.New("3 of 4"), true, []record.Refusal{quota}, "not done within 1m0s: " + words},
		"late, and nobody said why": {errors.New("3 of 4"), true, nil, "not done within 1m0s: 3 of 4"},
		"broken":                    {errors.New("broken"), false, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			f := blocked(c.err, c.late, time.Minute, func() []record.Refusal { return c.says })
			if c.want == "" {
				g.Expect(f).To(BeNil())
				return
			}
			g.Expect(f.State).To(Equal(record.Blocked))
			g.Expect(f.Error.String()).To(Equal(c.want))
		})
	}
	NewWithT(t).Expect(refused(away)).To(MatchError("the API server answered 503 to changing Deployment shop/web: the server is currently unable: this is the cluster's"))
}
