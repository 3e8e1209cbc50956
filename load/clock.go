package load

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

// clockPings is how often a clock is asked; the quickest answer counts.
const clockPings = 5

// clockOffset is the clock of the agent's host minus this one's. Half of the way
// there and back is the error it can have.
func clockOffset(ctx context.Context, exec Exec) (time.Duration, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	questions, ask := io.Pipe()
	answer, answers := io.Pipe()
	end := make(chan error, 1)
	go func() {
		err := exec(ctx, questions, answers, "/agent", "clock")
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		questions.CloseWithError(err)
		answers.CloseWithError(err)
		end <- err
	}()
	defer func() { ask.Close(); answer.Close(); cancel(); <-end }()

	in := bufio.NewReader(answer)
	var offset, quickest time.Duration
	for range clockPings {
		sent := time.Now()
		if _, err := io.WriteString(ask, "\n"); err != nil {
			return 0, err
		}
		line, err := in.ReadString('\n')
		if err != nil {
			return 0, err
		}
		took := time.Since(sent)
		there, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(line))
		if err != nil {
			return 0, fmt.Errorf("reading its answer: %w", err)
		}
		if quickest == 0 || took < quickest {
			quickest, offset = took, there.Sub(sent.Add(took/2))
		}
	}
	return offset, nil
}
