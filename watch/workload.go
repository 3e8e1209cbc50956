package watch

import (
	"context"
	"fmt"
	"reflect"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"

	"hagate/record"
)

// podLabels are those of the workload's Pod template. A workload that does not exist
// is an error.
func (s Spec) podLabels(ctx context.Context, client kubernetes.Interface) (labels.Set, error) {
	var template corev1.PodTemplateSpec
	var err error
	switch s.WorkloadKind {
	case "Deployment":
		var d *appsv1.Deployment
		if d, err = client.AppsV1().Deployments(s.Namespace).Get(ctx, s.Workload, metav1.GetOptions{}); err == nil {
			template = d.Spec.Template
		}
	case "StatefulSet":
		var d *appsv1.StatefulSet
		if d, err = client.AppsV1().StatefulSets(s.Namespace).Get(ctx, s.Workload, metav1.GetOptions{}); err == nil {
			template = d.Spec.Template
		}
	default:
		err = fmt.Errorf("want a Deployment or a StatefulSet")
	}
	if err != nil {
		return nil, fmt.Errorf("watching %s: %w", s.workload(), err)
	}
	return template.Labels, nil
}

func (w *Watch) deployment(d *appsv1.Deployment) {
	s := d.Status
	w.templateIs(d.Name, ofDeployment(d))
	w.workloadIs(d.Name, d.Spec.Replicas, s.ObservedGeneration < d.Generation, s.Replicas, s.ReadyReplicas, s.UpdatedReplicas, s.AvailableReplicas)
}

func (w *Watch) deploymentGone(d *appsv1.Deployment) {
	w.workloadIs(d.Name, new(int32), false, 0, 0, 0, 0)
}

func (w *Watch) statefulSet(d *appsv1.StatefulSet) {
	s := d.Status
	w.templateIs(d.Name, ofStatefulSet(d))
	w.workloadIs(d.Name, d.Spec.Replicas, s.ObservedGeneration < d.Generation, s.Replicas, s.ReadyReplicas, s.UpdatedReplicas, s.AvailableReplicas)
}

func (w *Watch) statefulSetGone(d *appsv1.StatefulSet) {
	w.workloadIs(d.Name, new(int32), false, 0, 0, 0, 0)
}

// workloadIs takes in the counts of a workload, of which nothing is left where all
// are 0. Kubernetes' default for replicas is 1.
func (w *Watch) workloadIs(name string, replicas *int32, stale bool, current, ready, updated, available int32) {
	if name != w.spec.Workload {
		return
	}
	now := record.Workload{Replicas: 1, Current: int(current), Ready: int(ready), Updated: int(updated), Available: int(available), Stale: stale}
	if replicas != nil {
		now.Replicas = int(*replicas)
	}
	if now != w.workload {
		w.workload = now
		w.write(record.Entry{Workload: &now})
	}
}

func (w *Watch) templateIs(name string, now record.Template) {
	if name == w.spec.Workload && (w.template == nil || !reflect.DeepEqual(*w.template, now)) {
		w.template = &now
		w.write(record.Entry{Template: &now})
	}
}

// replicaSet is followed to know whose its Pods and the Events about it are.
func (w *Watch) replicaSet(r *appsv1.ReplicaSet) {
	owner := metav1.GetControllerOf(r)
	mine := owner != nil && owner.Kind == w.spec.WorkloadKind && owner.Name == w.spec.Workload
	if before, known := w.sets[r.UID]; !known || before != mine {
		w.sets[r.UID] = mine
		w.podsAgain()
	}
	w.know(r.UID, mine)
}

func (w *Watch) replicaSetGone(*appsv1.ReplicaSet) {}
