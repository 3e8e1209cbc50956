package agent

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"hagate/record"
)

// askWithin is how long a URL may take, its name's lookup included.
const askWithin = 5 * time.Second

// Ask makes call to each URL once, on a connection of its own, and writes a line for it:
// the URL, a tab, and the status or what went wrong. The URL's path is the one that
// counts, and its name is the Host.
func Ask(ctx context.Context, w io.Writer, call record.Call, urls []string) error {
	client := newClient(askWithin)
	for _, url := range urls {
		status, err := ask(ctx, client, call, url, "")
		got := fmt.Sprint(status)
		if err != nil {
			got = err.Error()
		}
		if _, err := fmt.Fprintf(w, "%s\t%s\n", url, got); err != nil {
			return err
		}
	}
	return nil
}

// newClient makes each request on a connection of its own, and takes no redirect.
func newClient(timeout time.Duration) *http.Client {
	return &http.Client{Timeout: timeout, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// ask makes call to url and reads the whole answer; for host, or where that is empty for
// the URL's. The status is 0 where there is an error.
func ask(ctx context.Context, client *http.Client, call record.Call, url, host string) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, call.Method, url, strings.NewReader(call.Body))
	if err != nil {
		return 0, err
	}
	request.Host = cmp.Or(host, request.Host)
	for name, value := range call.Header {
		request.Header.Set(name, value)
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0, err
	}
	return answer.StatusCode, nil
}
