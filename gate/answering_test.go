package gate

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"testing"

	"hagate/load/agent"
)

// Whoever takes the connection is not yet the Pod.
func TestAsks(t *testing.T) {
	for body, want := range map[string]bool{agent.Broken: true, "anything else": false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, body, http.StatusInternalServerError) }))
		host, port, err := net.SplitHostPort(server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		command := asks(host, port)
		if err := exec.Command(command[0], command[1:]...).Run(); (err == nil) != want {
			t.Errorf("answered with %q: %v", body, err)
		}
		server.Close()
		if err := exec.Command(command[0], command[1:]...).Run(); err == nil {
			t.Error("nobody listens, and it was answered")
		}
	}
}
