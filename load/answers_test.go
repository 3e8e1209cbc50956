package load

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"hagate/load/agent"
	"hagate/record"
)

// Each Pod is asked as clients ask the Service, and what it answers is recorded whenever
// that changes.
func TestAnswers(t *testing.T) {
	g := NewWithT(t)
	answers := func(status int) *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Host != "web.shop:80" || r.URL.Path != "/buy" || !r.Close {
				status = http.StatusTeapot
			}
			w.WriteHeader(status)
		}))
	}
	stays, goes, broken := answers(200), answers(200), answers(500)
	defer stays.Close()
	defer broken.Close()
	_, exec := process(t)
	w, entries := newRecord(t)
	a := NewAgent(record.External, exec, func(record.Entry) error { return errors.New("not of a load") })
	got := func(uid string) (all []int) {
		for _, e := range entries() {
			g.Expect(e.Answer).NotTo(BeNil())
			g.Expect(e.Clock).To(Equal(record.External))
			g.Expect(e.Answer.Error == "").To(Equal(e.Answer.Status != 0))
			if e.Answer.UID == uid {
				all = append(all, e.Answer.Status)
			}
		}
		return all
	}
	address := func(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }
	stop, err := a.Answers(t.Context(), agent.Asking{
		Call: record.Call{Method: http.MethodGet, Path: "/buy", Status: 200}, URL: "http://web.shop:80",
		Pods:  map[string]string{"stays": address(stays), "goes": address(goes), "broken": address(broken)},
		Every: 10 * time.Millisecond, Timeout: time.Second,
	}, w.Write)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(got("goes")).To(Equal([]int{200}), "heard from before it returns")
	goes.Close()
	g.Eventually(func() []int { return got("goes") }, 10*time.Second).Should(Equal([]int{200, 0}))
	g.Expect(stop()).To(Succeed())
	g.Expect(got("stays")).To(Equal([]int{200}))
	g.Expect(got("broken")).To(Equal([]int{500}))
}

// What was not asked to its end is an error.
func TestAnswersEnd(t *testing.T) {
	g := NewWithT(t)
	w, _ := newRecord(t)
	one := agent.Asking{Pods: map[string]string{"a": "127.0.0.1:1"}, URL: "http://a", Call: record.Call{Method: "GET", Path: "/"}, Every: 10 * time.Millisecond, Timeout: time.Second}
	silent := NewAgent(record.External, func(context.Context, io.Reader, io.Writer, ...string) error { return nil }, nil)
	_, err := silent.Answers(t.Context(), one, w.Write)
	g.Expect(err).To(MatchError(ContainSubstring("ask Pods on their own addresses")))

	_, exec := process(t)
	broken := errors.New("connection lost")
	cut, lost := make(chan struct{}), make(chan struct{})
	breaks := NewAgent(record.External, func(ctx context.Context, in io.Reader, out io.Writer, args ...string) error {
		go exec(ctx, in, out, args...) // of a Pod, too, the copying of stdin is not waited for
		<-cut
		defer close(lost)
		return broken
	}, nil)
	stop, err := breaks.Answers(t.Context(), one, w.Write)
	g.Expect(err).NotTo(HaveOccurred())
	close(cut)
	<-lost
	g.Expect(stop()).To(MatchError(broken))

	full := NewAgent(record.External, exec, nil)
	_, err = full.Answers(t.Context(), one, func(record.Entry) error { return os.ErrClosed })
	g.Expect(err).To(MatchError(os.ErrClosed))
}
