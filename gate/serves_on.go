package gate

import (
	"context"
	"errors"
	"net"
	"strconv"

	"hagate/load/agent"
	"hagate/record"
)

// askPods has every Pod that serves asked on its own address, until stopAsking, where the
// scenario owes it that Pods serve on when they are told to go.
func (r *Run) askPods(ctx context.Context, slo record.SLO) error {
	port := r.target.Port()
	if slo.MinServesOn == 0 || port == 0 {
		return nil
	}
	order := agent.Asking{Call: r.plan.Requests[0], Timeout: r.plan.Timeout, Pods: map[string]string{}}
	for _, e := range r.servingPods() {
		if !r.asked[e.UID] {
			order.Pods[e.UID] = net.JoinHostPort(e.IP, strconv.Itoa(int(port)))
		}
	}
	if len(order.Pods) == 0 {
		return nil
	}
	order.Every = record.AskPeriod(len(order.Pods))
	inside := r.agents[0]
	for _, s := range r.plan.Streams {
		if s.Vantage == inside.Vantage() {
			order.URL = s.URL
		}
	}
	stop, err := inside.Answers(ctx, order, r.write)
	if err != nil {
		return err
	}
	r.stopAsked = append(r.stopAsked, stop)
	for uid := range order.Pods {
		r.asked[uid] = true
	}
	return nil
}

func (r *Run) stopAsking() error {
	var errs []error
	for _, stop := range r.stopAsked {
		errs = append(errs, stop())
	}
	r.stopAsked = nil
	return errors.Join(errs...)
}
