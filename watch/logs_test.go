package watch

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	testcore "k8s.io/client-go/testing"

	. "github.com/onsi/gomega"
)

func TestOnlyNewerLinesAreCopied(t *testing.T) {
	g := NewWithT(t)
	var out strings.Builder
	last, err := copyNewer(&out, strings.NewReader("2026-01-01T00:00:00.1Z a\n2026-01-01T00:00:00.2Z b\n"), time.Time{})
	g.Expect(err).NotTo(HaveOccurred())
	last, err = copyNewer(&out, strings.NewReader("2026-01-01T00:00:00.1Z a\n2026-01-01T00:00:00.2Z b\n2026-01-01T00:00:00.4Z d\n2026-01-01T00:00:00.3Z c\n2026-01-01T00:00:00.3Z c\n"), last)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(out.String()).To(Equal("2026-01-01T00:00:00.1Z a\n2026-01-01T00:00:00.2Z b\n2026-01-01T00:00:00.4Z d\n2026-01-01T00:00:00.3Z c\n2026-01-01T00:00:00.3Z c\n"))
	g.Expect(last.Nanosecond()).To(Equal(400_000_000))
}

func TestWhatStandsInPlaceOfALogIsNoLineOfIt(t *testing.T) {
	for _, said := range []string{
		"unable to retrieve container logs for containerd://0a1b",
		`failed to try resolving symlinks in path "/var/log/pods/shop_web-a_0a1b/web/0.log": lstat /var/log/pods/shop_web-a_0a1b: no such file or directory`,
		"fake logs\n",
	} {
		var out strings.Builder
		last, err := copyNewer(&out, strings.NewReader(said), time.Time{})
		g := NewWithT(t)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(out.String()).To(BeEmpty())
		g.Expect(last).To(BeZero())
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestALogThatCannotBeKeptIsAnError(t *testing.T) {
	_, err := copyNewer(full{}, strings.NewReader("2026-01-01T00:00:00.1Z a\n"), time.Time{})
	NewWithT(t).Expect(err).To(MatchError("disk full"))
}

func TestLogsOfAPodThatIsGoneAreKept(t *testing.T) {
	g := NewWithT(t)
	dir := t.TempDir()
	client := fake.NewClientset()
	const line = "2026-01-01T00:00:00.1Z a\n"
	client.PrependReactor("get", "pods/log", func(testcore.Action) (bool, runtime.Object, error) {
		return true, &runtime.Unknown{Raw: []byte(line)}, nil
	})
	l := &logs{client: client, dir: dir, ctx: t.Context(), known: map[string]types.UID{}}
	p := podObject("nginx01-a", "uid-a")
	runs := corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	waits := corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "PodInitializing"}}
	p.Spec.InitContainers = []corev1.Container{{Name: "init"}}
	p.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "init", State: waits}}
	p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "nginx", State: waits}}
	l.follow(p)
	l.wait.Wait()
	g.Expect(os.ReadDir(dir)).To(BeEmpty(), "nothing has run")
	p.Status.InitContainerStatuses[0].State = runs
	l.follow(p)
	l.wait.Wait()
	g.Expect(filepath.Join(dir, InitLogFile("nginx01-a", "init"))).To(BeAnExistingFile())
	p.Status.ContainerStatuses[0].State = runs
	l.follow(p)
	l.follow(p)
	l.wait.Wait() // the Pod is not in the API any more, so that ends
	text, err := os.ReadFile(filepath.Join(dir, LogFile("nginx01-a", "nginx")))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(text)).To(Equal(line))
}

func TestAnInitContainerThatHasEndedIsNotAskedAgain(t *testing.T) {
	g := NewWithT(t)
	p := podObject("nginx01-a", "uid-a")
	p.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "init"}}
	for code, want := range map[int32]bool{0: true, 1: false} {
		p.Status.InitContainerStatuses[0].State.Terminated = &corev1.ContainerStateTerminated{ExitCode: code}
		g.Expect(initDone(p, "init")).To(Equal(want))
		g.Expect(initDone(p, "nginx")).To(BeFalse())
	}
}
