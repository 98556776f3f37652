package lint

import (
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

var worldWritable = &Rule{
	ID: "world-writable", Group: Security, Severity: diag.Error, Confidence: diag.High, Fix: "takes the right to write from others", Unsafe: true,
	Doc: Doc{
		Title:      "A file or directory is made writable for everybody",
		Text:       "Any account of the machine, and any program with a hole in it, can put code or data there. Give it to the account that needs it.",
		Bad:        "#!/bin/sh\nset -e\nchmod -R 777 /srv/shop/storage\n",
		Good:       "#!/bin/sh\nset -e\nchown -R shop:shop /srv/shop/storage\nchmod -R u=rwX,g=rX,o= /srv/shop/storage\n",
		Exceptions: "Directories with the sticky bit (1777) are meant for everybody and do not count.",
		Since:      "0.1",
		References: []string{"CWE-732: incorrect permission assignment for critical resource", "chmod(1)"},
	},
	Run: func(p *Pass) {
		for _, e := range perPlace(p.Effects(host.Chmod, host.MakeDir, host.CopyTo, host.Write)) {
			if !openToAll(e.Mode) || strings.HasPrefix(e.Path, "/dev/") || staged(e.Path+"/") {
				continue
			}
			p.Report(Report{
				At: e.At, Value: valueOf(p.SourceOf(e.At), e.Path), Confidence: p.sure(e), Effect: e.Path, Fix: p.narrower(e),
				Message: e.Path + " is made writable for everybody (mode " + e.Mode + "): any account of the machine can change it",
				Help:    "give it to the account that needs it: chown, and mode 0750 or 0640",
			})
		}
	},
}

var openMode = lazyregexp.New(`^[0-7]?[0-7][0-7][2367]$|(^|,)[ugo]*[oa][ugo]*[+=][rxXst]*w|(^|,)\+[rxXst]*w[rxXst]*a?$`)

// openToAll tells whether a mode as given to chmod lets others write.
func openToAll(mode string) bool {
	if !openMode.MatchString(mode) || strings.HasPrefix(mode, "+") {
		return false
	}
	if len(mode) == 4 && mode[0] >= '1' && mode[0] <= '7' && (mode[0]-'0')&1 == 1 {
		return false // sticky
	}
	return true
}

// narrower takes the right to write from others in an octal mode.
func (p *Pass) narrower(e *host.Effect) *Fix {
	i := strings.Index(p.SourceOf(e.At), e.Mode)
	if i < 0 || len(e.Mode) < 3 || e.Mode[0] < '0' || e.Mode[0] > '7' {
		return nil
	}
	off := p.offset(e.At.File, e.At.Line, e.At.Col) + i
	last := e.Mode[len(e.Mode)-1] &^ 2
	return &Fix{Title: "mode " + e.Mode + " without the right of others to write", Unsafe: true,
		Edits: []Edit{{At: p.At(e.At.File, off, off+len(e.Mode)), New: e.Mode[:len(e.Mode)-1] + string(last)}}}
}
