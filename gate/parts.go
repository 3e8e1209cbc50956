package gate

import (
	"context"

	"hagate/load/agent"
	"hagate/record"
)

// view is the cluster as a scenario sees it: a watch.Watch.
type view interface {
	Pods() []record.Pod
	Strays() []record.Pod
	Placed() []string
	Endpoints() record.Endpoints
	Workload() record.Workload
	Nodes() []record.Node
	PDBs() []record.PDB
	Snapshot() error
	Stop()
}

// loader is where load comes from: a load.Agent.
type loader interface {
	Vantage() string
	Start(ctx context.Context, scenario string, plan record.Plan) error
	Renew(ctx context.Context) error
	Answers(ctx context.Context, order agent.Asking, write func(record.Entry) error) (stop func() error, err error)
	Stop(ctx context.Context) error
	Close() error
}
