package gate

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"k8s.io/klog/v2"

	"hagate/load"
	"hagate/record"
	"hagate/reports"
	"hagate/target"
	"hagate/verdict"
)

// Open brings everything up that scenarios need; the target's slo may speak of those
// named. What it made is in the journal; Close undoes it, also after a failed Open.
func Open(ctx context.Context, config Config, scenarios []string) (*Run, error) {
	r, err := begin(config, scenarios)
	if err != nil {
		return nil, err
	}
	return r, r.bringUp(ctx, r.order())
}

// begin reads the target and creates the run's folder and record. Nothing outside the
// folders of config is touched.
func begin(config Config, scenarios []string) (_ *Run, err error) {
	r := &Run{Config: config, ID: newID(), out: os.Stdout, live: newLive(), judge: &verdict.Judge{}}
	if config.Target == "" {
		if r.Config.Target, err = target.WriteDefault(config.StateDir); err != nil {
			return nil, err
		}
	}
	if r.target, err = target.Load(r.Config.Target, scenarios); err != nil {
		return nil, err
	}
	for _, w := range r.target.Warnings() {
		fmt.Fprintln(r.out, "hagate:", w.Error())
	}
	r.autoRate = config.AutoRate || config.Rate == 0 && !r.target.NamesRate()
	if rate := config.Rate; rate > 0 || config.AutoRate {
		if r.autoRate {
			rate = target.DefaultRate
		}
		if err := r.target.SetRate(rate); err != nil {
			return nil, fmt.Errorf("RATE=%d for %s: %w", rate, filepath.Join(r.Config.Target, target.FileName), err)
		}
	}
	r.Dir = filepath.Join(config.Out, r.ID)
	if err := os.MkdirAll(r.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("creating the run's folder: %w", err)
	}
	if err := quietClient(r.Dir); err != nil {
		return nil, err
	}
	if r.record, err = record.Create(filepath.Join(r.Dir, record.FileName)); err != nil {
		return nil, err
	}
	r.record.Observe(r.judge.Add)
	if config.Watch {
		if r.page, err = reports.NewLive(config.Lang); err != nil {
			return nil, err
		}
		r.record.Observe(r.page.Observe)
		fmt.Fprintf(r.out, "hagate: watch the run at %s\n", r.page.URL)
	}
	if terminal(os.Stdout) {
		r.record.Observe(load.NewProgress(os.Stdout).Observe)
	}
	r.relay = &relay{write: r.write, timeout: r.target.Spec.Load.Timeout, see: r.live.observe}
	return r, nil
}

// quietClient sends what client-go logs to a file in the run's folder: it complains of
// connections that this process closed itself.
func quietClient(dir string) error {
	f, err := os.Create(filepath.Join(dir, "client-go.log"))
	if err != nil {
		return fmt.Errorf("creating client-go's log: %w", err)
	}
	klog.SetSlogLogger(slog.New(slog.NewTextHandler(f, nil)))
	return nil
}

// order is that of creation.
func (r *Run) order() []step {
	return []step{
		{name: record.Say("recovering crashed runs"), do: r.recoverDead},
		{name: record.Say("container engine"), do: r.findEngine},
		{name: record.Say("images"), do: r.ensureImages},
		{name: record.Say("cluster"), do: r.openCluster, kubernetes: true},
		{name: record.Say("loading images"), do: r.loadImages},
		{name: record.Say("target"), do: r.deployTarget},
		{name: record.Say("watch"), do: r.startWatch, end: r.stopWatch},
		{name: record.Say("service ready"), do: r.waitUp, kubernetes: true},
		{name: record.Say("load agents"), do: r.startAgents, end: r.closeAgents},
		{name: record.Say("recording initial state"), do: r.noteStart, end: r.endLoad},
		{name: record.Say("load"), do: r.chooseRate},
	}
}

// bringUp does the steps, and records whose problem it is where one of them fails.
func (r *Run) bringUp(ctx context.Context, steps []step) error {
	err := r.up(ctx, steps)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		r.interrupted = err
		return err
	}
	problem := &record.Problem{What: said(err)}
	if service, ok := errors.AsType[notUp](err); ok {
		problem.What, problem.Whose = record.Say("the service did not come up: %s", service), record.WhoseService
	}
	return errors.Join(err, r.write(record.Entry{Problem: problem}))
}
