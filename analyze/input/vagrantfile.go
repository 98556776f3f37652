package input

import (
	"path"
	"strings"
)

// Vagrantfile reads the shell provisioners of Vagrantfiles.
var Vagrantfile = &Kind{
	Name:   "vagrantfile",
	Doc:    "Vagrantfile: developer.hashicorp.com, Shell provisioner",
	Claims: func(p string, _ []byte) bool { return path.Base(p) == "Vagrantfile" },
	read:   readVagrantfile,
}

func readVagrantfile(r *reader) {
	for _, c := range r.code(rubyCode).calls {
		if !strings.HasSuffix(c.name, ".provision") || c.arg(0).text() != "shell" && c.named("type").text() != "shell" {
			continue
		}
		s := Shell{Where: Remote, User: "root", Phase: "setup", Name: "provision"}
		if c.named("privileged").text() == "false" {
			s.User = "vagrant"
		}
		if n := c.named("inline"); n.text() != "" {
			r.addShell(n.val, s)
		} else if n != nil && n.kind == opaqueNode {
			r.vagrantVariable(n, s)
		}
		if n := c.named("path"); n.text() != "" && !strings.Contains(n.text(), "://") {
			r.call(path.Join(path.Dir(r.path), n.text()), n.offset(), "run", c.named("args").texts()...)
		}
	}
}

// vagrantVariable finds `$script = <<TEXT`.
func (r *reader) vagrantVariable(n *node, s Shell) {
	tokens := r.tokens()
	name := strings.TrimPrefix(n.val.s, "$")
	for i := 0; i+2 < len(tokens); i++ {
		if strings.TrimPrefix(tokens[i].text, "$") == name && tokens[i+1].text == "=" && tokens[i+2].kind == stringToken {
			r.addShell(tokens[i+2].val.val, s)
			return
		}
	}
	r.problem(n.off, "the inline script is computed")
}
