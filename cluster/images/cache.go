package images

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// tell is how often a step that goes on says so.
const tell = 30 * time.Second

// step makes one folder of the cache, once for the same inputs.
type step struct {
	name   string
	inputs string // what it is made of
	run    func(ctx context.Context, dir string) error
}

func (s step) key() string { return hash(s.inputs) }

// build runs the steps that the cache lacks, each lane of them in its order and beside the
// others, and returns their folders by name. A step that was interrupted begins again; the
// ones before it are kept.
func build(ctx context.Context, progress io.Writer, lanes ...[]step) (map[string]string, error) {
	cache, err := cacheDir()
	if err != nil {
		return nil, err
	}
	unlock, err := lock(ctx, cache, progress)
	if err != nil {
		return nil, fmt.Errorf("locking the image cache: %w", err)
	}
	defer unlock()
	dirs, parts := map[string]string{}, map[string]int{}
	for _, lane := range lanes {
		for _, s := range lane {
			dirs[s.name], parts[s.name] = filepath.Join(cache, s.name+"-"+s.key()), len(parts)+1
		}
	}
	began := time.Now()
	var telling sync.Mutex
	say := func(s step, what string) {
		telling.Lock()
		defer telling.Unlock()
		fmt.Fprintf(progress, "hagate: image part %d of %d, %s%s (%s so far)\n", parts[s.name], len(parts), s.name, what, time.Since(began).Round(time.Second))
	}
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var all sync.WaitGroup
	for _, lane := range lanes {
		all.Go(func() {
			for _, s := range lane {
				if _, err := os.Stat(dirs[s.name]); err == nil {
					continue
				}
				say(s, "")
				stop := every(tell, func() { say(s, ": still building") })
				err := s.into(ctx, cache, dirs[s.name])
				stop()
				if err != nil {
					fail(fmt.Errorf("building %s: %w", s.name, err))
					return
				}
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return dirs, nil
}

// lock waits until no other command builds in the cache.
func lock(ctx context.Context, cache string, progress io.Writer) (unlock func() error, err error) {
	f, err := os.OpenFile(filepath.Join(cache, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for told := false; ; told = true {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f.Close, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(err, f.Close())
		}
		if !told {
			fmt.Fprintln(progress, "hagate: another command is building images: waiting for it")
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		}
	}
}

// into runs the step and puts what it made in its place, whole.
func (s step) into(ctx context.Context, cache, dir string) error {
	old, err := filepath.Glob(filepath.Join(cache, s.name+"-????????????"))
	if err != nil {
		return err
	}
	half := filepath.Join(cache, s.name+".half")
	if err := os.RemoveAll(half); err != nil {
		return err
	}
	if err := os.MkdirAll(half, 0o755); err != nil {
		return err
	}
	if err := s.run(ctx, half); err != nil {
		return errors.Join(err, os.RemoveAll(half))
	}
	if err := os.Rename(half, dir); err != nil {
		return err
	}
	for _, o := range old {
		err = errors.Join(err, os.RemoveAll(o))
	}
	return err
}

// every calls fn again and again until stop is called; no call outlives stop.
func every(d time.Duration, fn func()) (stop func()) {
	tick, done := time.NewTicker(d), make(chan struct{})
	var ticking sync.WaitGroup
	ticking.Go(func() {
		for {
			select {
			case <-tick.C:
				fn()
			case <-done:
				tick.Stop()
				return
			}
		}
	})
	return func() { close(done); ticking.Wait() }
}

func cacheDir() (string, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the image cache: %w", err)
	}
	dir := filepath.Join(user, "hagate", "images")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("creating the image cache: %w", err)
	}
	return dir, nil
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:6])
}

// hashFiles stands for the names and contents of files.
func hashFiles(files fs.FS) (string, error) {
	h := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		fmt.Fprintf(h, "%s\x00%s", path, text)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("reading what images are built from: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)[:6]), nil
}
