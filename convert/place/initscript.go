package place

import (
	"cmp"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/shell"
)

// started completes a unit that was read from an init script: the script is
// walked with the argument start on a machine of its own, which shows as whom,
// where and with which environment it starts its program.
func (x *placer) started(u model.Unit) model.Unit {
	if u.Kind != "sysv" || u.Dir != "" || !x.isRepoFile(u.From) {
		return u
	}
	m := shell.New(host.New(shell.Tree(x.repo), ""))
	if _, err := m.Run(shell.Options{Script: u.From, Args: []string{"start"}, Known: true, Run: 1}); err != nil {
		return u
	}
	for _, e := range m.Host.Log {
		if e.Op != host.StartOp && e.Op != host.RunCode || e.Failure || e.What == "" {
			continue
		}
		u.Exec, u.User = cmp.Or(u.Exec, e.What), cmp.Or(u.User, e.User)
		if plainPath(e.Cwd) {
			u.Dir = e.Cwd
		}
		if len(u.Environment) == 0 {
			for _, v := range e.Vars {
				key, value, _ := strings.Cut(v, "=")
				u.Environment = append(u.Environment, model.KeyValue{Key: key, Value: value})
			}
		}
		return u
	}
	return u
}
