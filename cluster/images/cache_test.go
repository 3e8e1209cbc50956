package images

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// kitchen makes steps that write down that they ran, in an empty cache.
type kitchen struct {
	t    *testing.T
	dir  string
	ran  []string
	fail map[string]error
}

func newKitchen(t *testing.T) *kitchen {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir, err := cacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return &kitchen{t: t, dir: dir, fail: map[string]error{}}
}

func (k *kitchen) step(name, inputs string) step {
	return step{name: name, inputs: inputs, run: func(_ context.Context, dir string) error {
		k.ran = append(k.ran, name)
		if err := os.WriteFile(filepath.Join(dir, "made"), []byte(inputs), 0o644); err != nil {
			return err
		}
		return k.fail[name]
	}}
}

// writeFiles makes a folder of programs, or of any other files.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// folders are those in the cache now.
func (k *kitchen) folders() []string {
	k.t.Helper()
	entries, err := os.ReadDir(k.dir)
	if err != nil {
		k.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

func (k *kitchen) wants(ran []string, folders ...string) {
	k.t.Helper()
	if !slices.Equal(k.ran, ran) {
		k.t.Errorf("ran %q, want %q", k.ran, ran)
	}
	if got := k.folders(); !slices.Equal(got, folders) {
		k.t.Errorf("the cache holds %q, want %q", got, folders)
	}
	k.ran = nil
}

// build builds in no time.
func (k *kitchen) build(progress *bytes.Buffer, steps ...step) (dirs map[string]string, err error) {
	synctest.Test(k.t, func(t *testing.T) { dirs, err = build(t.Context(), progress, steps) })
	return dirs, err
}

func TestBuild(t *testing.T) {
	k := newKitchen(t)
	a, b, longer := k.step("a", "1"), k.step("b", "1"), k.step("a-root", "1")
	first := []string{"a-" + a.key(), "a-root-" + longer.key(), "b-" + b.key()}
	var progress bytes.Buffer
	dirs, err := k.build(&progress, a, b, longer)
	if err != nil {
		t.Fatal(err)
	}
	k.wants([]string{"a", "b", "a-root"}, first...)
	want := map[string]string{"a": filepath.Join(k.dir, first[0]), "a-root": filepath.Join(k.dir, first[1]), "b": filepath.Join(k.dir, first[2])}
	if !maps.Equal(dirs, want) {
		t.Errorf("folders %q, want %q", dirs, want)
	}
	if got, want := progress.String(), "hagate: image part 1 of 3, a (0s so far)\nhagate: image part 2 of 3, b (0s so far)\nhagate: image part 3 of 3, a-root (0s so far)\n"; got != want {
		t.Errorf("progress %q, want %q", got, want)
	}

	progress.Reset()
	again, err := k.build(&progress, a, b, longer)
	if err != nil {
		t.Fatal(err)
	}
	k.wants(nil, first...)
	if !maps.Equal(again, dirs) || progress.Len() > 0 {
		t.Errorf("a full cache: folders %q, progress %q", again, progress.String())
	}

	a = k.step("a", "2")
	if dirs, err = k.build(&progress, a, b, longer); err != nil {
		t.Fatal(err)
	}
	k.wants([]string{"a"}, slices.Sorted(slices.Values([]string{"a-" + a.key(), first[1], first[2]}))...)
	if made, err := os.ReadFile(filepath.Join(dirs["a"], "made")); err != nil || string(made) != "2" {
		t.Errorf("the changed step made %q, %v", made, err)
	}
	if got, want := progress.String(), "hagate: image part 1 of 3, a (0s so far)\n"; got != want {
		t.Errorf("progress %q, want %q", got, want)
	}
}

func TestBuildResumes(t *testing.T) {
	k := newKitchen(t)
	var progress bytes.Buffer
	old := k.step("b", "old")
	if _, err := k.build(&progress, old); err != nil {
		t.Fatal(err)
	}
	k.ran = nil
	a, b, c := k.step("a", "1"), k.step("b", "1"), k.step("c", "1")
	broken := errors.New("no space left")
	k.fail["b"] = broken
	dirs, err := k.build(&progress, a, b, c)
	if dirs != nil || !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "building b: ") {
		t.Errorf("a failed step: %q, %v", dirs, err)
	}
	k.wants([]string{"a", "b"}, "a-"+a.key(), "b-"+old.key())

	delete(k.fail, "b")
	if _, err := k.build(&progress, a, b, c); err != nil {
		t.Fatal(err)
	}
	k.wants([]string{"b", "c"}, "a-"+a.key(), "b-"+b.key(), "c-"+c.key())
}

// Lanes do not wait for each other, and end with the first step that fails.
func TestBuildSideBySide(t *testing.T) {
	k := newKitchen(t)
	synctest.Test(t, func(t *testing.T) {
		wait := func(name string, long time.Duration, fails error) step {
			return step{name: name, run: func(ctx context.Context, _ string) error {
				select {
				case <-time.After(long):
					return fails
				case <-ctx.Done():
					return ctx.Err()
				}
			}}
		}
		began := time.Now()
		if _, err := build(t.Context(), &bytes.Buffer{}, []step{wait("a", time.Minute, nil)}, []step{wait("b", 20*time.Second, nil), wait("c", 30*time.Second, nil)}); err != nil || time.Since(began) != time.Minute {
			t.Errorf("%v after %s", err, time.Since(began))
		}
		broken := errors.New("no space left")
		_, err := build(t.Context(), &bytes.Buffer{}, []step{wait("d", time.Hour, nil)}, []step{wait("e", time.Second, broken)})
		if !errors.Is(err, broken) || time.Since(began) > 2*time.Minute {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
	if got := k.folders(); len(got) != 3 {
		t.Errorf("the cache holds %q", got)
	}
}

// A killed command has no chance to remove what it began.
func TestBuildAfterKill(t *testing.T) {
	k := newKitchen(t)
	a := k.step("a", "1")
	half := filepath.Join(k.dir, "a.half", "bin")
	if err := os.MkdirAll(half, 0o755); err != nil {
		t.Fatal(err)
	}
	dirs, err := k.build(&bytes.Buffer{}, a)
	if err != nil {
		t.Fatal(err)
	}
	k.wants([]string{"a"}, "a-"+a.key())
	if entries, err := os.ReadDir(dirs["a"]); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v: want only what the step made", entries, err)
	}
}

func TestBuildInterrupted(t *testing.T) {
	k := newKitchen(t)
	a := k.step("a", "1")
	ctx, cancel := context.WithCancel(t.Context())
	b := step{name: "b", run: func(ctx context.Context, dir string) error {
		cancel()
		return errors.Join(os.WriteFile(filepath.Join(dir, "half"), nil, 0o644), ctx.Err())
	}}
	if _, err := build(ctx, &bytes.Buffer{}, []step{a, b}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	k.wants([]string{"a"}, "a-"+a.key())
}

func TestBuildTellsThatItGoesOn(t *testing.T) {
	k := newKitchen(t)
	synctest.Test(t, func(t *testing.T) {
		slow := step{name: "slow", run: func(context.Context, string) error { time.Sleep(65 * time.Second); return nil }}
		var progress bytes.Buffer
		if _, err := build(t.Context(), &progress, []step{slow, k.step("next", "")}); err != nil {
			t.Fatal(err)
		}
		want := `hagate: image part 1 of 2, slow (0s so far)
hagate: image part 1 of 2, slow: still building (30s so far)
hagate: image part 1 of 2, slow: still building (1m0s so far)
hagate: image part 2 of 2, next (1m5s so far)
`
		if progress.String() != want {
			t.Errorf("progress:\n%swant:\n%s", progress.String(), want)
		}
	})
}

func TestBuildWaitsForAnother(t *testing.T) {
	const waiting = "hagate: another command is building images: waiting for it\n"
	for name, c := range map[string]struct {
		patience     time.Duration
		wantErr      error
		wantProgress string
	}{
		"it ends":     {time.Hour, nil, waiting},
		"interrupted": {5 * time.Second, context.DeadlineExceeded, waiting},
	} {
		t.Run(name, func(t *testing.T) {
			newKitchen(t)
			synctest.Test(t, func(t *testing.T) {
				runs, started := 0, make(chan struct{})
				steps := []step{{name: "a", run: func(context.Context, string) error {
					runs++
					close(started)
					time.Sleep(10 * time.Second)
					return nil
				}}}
				var other sync.WaitGroup
				other.Go(func() {
					if _, err := build(t.Context(), &bytes.Buffer{}, steps); err != nil {
						t.Error(err)
					}
				})
				<-started
				ctx, cancel := context.WithTimeout(t.Context(), c.patience)
				defer cancel()
				var progress bytes.Buffer
				if _, err := build(ctx, &progress, steps); !errors.Is(err, c.wantErr) {
					t.Errorf("error %v, want %v", err, c.wantErr)
				}
				other.Wait()
				if runs != 1 || progress.String() != c.wantProgress {
					t.Errorf("%d runs, progress %q", runs, progress.String())
				}
			})
		})
	}
}

func TestHashFiles(t *testing.T) {
	write := func(files map[string]string) string {
		h, err := hashFiles(os.DirFS(writeFiles(t, files)))
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	base := write(map[string]string{"go.mod": "v1", "sub/x": ""})
	for name, c := range map[string]struct {
		files map[string]string
		same  bool
	}{
		"elsewhere": {map[string]string{"go.mod": "v1", "sub/x": ""}, true},
		"contents":  {map[string]string{"go.mod": "v2", "sub/x": ""}, false},
		"renamed":   {map[string]string{"go.mod": "v1", "sub/y": ""}, false},
		"more":      {map[string]string{"go.mod": "v1", "sub/x": "", "go.sum": ""}, false},
	} {
		if got := write(c.files); (got == base) != c.same {
			t.Errorf("%s: %s beside %s", name, got, base)
		}
	}
	if _, err := hashFiles(os.DirFS(filepath.Join(t.TempDir(), "none"))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
