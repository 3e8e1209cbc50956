package main

import (
	"fmt"
	"os/exec"
	"strings"
)

// commit is the newest that changed the gate or the case: a word in a document makes no
// other gate.
func commit(root, name string) (string, error) {
	var newest string
	dirty := ""
	for _, paths := range [][]string{
		{".", ":!cases", ":!docs", ":!e2e", ":!reports", ":!cmd/trust", ":!*.md", ":!Makefile"},
		{"cases/" + name, ":!cases/" + name + "/case.yaml"},
	} {
		when, err := git(root, append([]string{"log", "-1", "--format=%ct %h", "--"}, paths...)...)
		if err != nil {
			return "", err
		}
		newest = max(newest, when)
		changed, err := git(root, append([]string{"status", "--porcelain", "--"}, paths...)...)
		if err != nil {
			return "", err
		}
		if changed != "" {
			dirty = "-dirty"
		}
	}
	_, hash, _ := strings.Cut(newest, " ")
	return hash + dirty, nil
}

func git(root string, args ...string) (string, error) {
	out, err := exec.Command("git", append([]string{"-C", root}, args...)...).Output()
	if err != nil {
		return "", fmt.Errorf("asking git which commit is played: git %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
