// Command haochaping runs one node of the product: see haochaping --help.
package main

import (
	"github.com/alecthomas/kong"

	"haochaping/app/commands"
)

func main() {
	var cli commands.CLI
	line := kong.Parse(&cli, kong.Name("haochaping"), kong.Description(commands.Description), kong.UsageOnError())
	line.FatalIfErrorf(line.Run(commands.Engine(commands.NoEngine)))
}
