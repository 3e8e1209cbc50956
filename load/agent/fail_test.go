package agent

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	. "github.com/onsi/gomega"
)

func TestFail(t *testing.T) {
	g := NewWithT(t)
	ctx, cancel := context.WithCancel(t.Context())
	var ports []string
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		g.Expect(err).NotTo(HaveOccurred())
		_, port, _ := net.SplitHostPort(l.Addr().String())
		ports = append(ports, port)
		l.Close()
	}
	ended := make(chan error)
	go func() { ended <- Fail(ctx, ports) }()
	for _, port := range ports {
		g.Eventually(func() (int, error) {
			answer, err := http.Get("http://127.0.0.1:" + port + "/any/path")
			if err != nil {
				return 0, err
			}
			answer.Body.Close()
			return answer.StatusCode, nil
		}, 10*time.Second, 10*time.Millisecond).Should(Equal(http.StatusInternalServerError))
	}
	g.Expect(Fail(ctx, ports)).To(MatchError(ContainSubstring("address already in use")))
	cancel()
	g.Expect(<-ended).To(Succeed())
}
