package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// The Lease that says which run has a cluster: two runs at once would judge each other's
// faults, whatever machines they come from. It is never renewed and never taken over: one
// that outlived its run stands for what that run could not put back.
const (
	leaseNamespace = metav1.NamespaceDefault
	leaseName      = "hagate"
)

var errTaken = errors.New("the cluster is taken")

// TakeLease takes the cluster of client for holder, or names who has it.
func TakeLease(ctx context.Context, client kubernetes.Interface, holder string) error {
	leases := client.CoordinationV1().Leases(leaseNamespace)
	now := metav1.NowMicro()
	lease := &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: leaseName, Labels: map[string]string{"app.kubernetes.io/managed-by": "hagate"}},
		Spec:       coordinationv1.LeaseSpec{HolderIdentity: &holder, AcquireTime: &now},
	}
	_, err := leases.Create(ctx, lease, metav1.CreateOptions{})
	if err == nil {
		return nil
	}
	if !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("taking Lease %s/%s: %w", leaseNamespace, leaseName, err)
	}
	if other := leased(ctx, client); other != nil {
		return fmt.Errorf("%w: wait for that run; if it died, `hagate recover` there puts back what it left; where that machine is gone, put it back by hand and kubectl --namespace %s delete lease %s", other, leaseNamespace, leaseName)
	}
	return fmt.Errorf("the cluster was taken until now: try again: %w", err)
}

// EndLease gives back what TakeLease took; another holder's Lease stays.
func EndLease(ctx context.Context, client kubernetes.Interface, holder string) error {
	leases := client.CoordinationV1().Leases(leaseNamespace)
	lease, err := leases.Get(ctx, leaseName, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("giving Lease %s/%s back: %w", leaseNamespace, leaseName, err)
	}
	if lease.Spec.HolderIdentity == nil || *lease.Spec.HolderIdentity != holder {
		return nil
	}
	err = leases.Delete(ctx, leaseName, metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(lease.UID))})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("giving Lease %s/%s back: %w", leaseNamespace, leaseName, err)
	}
	return nil
}

// leased is an error where a run has the cluster, or had and could not undo all it did.
func leased(ctx context.Context, client kubernetes.Interface) error {
	lease, err := client.CoordinationV1().Leases(leaseNamespace).Get(ctx, leaseName, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("asking who has Lease %s/%s: %w", leaseNamespace, leaseName, err)
	}
	return fmt.Errorf("%w (Lease %s/%s) by %s", errTaken, leaseNamespace, leaseName, heldBy(lease))
}

// heldBy is "run 20261124-141500-3f2a on ci-7 since 2026-11-24T14:15:20Z".
func heldBy(lease *coordinationv1.Lease) string {
	who, since := "somebody unnamed", lease.CreationTimestamp.Time
	if lease.Spec.HolderIdentity != nil {
		who = *lease.Spec.HolderIdentity
	}
	if lease.Spec.AcquireTime != nil {
		since = lease.Spec.AcquireTime.Time
	}
	return who + " since " + since.UTC().Format(time.RFC3339)
}
