package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// hogCommand is what the program calls itself with to fill one core.
const hogCommand = "hog"

// hog fills a core until whoever started it has gone.
func hog() error {
	runtime.GOMAXPROCS(1)
	for parent := os.Getppid(); os.Getppid() == parent; {
		for begin := time.Now(); time.Since(begin) < time.Second; {
		}
	}
	return nil
}

// fill makes every core busy until stop is called.
func fill() (stop func(), err error) {
	var hogs []*exec.Cmd
	stop = func() {
		for _, h := range hogs {
			h.Process.Kill()
			h.Wait()
		}
	}
	self, err := os.Executable()
	if err != nil {
		return stop, fmt.Errorf("making the machine busy: %w", err)
	}
	for range runtime.NumCPU() {
		h := exec.Command(self, hogCommand)
		if err := h.Start(); err != nil {
			stop()
			return func() {}, fmt.Errorf("making the machine busy: %w", err)
		}
		hogs = append(hogs, h)
	}
	return stop, nil
}
