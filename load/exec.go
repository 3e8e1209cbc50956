// Package load starts traffic and brings home what was seen of it: it speaks to load
// agents, in a Pod or a container, through any way to run a command there, and shows
// progress. What agents do is in its subpackages, which know no cluster.
package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/util/exec"
	"k8s.io/streaming/pkg/httpstream"

	"hagate/cluster/engine"
)

// Exec runs a command in an agent's container with stdin and stdout connected; either
// may be nil. Its error carries what the command complained of.
type Exec func(ctx context.Context, stdin io.Reader, stdout io.Writer, args ...string) error

// NotInImage says whether an Exec's error means that the container has no such command,
// and no other thing went wrong.
func NotInImage(err error) bool {
	var exit exec.CodeExitError
	if errors.As(err, &exit) {
		return exit.Code == 126 || exit.Code == 127
	}
	return err != nil && (strings.Contains(err.Error(), "executable file not found") || strings.Contains(err.Error(), "no such file or directory"))
}

// EngineExec runs commands in a container of the engine.
func EngineExec(eng *engine.Engine, container string) Exec {
	return func(ctx context.Context, stdin io.Reader, stdout io.Writer, args ...string) error {
		return eng.Pipe(ctx, stdin, stdout, append([]string{"exec", "-i", container}, args...)...)
	}
}

// PodExec runs commands in a container of a Pod, its only one where none is named, as
// kubectl exec does: by WebSocket, or by SPDY where something on the way refuses that.
func PodExec(cfg *rest.Config, cs kubernetes.Interface, namespace, pod, container string) Exec {
	return func(ctx context.Context, stdin io.Reader, stdout io.Writer, args ...string) error {
		u := cs.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("exec").
			VersionedParams(&corev1.PodExecOptions{Container: container, Command: args, Stdin: stdin != nil, Stdout: true, Stderr: true}, scheme.ParameterCodec).URL()
		spdy, err := remotecommand.NewSPDYExecutor(cfg, http.MethodPost, u)
		if err != nil {
			return fmt.Errorf("exec in Pod %s/%s: %w", namespace, pod, err)
		}
		websocket, err := remotecommand.NewWebSocketExecutor(cfg, http.MethodGet, u.String())
		if err != nil {
			return fmt.Errorf("exec in Pod %s/%s: %w", namespace, pod, err)
		}
		executor, err := remotecommand.NewFallbackExecutor(websocket, spdy, func(err error) bool {
			return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
		})
		if err != nil {
			return fmt.Errorf("exec in Pod %s/%s: %w", namespace, pod, err)
		}
		if stdout == nil {
			stdout = io.Discard
		}
		var stderr bytes.Buffer
		err = executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: stdin, Stdout: stdout, Stderr: &stderr})
		if err != nil {
			return fmt.Errorf("exec %s in Pod %s/%s: %w: %s", strings.Join(args, " "), namespace, pod, err, strings.TrimSpace(stderr.String()))
		}
		return nil
	}
}
