package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"hagate/load/agent"
	"hagate/record"
)

// Answers has the agent ask Pods as asking says, from when it returns until stop is called,
// and hands what it saw to write, also at once. The error of stop means that some of that
// is missing.
func (a *Agent) Answers(ctx context.Context, asking agent.Asking, write func(record.Entry) error) (stop func() error, err error) {
	order, err := json.Marshal(asking)
	if err != nil {
		return nil, fmt.Errorf("encoding whom to ask: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	in, end := io.Pipe()
	heard, all := map[string]bool{}, make(chan struct{})
	take := func(line []byte) error {
		var e record.Entry
		if err := json.Unmarshal(line, &e); err != nil || e.Answer == nil {
			return fmt.Errorf("the load agent answered %q: %w", line, errors.Join(err, errors.New("want an answer of a Pod")))
		}
		uid := e.Answer.UID
		e.Clock = a.vantage
		if err := write(e); err != nil {
			return err
		}
		if n := len(heard); !heard[uid] && n+1 == len(asking.Pods) {
			close(all)
		}
		heard[uid] = true
		return nil
	}
	out := &lines{take: func(line []byte) error {
		err := take(line)
		if err != nil {
			cancel(err)
		}
		return err
	}}
	ended := make(chan error, 1)
	go func() {
		ended <- a.exec(ctx, io.MultiReader(bytes.NewReader(order), in), out, "/agent", "answers")
		in.Close()
	}()
	giveUp := func(err error) (func() error, error) {
		out.close()
		cancel(nil)
		end.Close()
		return nil, fmt.Errorf("having the load agent ask Pods on their own addresses: %w", err)
	}
	select {
	case <-all:
	case err := <-ended:
		return giveUp(errors.Join(err, io.ErrUnexpectedEOF))
	case <-ctx.Done():
		return giveUp(context.Cause(ctx))
	case <-time.After(askFor):
		return giveUp(fmt.Errorf("not one answer of each within %s", askFor))
	}
	return func() error {
		defer cancel(nil)
		select {
		case err := <-ended:
			return fmt.Errorf("asking Pods on their own addresses ended too soon: %w", errors.Join(err, io.ErrUnexpectedEOF))
		default:
		}
		go func() {
			// client-go's WebSockets half-close by the deadline of the last write, which is
			// over after a minute: so something is written first.
			io.WriteString(end, "\n")
			end.Close()
		}()
		select {
		case err := <-ended:
			out.close()
			return err
		case <-time.After(askFor):
			out.close()
			return fmt.Errorf("the load agent did not end asking Pods within %s", askFor)
		}
	}, nil
}
