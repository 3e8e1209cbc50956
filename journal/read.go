package journal

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// read takes in what j's file holds, and cuts off a last line that its writer did not
// finish: the deed it announces was never begun.
func (j *Journal) read() error {
	var err error
	if j.pending, j.last, j.size, err = parse(j.f); err != nil {
		return err
	}
	return j.f.Truncate(j.size)
}

// parse returns the entries that are pending, oldest first, the highest ID, and the
// length of the whole lines in bytes. A malformed line is an error that names it.
func parse(r io.Reader) (pending []Entry, last int, size int64, err error) {
	in := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return pending, last, size, nil
		}
		if err != nil {
			return nil, 0, 0, fmt.Errorf("reading journal line %d: %w", n, err)
		}
		size += int64(len(line))
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, 0, 0, fmt.Errorf("journal line %d: %w", n, err)
		}
		i := slices.IndexFunc(pending, func(p Entry) bool { return p.ID == e.ID })
		switch {
		case e.Undone && i >= 0:
			pending = slices.Delete(pending, i, i+1)
		case e.Undone:
			return nil, 0, 0, fmt.Errorf("journal line %d: entry %d is struck off but not pending", n, e.ID)
		case e.ID <= last || e.Kind == "":
			return nil, 0, 0, fmt.Errorf("journal line %d: entry %d has no kind or an ID out of order", n, e.ID)
		default:
			pending, last = append(pending, e), e.ID
		}
	}
}
