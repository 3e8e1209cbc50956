package agent

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"hagate/record"
)

func TestAsk(t *testing.T) {
	g := NewWithT(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		g.Expect(err).NotTo(HaveOccurred())
		switch {
		case r.URL.Path == "/moved":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		case r.Method == http.MethodPost && string(body) == "hello" && r.Header.Get("X-Shop") == "a" && strings.HasPrefix(r.Host, "127."):
			w.WriteHeader(http.StatusCreated)
		}
	}))
	defer server.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	asked := func(call record.Call, urls ...string) []string {
		var out strings.Builder
		g.Expect(Ask(t.Context(), &out, call, urls)).To(Succeed())
		return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	}
	lines := asked(record.Call{Method: http.MethodGet}, server.URL, server.URL+"/moved", gone.URL, "no url\x7f")
	g.Expect(lines).To(HaveLen(4))
	g.Expect(lines[0]).To(Equal(server.URL + "\t200"))
	g.Expect(lines[1]).To(Equal(server.URL + "/moved\t302"))
	g.Expect(lines[2]).To(ContainSubstring("refused"))
	g.Expect(lines[3]).To(ContainSubstring("invalid"))

	post := record.Call{Method: http.MethodPost, Path: "/buy", Body: "hello", Header: map[string]string{"X-Shop": "a", "Host": "shop.example"}}
	g.Expect(asked(post, server.URL+"/buy")).To(ConsistOf(server.URL+"/buy\t201"), "its method, headers and body, and the URL's name as the Host")
}
