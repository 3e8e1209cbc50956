package images

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	"hagate/cluster/engine"
)

// serve serves a registry that holds img, and returns what img is called there.
func serve(t *testing.T, img v1.Image) (ref, host string) {
	t.Helper()
	s := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(s.Close)
	host = strings.TrimPrefix(s.URL, "http://")
	digest, err := img.Digest()
	if err != nil {
		t.Fatal(err)
	}
	to, err := name.NewTag(host + "/hagate/node:v1")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(to, img); err != nil {
		t.Fatal(err)
	}
	return to.String() + "@" + digest.String(), host
}

func randomImage(t *testing.T) v1.Image {
	t.Helper()
	img, err := random.Image(1024, 2)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// other is the digest of an image that no registry here has.
const other = "sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5"

func TestAnswers(t *testing.T) {
	t.Parallel()
	ref, host := serve(t, randomImage(t))
	tagged, digest, _ := strings.Cut(ref, "@")
	at := func(handler http.HandlerFunc) string {
		s := httptest.NewServer(handler)
		t.Cleanup(s.Close)
		return strings.TrimPrefix(s.URL, "http://") + "/hagate/node@"
	}
	status := func(code int) string {
		return at(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }) + digest
	}
	var asked atomic.Int32
	hiccup := at(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "http://"+host+r.URL.Path, http.StatusTemporaryRedirect)
	}) + digest
	liar := at(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+host+strings.ReplaceAll(r.URL.Path, other, digest), http.StatusTemporaryRedirect)
	}) + other
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for what, c := range map[string]struct{ ref, wantErr string }{
		"has it":             {ref, ""},
		"has the tag":        {tagged, ""},
		"a hiccup":           {hiccup, ""},
		"another digest":     {tagged + "@" + other, "404"},
		"another repository": {host + "/hagate/none:v1", "404"},
		"gives another":      {liar, "does not match"},
		"nothing listens":    {strings.TrimPrefix(gone.URL, "http://") + "/hagate/node:v1", "connection refused"},
		"503":                {status(http.StatusServiceUnavailable), "asking for"},
		"501":                {status(http.StatusNotImplemented), "501"},
		"no reference":       {"Not A Reference", "could not parse reference"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			err := answers(context.Background(), c.ref)
			if c.wantErr == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.wantErr) || !strings.Contains(err.Error(), c.ref) {
				t.Errorf("error %v, want %q and the image's name", err, c.wantErr)
			}
		})
	}
}

func TestAnswersInterrupted(t *testing.T) {
	asked := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	}))
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	if err := answers(ctx, strings.TrimPrefix(s.URL, "http://")+"/hagate/node:v1"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestPull(t *testing.T) {
	const to = "docker.io/hagate/node:1"
	img := randomImage(t)
	ref, host := serve(t, img)
	tagged, _, _ := strings.Cut(ref, "@")
	for what, c := range map[string]struct{ ref, wantErr string }{
		"by digest":      {ref: ref},
		"by tag":         {ref: tagged},
		"another digest": {tagged + "@" + other, "MANIFEST_UNKNOWN"},
		"not there":      {host + "/hagate/none:v1", "NAME_UNKNOWN"},
	} {
		t.Run(what, func(t *testing.T) {
			eng := newEngine(t)
			got, err := pull(t.Context(), eng, c.ref, to)
			if c.wantErr != "" {
				for _, want := range []string{c.wantErr, c.ref, "IMAGES=build"} {
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("error %v, want %q", err, want)
					}
				}
				if _, ok := present(t.Context(), eng, to, ""); ok {
					t.Error("the name is taken although nothing was pulled")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			wantPulled(t, eng, got, to, c.ref, img)
		})
	}
}

// wantPulled wants the engine to have img's very bytes under the name to.
func wantPulled(t *testing.T, eng *engine.Engine, got Image, to, from string, img v1.Image) {
	t.Helper()
	id, err := img.ConfigName()
	if err != nil {
		t.Fatal(err)
	}
	if want := (Image{Ref: to, Detail: fmt.Sprintf("%s, pulled as %s, %s", to, from, id)}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	archive := filepath.Join(t.TempDir(), "image.tar")
	f, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := eng.Pipe(t.Context(), nil, f, "save", to); err != nil {
		t.Fatal(err)
	}
	n, err := name.NewTag(to)
	if err != nil {
		t.Fatal(err)
	}
	saved, err := tarball.ImageFromPath(archive, &n)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(saved); err != nil {
		t.Error(err)
	}
	if savedID, err := saved.ConfigName(); err != nil || savedID != id {
		t.Errorf("the engine has %s, %v; the registry %s", savedID, err, id)
	}
}

func TestBring(t *testing.T) {
	img := randomImage(t)
	ref, host := serve(t, img)
	missing := host + "/hagate/none@" + other
	for what, c := range map[string]struct {
		mode, from string
		have       string // what the engine has already: "pulled" or "built"
		want       string // "pulled", "built", or what the error says
		progress   string
	}{
		"auto, a registry":         {mode: "auto", from: ref, want: "pulled", progress: "hagate: pulling " + ref + "\n"},
		"auto, none":               {mode: "auto", from: missing, want: "built", progress: "hagate: no registry answers, so node is built here\n"},
		"auto, pulled before":      {mode: "auto", from: missing, have: "pulled", want: "pulled"},
		"auto, built before":       {mode: "auto", from: ref, have: "built", want: "pulled", progress: "hagate: pulling " + ref + "\n"},
		"auto, built before, none": {mode: "auto", from: missing, have: "built", want: "built", progress: "hagate: no registry answers, so node is built here\n"},
		"pull":                     {mode: "pull", from: ref, want: "pulled", progress: "hagate: pulling " + ref + "\n"},
		"pull, none":               {mode: "pull", from: missing, want: "pulling: ", progress: "hagate: pulling " + missing + "\n"},
		"pull, pulled before":      {mode: "pull", from: missing, have: "pulled", want: "pulled"},
		"build":                    {mode: "build", from: ref, want: "built"},
		"build, pulled before":     {mode: "build", from: ref, have: "pulled", want: "built"},
	} {
		t.Run(what, func(t *testing.T) {
			const to = "docker.io/hagate/node:1"
			eng := newEngine(t)
			builds := func(ctx context.Context, eng *engine.Engine, _ Options) (Image, error) {
				dir := t.TempDir()
				debianRoot(t, dir)
				img, err := nginxImage(dir)
				if err != nil {
					return Image{}, err
				}
				return load(ctx, eng, to, img)
			}
			var err error
			switch c.have {
			case "pulled":
				_, err = pull(t.Context(), eng, ref, to)
			case "built":
				_, err = builds(t.Context(), eng, Options{})
			}
			if err != nil {
				t.Fatal(err)
			}
			var progress bytes.Buffer
			got, err := bring(t.Context(), eng, Options{Mode: c.mode, Progress: &progress}, source{name: "node", from: c.from, pulled: to, build: builds})
			if progress.String() != c.progress {
				t.Errorf("progress %q, want %q", progress.String(), c.progress)
			}
			switch {
			case err != nil:
				if !strings.HasPrefix(err.Error(), c.want) || !strings.Contains(err.Error(), c.from) {
					t.Errorf("error %v, want %q and the image's name", err, c.want)
				}
			case c.want == "pulled":
				wantPulled(t, eng, got, to, c.from, img)
			case !strings.HasPrefix(got.Detail, to+", built here, sha256:") || c.want != "built":
				t.Errorf("got %+v, want it %s", got, c.want)
			}
		})
	}
}

// Where nginx is made of something else than the one that the engine has, it is built anew.
func TestBuildNginx(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	cache, err := cacheDir()
	if err != nil {
		t.Fatal(err)
	}
	s := nginxStep()
	dir := filepath.Join(cache, s.name+"-"+s.key())
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	debianRoot(t, dir)
	eng, o := newEngine(t), Options{Mode: "build", Progress: io.Discard}
	if _, err := load(t.Context(), eng, NginxRef, randomImage(t)); err != nil {
		t.Fatal(err)
	}
	first, err := Nginx(t.Context(), eng, o)
	if err != nil {
		t.Fatal(err)
	}
	if from := builtFrom(t.Context(), eng, NginxRef); from != s.key() {
		t.Errorf("the image says that it is made of %q", from)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if again, err := Nginx(t.Context(), eng, o); err != nil || again != first {
		t.Errorf("the engine has it, yet %+v, %v", again, err)
	}
}

func TestSources(t *testing.T) {
	if n, err := name.NewDigest(nodeSource); err != nil || tag(nodeSource) != strings.TrimPrefix(n.DigestStr(), "sha256:")[:12] {
		t.Errorf("the node image is not named by its digest: %s, %v", nodeSource, err)
	}
	for _, ref := range []string{nginxSource, NginxRef, sandboxRef} {
		if _, err := name.NewTag(ref, name.StrictValidation); err != nil {
			t.Error(err)
		}
	}
}
