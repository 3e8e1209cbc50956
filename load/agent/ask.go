package agent

import (
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
	client := &http.Client{Timeout: askWithin, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, url := range urls {
		if _, err := fmt.Fprintf(w, "%s\t%s\n", url, ask(ctx, client, call, url)); err != nil {
			return err
		}
	}
	return nil
}

func ask(ctx context.Context, client *http.Client, call record.Call, url string) string {
	request, err := http.NewRequestWithContext(ctx, call.Method, url, strings.NewReader(call.Body))
	if err != nil {
		return err.Error()
	}
	for name, value := range call.Header {
		request.Header.Set(name, value)
	}
	answer, err := client.Do(request)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err.Error()
	}
	return fmt.Sprint(answer.StatusCode)
}
