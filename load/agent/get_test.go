package agent

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestGet(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}
	}))
	g := NewWithT(t)
	var out strings.Builder
	gone := httptest.NewServer(nil)
	gone.Close()
	g.Expect(Get(t.Context(), &out, []string{server.URL, server.URL + "/moved", gone.URL, "no url\x7f"})).To(Succeed())
	lines := strings.Split(out.String(), "\n")
	g.Expect(lines).To(HaveLen(5))
	g.Expect(lines[0]).To(Equal(server.URL + "\t200"))
	g.Expect(lines[1]).To(Equal(server.URL + "/moved\t302"))
	g.Expect(lines[2]).To(ContainSubstring("refused"))
	g.Expect(lines[3]).To(ContainSubstring("invalid"))
}
