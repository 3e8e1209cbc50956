package chaos

import (
	"context"
	"fmt"
	"strings"
)

// assignment is a value of a control file of a cgroup on a node.
type assignment struct{ file, value string }

// readCgroups prints a line "file=value" for each file name after the controller and
// the process, in the process's cgroup: of version 2 where the node has that, else of
// the controller's hierarchy. A file that is not there is left out.
const readCgroups = `controller=$1 pid=$2; shift 2
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	dir=/sys/fs/cgroup$(awk -F: '$1 == "0" {print $3}' "/proc/$pid/cgroup")
else
	dir=/sys/fs/cgroup/$controller$(awk -F: -v c="$controller" '("," $2 ",") ~ ("," c ",") {print $3}' "/proc/$pid/cgroup")
fi
for f; do if [ -e "$dir/$f" ]; then echo "$dir/$f=$(cat "$dir/$f")"; fi; done`

// cgroup reads control files of the cgroup of a process, in the order of names.
func (n node) cgroup(ctx context.Context, p process, controller string, names ...string) ([]assignment, error) {
	args := append([]string{"sh", "-c", readCgroups, "sh", controller, fmt.Sprint(p.pid)}, names...)
	out, err := n.exec(ctx, n.name, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the %s cgroup of %s: %w", controller, p.of, err)
	}
	var list []assignment
	for line := range strings.Lines(string(out)) {
		if file, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			list = append(list, assignment{file, value})
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("the %s cgroup of %s on node %s has none of %s", controller, p.of, n.name, strings.Join(names, ", "))
	}
	return list, nil
}

// assign is the command that writes each value into its file, in order. A file that is
// gone is success.
func assign(list []assignment) []string {
	args := []string{"sh", "-ec", `while [ $# -gt 1 ]; do if [ -e "$1" ]; then echo "$2" >"$1"; fi; shift 2; done`, "sh"}
	for _, a := range list {
		args = append(args, a.file, a.value)
	}
	return args
}
