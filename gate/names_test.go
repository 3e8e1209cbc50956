package gate

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	. "github.com/onsi/gomega"
)

func TestIDsSortByTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // its clock stands at the beginning of 2000, and sleeping moves it at once
		g := NewWithT(t)
		var ids []string
		for _, pause := range []time.Duration{0, time.Second, time.Minute, time.Hour, 24 * time.Hour, 400 * 24 * time.Hour} {
			time.Sleep(pause)
			ids = append(ids, newID())
		}
		g.Expect(slices.IsSorted(ids)).To(BeTrue(), "%v", ids)
		g.Expect(ids[0]).To(MatchRegexp(`^20000101-000000-[0-9a-f]{4}$`))
		g.Expect(ids[3]).To(MatchRegexp(`^20000101-010101-[0-9a-f]{4}$`))
	})
}

func TestIDsOfTheSameSecondDiffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ids := map[string]bool{}
		for range 10 { // two of them may be the same, once in a long while
			ids[newID()] = true
		}
		NewWithT(t).Expect(len(ids)).To(BeNumerically(">=", 8))
	})
}

func TestIDsMakeNamesOfObjects(t *testing.T) {
	for _, name := range []string{"hagate-" + newID(), "hagate-" + newID() + "-control-plane"} {
		NewWithT(t).Expect(validation.IsDNS1123Label(name)).To(BeEmpty())
	}
}
