package detect

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/shell"
)

// startedBy walks an init script as the init system would, with start, and
// fills what the unit's own lines do not say: the command line, the account, the
// directory and the environment that it starts its program with.
func startedBy(repo host.Repo, script string, u *model.Unit) {
	h := host.New(repo, "")
	if _, err := shell.New(h).Run(shell.Options{Script: script, Args: []string{"start"}, Known: true, User: "root", Run: 1}); err != nil {
		return
	}
	var start *host.Effect
	for _, e := range h.Log {
		if !e.Failure && (e.Op == host.StartOp || e.Op == host.RunCode && e.What != "") {
			start = e
		}
	}
	if start == nil {
		return
	}
	u.Exec = start.What
	if start.User != "" && start.User != "root" {
		u.User = start.User
	}
	if strings.HasPrefix(start.Cwd, "/") {
		u.Dir = start.Cwd
	}
	for _, v := range start.Vars {
		name, val, _ := strings.Cut(v, "=")
		setEnvironment(u, name, val)
	}
	for _, e := range h.Log {
		if (e.Op == host.Append || e.Op == host.Write) && isLog(e.Path) {
			u.Logs = appendNew(u.Logs, e.Path)
		}
	}
	u.At = appendNew(u.At, start.At.Pos)
	if u.Why == "" {
		u.Why = "what " + path.Base(script) + " start does"
	}
}

func setEnvironment(u *model.Unit, name, val string) {
	for i := range u.Environment {
		if u.Environment[i].Key == name {
			u.Environment[i].Value = val
			return
		}
	}
	u.Environment = append(u.Environment, model.KeyValue{Key: name, Value: val})
}

// appendNew appends what the list does not have.
func appendNew[T comparable](list []T, v T) []T {
	for _, o := range list {
		if o == v {
			return list
		}
	}
	return append(list, v)
}
