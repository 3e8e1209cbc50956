package load

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	. "github.com/onsi/gomega"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	utilexec "k8s.io/client-go/util/exec"
)

// The API server is played by a few lines of its WebSocket protocol; the command that
// it is asked for runs here.
func TestPodExec(t *testing.T) {
	g := NewWithT(t)
	_, local := process(t)
	var asked *http.Request
	upgrader := websocket.Upgrader{Subprotocols: []string{"v5.channel.k8s.io"}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		defer c.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""))
		channel := func(n byte, s string) { c.WriteMessage(websocket.BinaryMessage, append([]byte{n}, s...)) }
		var out strings.Builder
		if err := local(r.Context(), input(c, r), &out, r.URL.Query()["command"]...); err != nil {
			channel(2, err.Error())
			channel(3, `{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"1"}]}}`)
			return
		}
		channel(1, out.String())
		channel(3, `{"status":"Success"}`)
	}))
	defer server.Close()
	cfg := &rest.Config{Host: server.URL}
	cs, err := kubernetes.NewForConfig(cfg)
	g.Expect(err).NotTo(HaveOccurred())
	pod := PodExec(cfg, cs, "hagate-1", "load-agent", "")

	var out strings.Builder
	g.Eventually(func() error { out.Reset(); return pod(t.Context(), nil, &out, "/agent", "ctl", "GET", "/status") }, 10*time.Second).Should(Succeed())
	g.Expect(out.String()).To(ContainSubstring(`"vantage":"external"`))
	g.Expect(asked.URL.Path).To(Equal("/api/v1/namespaces/hagate-1/pods/load-agent/exec"))
	g.Expect(asked.URL.Query().Get("stdin")).NotTo(Equal("true"))

	err = pod(t.Context(), strings.NewReader(`{"pace":1}`), nil, "/agent", "ctl", "POST", "/attack")
	g.Expect(err).To(MatchError(And(ContainSubstring("Pod hagate-1/load-agent"), ContainSubstring(`unknown field "pace"`))))
	g.Expect(asked.URL.Query().Get("stdin")).To(Equal("true"))
}

// input is standard input as it comes on channel 0, to its end.
func input(c *websocket.Conn, r *http.Request) io.Reader {
	if r.URL.Query().Get("stdin") != "true" {
		return nil
	}
	var all bytes.Buffer
	for {
		_, b, err := c.ReadMessage()
		if err != nil || len(b) > 1 && b[0] == 255 { // v5: the channel that b[1] names is at its end
			return &all
		}
		if len(b) > 0 && b[0] == 0 {
			all.Write(b[1:])
		}
	}
}

func TestNotInImage(t *testing.T) {
	for text, want := range map[string]bool{
		`exec failed: unable to start container process: exec: "cat": executable file not found in $PATH`:          true,
		`exec failed: unable to start container process: exec: "/bin/sh": stat /bin/sh: no such file or directory`: true,
		"websocket: close 1006 (abnormal closure): unexpected EOF":                                                 false,
		"command terminated with exit code 1":                                                                      false,
	} {
		if got := NotInImage(fmt.Errorf("exec: %s", text)); got != want {
			t.Errorf("%s: %t", text, got)
		}
	}
	for code, want := range map[int]bool{1: false, 126: true, 127: true} {
		if got := NotInImage(fmt.Errorf("exec: %w", utilexec.CodeExitError{Err: io.EOF, Code: code})); got != want {
			t.Errorf("exit code %d: %t", code, got)
		}
	}
	if NotInImage(nil) {
		t.Error("no error at all")
	}
}
