// Command hagate is the gate.
package main

import (
	"os"

	"hagate/cmd/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:])) }
