package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

const suffix = ".jsonl"

func dir(stateDir string) string { return filepath.Join(stateDir, "journals") }

// Dead opens and locks the journals of runs that died with something left to undo,
// oldest run ID first. Journals with nothing left are removed. One that cannot be
// read is an error that stands beside those that can.
func Dead(stateDir string) ([]*Journal, error) {
	entries, err := os.ReadDir(dir(stateDir))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for journals of dead runs: %w", err)
	}
	var dead []*Journal
	var errs []error
	for _, e := range entries {
		if filepath.Ext(e.Name()) != suffix {
			continue
		}
		j, err := openDead(filepath.Join(dir(stateDir), e.Name()))
		if err != nil {
			errs = append(errs, err)
		} else if j != nil {
			dead = append(dead, j)
		}
	}
	return dead, errors.Join(errs...)
}

// openDead returns nil where the run lives, or left nothing to undo.
func openDead(path string) (*Journal, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening the journal of a dead run: %w", err)
	}
	if ok, err := lock(f, syscall.LOCK_NB); err != nil || !ok {
		f.Close()
		return nil, err
	}
	j := &Journal{f: f}
	if err := j.read(); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w: undo by hand what it lists, then remove it", path, err)
	}
	if len(j.pending) == 0 {
		return nil, j.Close()
	}
	return j, nil
}

// createLocked makes the file at path and locks it. Another process may look at it
// before it is locked and remove it, empty as it is: then it is made again.
func createLocked(path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
		if err != nil {
			return nil, err
		}
		ok, err := lock(f, 0)
		if err == nil && ok {
			err = syncDir(filepath.Dir(path))
		}
		if err != nil {
			os.Remove(path)
			f.Close()
			return nil, err
		}
		if ok {
			return f, nil
		}
		f.Close()
	}
}

// lock locks f and says whether that gave this process the file at f's path: not
// where another process has it (and how is LOCK_NB), nor where it is there no longer.
func lock(f *os.File, how int) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|how)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("locking %s: %w", f.Name(), err)
	}
	mine, err := f.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Stat(f.Name())
	return err == nil && os.SameFile(mine, there), nil
}

// syncDir makes a new file's name last.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
