package chaos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"

	"hagate/record"
)

// Refused is what was said to something that a fault asked for and did not get.
type Refused struct {
	Refusals []record.Refusal
	Err      error // where it stood in the way
}

func (e *Refused) Unwrap() error { return e.Err }

// Error is a sentence for each refusal, with whose it is.
func (e *Refused) Error() string {
	var said []string
	for _, r := range e.Refusals {
		text := r.String()
		if r.Code > 0 {
			text = fmt.Sprintf("the API server answered %d to %s", r.Code, text)
		}
		said = append(said, fmt.Sprintf("%s: this is the %s's", text, r.Whose))
	}
	return strings.Join(said, "; ")
}

// Blocked says whether it is the service that stands in the way: waiting is of no use.
func (e *Refused) Blocked() bool {
	return slices.ContainsFunc(e.Refusals, func(r record.Refusal) bool { return r.Whose == record.WhoseService })
}

// Blocked is the refusal in err for which the service stands, or nil.
func Blocked(err error) *Refused {
	if r, ok := errors.AsType[*Refused](err); ok && r.Blocked() {
		return r
	}
	return nil
}

// answer is a kind of answer, by its words.
type answer struct {
	words  *regexp.Regexp // what they name, where they do, is of the kind in kind
	whose  string
	kind   string // of the object that stands in the way; the one that was asked for where empty
	global bool   // it has no namespace
}

// answers are those that their words tell apart, whoever passes them on. The first that fits
// is it.
var answers = []answer{
	{words: regexp.MustCompile(`more than one PodDisruptionBudget`), whose: record.WhoseService},
	{words: regexp.MustCompile(`[Dd]isruption budget (\S+) is still being processed`), whose: record.WhoseCluster, kind: "PodDisruptionBudget"},
	{words: regexp.MustCompile(`[Dd]isruption budget (\S+) (?:needs|does not allow)`), whose: record.WhoseService, kind: "PodDisruptionBudget"},
	{words: regexp.MustCompile(`would violate the pod's disruption budget`), whose: record.WhoseService},
	{words: regexp.MustCompile(`(?:exceeded|failed) quota: ([^,: ]+)`), whose: record.WhoseService, kind: "ResourceQuota"},
	{words: regexp.MustCompile(`status unknown for quota: ([^,: ]+)`), whose: record.WhoseCluster, kind: "ResourceQuota"},
	{words: regexp.MustCompile(`ValidatingAdmissionPolicy '([^']+)' .*denied request`), whose: record.WhoseService, kind: "ValidatingAdmissionPolicy", global: true},
	{words: regexp.MustCompile(`admission webhook "([^"]+)" denied the request`), whose: record.WhoseService, kind: "admission webhook", global: true},
	{words: regexp.MustCompile(`violates PodSecurity "`), whose: record.WhoseService},
	{words: regexp.MustCompile(`error looking up service account [^/ ]+/([^: ]+)`), whose: record.WhoseService, kind: "ServiceAccount"},
	{words: regexp.MustCompile(`User ".*" cannot `), whose: record.WhoseHarness},
	{words: regexp.MustCompile(`because it is being terminated`), whose: record.WhoseHarness},
	{words: regexp.MustCompile(`not yet ready to handle request`), whose: record.WhoseCluster},
	// of pulling an image: the way to the registry, not what is asked of it
	{words: regexp.MustCompile(`dial tcp|i/o timeout|no such host|TLS handshake|toomanyrequests`), whose: record.WhoseCluster},
	{words: regexp.MustCompile(` is forbidden: `), whose: record.WhoseService},
	{words: regexp.MustCompile(` is invalid: `), whose: record.WhoseService},
}

// byCode is whose an answer of the API is where its words do not tell.
var byCode = map[int32]string{
	http.StatusUnauthorized:        record.WhoseHarness, // this run may not
	http.StatusNotFound:            record.WhoseHarness, // it asked for what is not there
	http.StatusConflict:            record.WhoseHarness, // or for what has changed meanwhile
	http.StatusBadRequest:          record.WhoseHarness,
	http.StatusForbidden:           record.WhoseService,
	http.StatusUnprocessableEntity: record.WhoseService,
}

// Refusal sorts what the API server answered to what was asked, which ends with the object
// that it is about: "eviction of Pod shop/web-1". It is false for an error that is no answer.
func Refusal(err error, asked string) (record.Refusal, bool) {
	status, ok := errors.AsType[*apierrors.StatusError](err)
	if !ok {
		return record.Refusal{}, false
	}
	s := status.Status()
	said := []string{s.Message}
	if s.Details != nil {
		for _, c := range s.Details.Causes {
			if !strings.Contains(s.Message, c.Message) {
				said = append(said, c.Message)
			}
		}
	}
	r := sorted(asked, strings.Join(said, " "), cmp.Or(byCode[s.Code], record.WhoseCluster))
	r.Code = int(s.Code)
	return r, true
}

// aboutNode finds that a request was about a node, or a Pod of the harness's on one.
var aboutNode = regexp.MustCompile(`\b[Nn]ode `)

// sorted is what was said to what was asked, and whose that is: otherwise's, where the words
// do not tell.
func sorted(asked, said, otherwise string) record.Refusal {
	r := record.Refusal{Whose: otherwise, Asked: asked, Said: said}
	object := asked[strings.LastIndexByte(strings.TrimSuffix(asked, " "), ' ')+1:]
	namespace, _, _ := strings.Cut(object, "/")
	if words := strings.Fields(asked); len(words) > 1 && strings.Contains(object, "/") {
		r.Objects = []string{words[len(words)-2] + " " + object}
	}
	for _, a := range answers {
		found := a.words.FindStringSubmatch(said)
		if found == nil {
			continue
		}
		r.Whose = a.whose
		switch {
		case a.kind == "":
		case a.global:
			r.Objects = []string{a.kind + " " + found[1]}
		default:
			r.Objects = []string{a.kind + " " + namespace + "/" + found[1]}
		}
		break
	}
	if r.Whose == record.WhoseService && (aboutNode.MatchString(asked) || namespace == metav1.NamespaceSystem) {
		r.Whose = record.WhoseCluster
	}
	return r
}

// refused is err with what the API server answered in it sorted, where that has not been
// done.
func refused(err error) error {
	if _, done := errors.AsType[*Refused](err); done || err == nil {
		return err
	}
	status, ok := errors.AsType[*apierrors.StatusError](err)
	if !ok {
		return err
	}
	r, ok := Refusal(status, strings.TrimSuffix(err.Error(), ": "+status.Error()))
	if !ok {
		return err
	}
	return &Refused{Refusals: []record.Refusal{r}, Err: err}
}

// evictionOf is what the API server answered to the eviction of a Pod. All budgets that
// cover it are named where there are too many.
func evictionOf(ctx context.Context, client kubernetes.Interface, pod *corev1.Pod, err error) (record.Refusal, bool) {
	r, ok := Refusal(err, fmt.Sprintf("eviction of Pod %s/%s", pod.Namespace, pod.Name))
	r.Evicts = true
	if !ok || !strings.Contains(r.Said, "more than one PodDisruptionBudget") {
		return r, ok
	}
	budgets, err := client.PolicyV1().PodDisruptionBudgets(pod.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return r, true
	}
	r.Objects = nil
	for _, b := range budgets.Items {
		if covers(b, pod) {
			r.Objects = append(r.Objects, "PodDisruptionBudget "+b.Namespace+"/"+b.Name)
		}
	}
	return r, true
}

// covers says whether a budget selects a Pod. One without a selector selects none.
func covers(b policyv1.PodDisruptionBudget, pod *corev1.Pod) bool {
	selector, err := metav1.LabelSelectorAsSelector(b.Spec.Selector)
	return err == nil && selector.Matches(labels.Set(pod.Labels))
}
