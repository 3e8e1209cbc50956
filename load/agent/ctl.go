package agent

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Call makes one request to the agent on socket, with stdin as the body of a POST,
// and copies the answer to stdout as it comes. An answer that is not a success is an
// error with its text.
func Call(ctx context.Context, socket, method, path string, stdin io.Reader, stdout io.Writer) error {
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", socket)
	}}}
	if method != http.MethodPost {
		stdin = nil
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://agent"+path, stdin)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("asking the agent: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, strings.TrimSpace(string(text)))
	}
	if _, err := io.Copy(stdout, resp.Body); err != nil {
		return fmt.Errorf("%s %s: reading the answer: %w", method, path, err)
	}
	return nil
}

// Clock answers every line of in with the time, so that a caller can tell the offset
// between its clock and this one without the start of a process in between.
func Clock(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if _, err := fmt.Fprintln(out, time.Now().UTC().Format(time.RFC3339Nano)); err != nil {
			return err
		}
	}
	return lines.Err()
}
