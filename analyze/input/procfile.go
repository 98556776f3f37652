package input

import (
	"path"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// Procfile reads process types and their commands.
var Procfile = &Kind{
	Name:   "procfile",
	Doc:    "Procfile: process types and commands, one a line",
	Claims: func(p string, _ []byte) bool { return procfileName.MatchString(path.Base(p)) },
	read:   readProcfile,
}

var (
	procfileName = lazyregexp.New(`^Procfile(\.[A-Za-z0-9_-]+)?$|^procfile$`)
	procfileLine = lazyregexp.New(`^([A-Za-z0-9_-]+):\s*(.+?)\s*$`)
)

func readProcfile(r *reader) {
	for _, l := range r.lines() {
		t := l.trim()
		if t.text == "" || t.text[0] == '#' {
			continue
		}
		m := procfileLine.FindStringSubmatchIndex(t.text)
		if m == nil {
			r.problem(t.off, "a line of the form type: command was expected")
			continue
		}
		name := t.text[m[2]:m[3]]
		cmd := plain(t.text[m[4]:m[5]], t.off+m[4])
		phase := "start"
		if name == "release" { // run once after a build, not a process
			phase = "deploy"
		}
		r.addShell(cmd, Shell{Where: Service, Phase: phase, Name: name})
		if phase == "deploy" {
			continue
		}
		u := model.Unit{Name: name, Kind: "procfile", From: r.path, Exec: cmd.s, Environment: []model.KeyValue{}, Restart: "always", Evidence: r.fact(t.off, "process type of the Procfile")}
		u.SetPlace("exec", r.pos(cmd.off()))
		r.out.Units = append(r.out.Units, u)
		r.out.Start = append(r.out.Start, Command{name, cmd.s, r.pos(cmd.off())})
		r.out.Services = append(r.out.Services, model.Service{Name: name, Manager: "other", UnitFrom: r.path, Actions: []string{}, Own: true, Evidence: r.maybe(t.off, "process type of the Procfile")})
	}
}
