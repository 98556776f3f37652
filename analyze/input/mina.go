package input

import (
	"path"

	"github.com/nativize/nativize/analyze/model"
)

// Mina reads the literal settings of Mina's deploy.rb.
var Mina = &Kind{
	Name:   "mina",
	Doc:    "Mina: mina-deploy, settings and commands; literals only",
	Claims: func(p string, head []byte) bool { return path.Ext(p) == ".rb" && minaWord.Match(head) },
	read:   readMina,
}

func readMina(r *reader) {
	f := r.code(rubyCode)
	tr := &taskReader{r: r}
	for i := range f.calls {
		c := &f.calls[i]
		tr.enter(c)
		switch c.name {
		case "invoke":
			if n := c.arg(0); n.text() != "" {
				r.out.Values = append(r.out.Values, Setting{"invoke", n.text(), r.pos(n.offset())})
			}
		case "set":
			if key := c.arg(0).text(); key == "domain" && c.arg(1).text() != "" {
				r.out.Remotes = append(r.out.Remotes, model.Remote{Host: c.arg(1).text(), Via: "ssh", Evidence: r.fact(c.arg(1).offset(), "domain of the deployment")})
			}
			r.capSetting(c)
		default:
			if !r.capSetting(c) {
				tr.command(c)
			}
		}
	}
}
