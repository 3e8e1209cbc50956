package gate

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"time"
)

// newID is unique on a machine and sorts by time.
func newID() string {
	b := make([]byte, 2)
	rand.Read(b)
	return time.Now().UTC().Format("20060102-150405") + "-" + hex.EncodeToString(b)
}

// terminal says whether f is one: progress is for people.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
