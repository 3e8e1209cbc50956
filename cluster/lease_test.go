package cluster

import (
	"context"
	"errors"
	"strings"
	"testing"

	"k8s.io/client-go/kubernetes/fake"
)

func TestLeaseIsOneRunsAtATime(t *testing.T) {
	ctx, client := context.Background(), fake.NewClientset()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(leased(ctx, client))
	must(TakeLease(ctx, client, "run 1 on ci-7"))
	if err := leased(ctx, client); !errors.Is(err, errTaken) || !strings.Contains(err.Error(), "run 1 on ci-7") {
		t.Errorf("it is not said who has it: %v", err)
	}
	err := TakeLease(ctx, client, "run 2 on ci-8")
	if err == nil {
		t.Fatal("two runs have one cluster")
	}
	for _, part := range []string{"by run 1 on ci-7 since 2", "hagate recover", "kubectl --namespace default delete lease hagate"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("no %q in: %v", part, err)
		}
	}
	must(EndLease(ctx, client, "run 2 on ci-8"))
	if leased(ctx, client) == nil {
		t.Fatal("the loser gave the winner's Lease back")
	}
	must(EndLease(ctx, client, "run 1 on ci-7"))
	must(EndLease(ctx, client, "run 1 on ci-7"))
	must(TakeLease(ctx, client, "run 2 on ci-8"))
}
