package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
)

// Broken is what Fail answers with.
const Broken = "this version is broken"

// Fail answers every request on each port with 500 until ctx is done: what a version of a
// service that is up and broken does.
func Fail(ctx context.Context, ports []string) error {
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, Broken, http.StatusInternalServerError)
	})}
	context.AfterFunc(ctx, func() { server.Close() })
	ended := make(chan error, len(ports))
	for _, port := range ports {
		l, err := net.Listen("tcp", net.JoinHostPort("", port))
		if err != nil {
			return fmt.Errorf("listening: %w", err)
		}
		go func() { ended <- server.Serve(l) }()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("answering: %w", err)
	}
	return nil
}
