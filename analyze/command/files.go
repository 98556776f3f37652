package command

import "github.com/nativize/nativize/analyze/value"

// files are the commands of coreutils that change the file tree.
var files = []*Model{
	{Name: "mkdir", Flags: "m:pvZ --mode=m: --parents=p --verbose=v", Kind: Changed, Man: "mkdir(1)",
		Doc: "makes directories with mode and parents", Example: "mkdir -p -m 0750 a/b", Run: mkdir},
}

// mkdir: with -p, -m sets the mode of the last directory only.
func mkdir(c *Call) {
	for _, dir := range c.Args {
		c.MakeDir(dir, c.Text("m"), c.Has("p"))
	}
	if len(c.Args) == 0 {
		c.Out = value.Text("")
	}
}
