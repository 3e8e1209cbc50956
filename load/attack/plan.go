package attack

import (
	"errors"
	"fmt"
	"time"

	"hagate/record"
)

// What a plan leaves open.
const (
	DefaultTimeout     = record.UsualTimeout
	DefaultSlowAfter   = 250 * time.Millisecond
	DefaultConnections = 30 // beside those whose clients pause
)

// MaxThinkTime and MaxRetries are the most that a plan may have.
const (
	MaxThinkTime = 2 * time.Minute
	MaxRetries   = 5
)

// WithDefaults fills in what the plan leaves open. What a request may take beyond the
// default, it may before it is called slow.
func WithDefaults(p record.Plan) record.Plan {
	if p.Timeout == 0 {
		p.Timeout = DefaultTimeout
	}
	if p.SlowAfter == 0 {
		p.SlowAfter = DefaultSlowAfter + max(0, p.Timeout-DefaultTimeout)
	}
	if p.Connection == 0 {
		p.Connection = DefaultConnections + p.Thinking()
	}
	return p
}

// check says what is wrong with a plan, in the words of its JSON.
func check(p record.Plan) error {
	switch {
	case p.Rate <= 0 || p.Rate > 100_000:
		return fmt.Errorf("plan: rate %d: want 1 to 100000 requests/second", p.Rate)
	case p.Timeout < 0 || p.Timeout > time.Minute:
		return fmt.Errorf("plan: timeout %s: want more than 0 and at most 1m", p.Timeout)
	case p.SlowAfter < 0:
		return fmt.Errorf("plan: slowAfter %s: want more than 0", p.SlowAfter)
	case p.Connection < 0:
		return fmt.Errorf("plan: connections %d: want 1 or more", p.Connection)
	case p.ThinkTime < 0 || p.ThinkTime > MaxThinkTime:
		return fmt.Errorf("plan: thinkTime %s: want 0 to %s", p.ThinkTime, MaxThinkTime)
	case p.Connection <= p.Thinking():
		return fmt.Errorf("plan: connections %d: want more than the %d that are idle while their clients pause for %s", p.Connection, p.Thinking(), p.ThinkTime)
	case p.Retries < 0 || p.Retries > MaxRetries:
		return fmt.Errorf("plan: retries %d: want 0 to %d", p.Retries, MaxRetries)
	case len(p.Requests) == 0:
		return errors.New("plan: requests: want at least one")
	case len(p.Steps) > 0 && p.From.Nanosecond() != 0:
		return fmt.Errorf("plan: from %s: want a whole second", p.From.Format(time.RFC3339Nano))
	case len(p.Steps) == 0 && !p.From.IsZero():
		return errors.New("plan: from: it is when steps begin, and there are none")
	}
	for i, s := range p.Steps {
		if s.Rate <= 0 || s.Rate > 100_000 || s.Seconds <= 0 {
			return fmt.Errorf("plan: step %d of %d requests/second for %d seconds: want 1 to 100000, for 1 or more", i+1, s.Rate, s.Seconds)
		}
	}
	return nil
}
