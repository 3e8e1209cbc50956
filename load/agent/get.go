package agent

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// getWithin is how long a URL may take, its name's lookup included.
const getWithin = 5 * time.Second

// Get asks for each URL once, on a connection of its own, and writes a line for it: the
// URL, a tab, and the status or what went wrong.
func Get(ctx context.Context, w io.Writer, urls []string) error {
	client := &http.Client{Timeout: getWithin, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, url := range urls {
		if _, err := fmt.Fprintf(w, "%s\t%s\n", url, get(ctx, client, url)); err != nil {
			return err
		}
	}
	return nil
}

func get(ctx context.Context, client *http.Client, url string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
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
