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
	"hagate/load/attack"
	"hagate/record"
)

const (
	// lostAfter is how long an agent may be out of reach when its load is to be
	// stopped. The API may be gone for minutes in the middle of a scenario; at its end
	// it is back, or what the agent saw is lost to the verdict.
	lostAfter = 2 * time.Minute
	// askFor bounds one attempt to reach an agent.
	askFor = 30 * time.Second
	// retryAfter is the pause before an agent that did not answer is asked again.
	retryAfter = 250 * time.Millisecond
)

// Agent is the harness's side of one load agent: it gives orders and writes all that
// the agent records into the run's record. It is for use by one goroutine.
type Agent struct {
	vantage string
	exec    Exec
	intake  intake
	offset  time.Duration // the agent's clock minus the harness's
	timeout time.Duration // of the requests under way: to stop takes as long
	unhook  func()        // ends the follower; nil where there is none
}

// NewAgent is the agent that exec reaches. write gets its entries, in their order.
func NewAgent(vantage string, exec Exec, write func(record.Entry) error) *Agent {
	a := &Agent{vantage: vantage, exec: exec}
	a.intake = intake{exec: exec, write: func(e record.Entry) error {
		e.Clock = vantage
		if e.Health != nil {
			e.Health.Offset = a.offset
		}
		return write(e)
	}}
	return a
}

// Vantage is where the agent's traffic starts.
func (a *Agent) Vantage() string { return a.vantage }

// Ready waits until the agent answers, and measures its clock. It returns the agent's
// last error when ctx is done.
func (a *Agent) Ready(ctx context.Context) error {
	if _, err := a.persist(ctx, "GET", "/status"); err != nil {
		return err
	}
	offset, err := clockOffset(ctx, a.exec)
	if err != nil {
		return fmt.Errorf("measuring the load agent's clock: %w", err)
	}
	a.offset = offset
	return nil
}

// Start has the agent send the plan's streams of its vantage, for the named scenario,
// and takes over its record from then on. The load lasts until Stop, and without one
// no longer than agent.Longest.
func (a *Agent) Start(ctx context.Context, scenario string, plan record.Plan) error {
	all := plan.Streams
	plan.Streams = nil
	for _, s := range all {
		if s.Vantage == a.vantage {
			plan.Streams = append(plan.Streams, s)
		}
	}
	order, err := json.Marshal(agent.Order{Scenario: scenario, Plan: plan})
	if err != nil {
		return fmt.Errorf("encoding the order: %w", err)
	}
	if _, err := a.ask(ctx, order, "POST", "/attack"); err != nil {
		return err
	}
	a.timeout = plan.Timeout
	follow, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	a.unhook = func() { cancel(); <-ended }
	go func() {
		a.intake.follow(follow)
		close(ended)
	}()
	return nil
}

// Renew has the connections that the load keeps alive replaced by new ones, which may
// lead to other Pods.
func (a *Agent) Renew(ctx context.Context) error {
	_, err := a.ask(ctx, nil, "POST", "/renew")
	return err
}

// Stop ends the load. It returns when all that was due is over and in the run's
// record; an error means that some of it is missing. It may be called without a
// Start, and again.
func (a *Agent) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lostAfter+a.timeout)
	defer cancel()
	s, err := a.persist(ctx, "POST", "/stop")
	if err != nil {
		return fmt.Errorf("the load agent was out of reach: %w", err)
	}
	if s.Error != "" {
		return errors.New(s.Error)
	}
	a.release()
	return a.intake.readTo(ctx, s.Size)
}

// Close ends the taking over of the record. The agent itself is left as it is.
func (a *Agent) Close() error {
	a.release()
	return a.intake.err
}

func (a *Agent) release() {
	if a.unhook != nil {
		a.unhook()
		a.unhook = nil
	}
}

// ask makes one request of the agent.
func (a *Agent) ask(ctx context.Context, body []byte, method, path string) (s agent.Status, err error) {
	var stdin io.Reader
	if body != nil {
		stdin = bytes.NewReader(body)
	}
	var out bytes.Buffer
	err = attempt(ctx, askFor+a.timeout, func(ctx context.Context) error {
		return a.exec(ctx, stdin, &out, "/agent", "ctl", method, path)
	})
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(out.Bytes(), &s); err != nil {
		return s, fmt.Errorf("reading the load agent's answer %q: %w", out.String(), err)
	}
	return s, nil
}

// persist asks until the agent answers or ctx is done.
func (a *Agent) persist(ctx context.Context, method, path string) (agent.Status, error) {
	for {
		s, err := a.ask(ctx, nil, method, path)
		if err == nil || !pause(ctx) {
			return s, err
		}
	}
}

func attempt(ctx context.Context, atMost time.Duration, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	return do(ctx)
}

// WithDefaults fills in what a plan leaves open, as agents do.
func WithDefaults(p record.Plan) record.Plan { return attack.WithDefaults(p) }
