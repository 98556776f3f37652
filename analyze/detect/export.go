package detect

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// exported gives the process types of Procfiles the names and the settings of
// the services that `foreman export` makes of them, where a file of the
// repository calls it.
func (c *Companion) exported() {
	for i := range c.Results {
		if r := &c.Results[i]; r.Kind == "procfile" {
			if x, ok := c.exportOf(r.Path); ok {
				r.export(x)
			}
		}
	}
}

// exportOf finds the call that exports a Procfile. Names that the calling file
// sets to literals are put in.
func (c *Companion) exportOf(procfile string) (input.Export, bool) {
	for i := range c.Results {
		r := &c.Results[i]
		for s := range r.Shell {
			for _, x := range input.Exports(r.Shell[s].Text) {
				if path.Base(x.Procfile) == path.Base(procfile) {
					return c.literal(x, r), true
				}
			}
		}
	}
	return input.Export{}, false
}

func (c *Companion) literal(x input.Export, r *Declared) input.Export {
	values := c.literals(r)
	for _, field := range []*string{&x.App, &x.User, &x.Env, &x.Log, &x.Root} {
		*field = substitute(*field, values)
	}
	return x
}

// literals are the names that a deployment tool's file sets to literals. The
// stage is that of the only stage file, or production where there is one.
func (c *Companion) literals(r *Declared) map[string]string {
	out := map[string]string{}
	for _, v := range r.Values {
		out[v.Name] = v.Value
	}
	if r.Kind == "capistrano" {
		if f := c.stage(); f != nil {
			for _, v := range f.Values {
				out[v.Name] = v.Value
			}
			if out["stage"] == "" {
				out["stage"] = strings.TrimSuffix(path.Base(f.Path), ".rb")
			}
		}
	}
	return out
}

// stage is the stage file of Capistrano that a deployment takes: production, or
// the only one.
func (c *Companion) stage() *Declared {
	var found []*Declared
	for i := range c.Results {
		r := &c.Results[i]
		if r.Kind != "capistrano" || path.Base(path.Dir(r.Path)) != "deploy" || path.Ext(r.Path) != ".rb" {
			continue
		}
		if path.Base(r.Path) == "production.rb" {
			return r
		}
		found = append(found, r)
	}
	if len(found) == 1 {
		return found[0]
	}
	return nil
}

var holeName = lazyregexp.New(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// substitute puts in values that are known, those within values too.
func substitute(s string, values map[string]string) string {
	for depth := 0; depth < 4 && strings.Contains(s, "${"); depth++ {
		next := holeName.ReplaceAllStringFunc(s, func(h string) string {
			if v, ok := values[h[2:len(h)-1]]; ok && len(v) < 1024 {
				return v
			}
			return h
		})
		if next == s || len(next) > 4096 {
			break
		}
		s = next
	}
	return s
}

// exportManagers are the formats of export by the manager that runs them.
var exportManagers = map[string]string{"systemd": "systemd", "upstart": "upstart", "supervisord": "supervisor", "supervisor": "supervisor"}

// export renames the processes of a Procfile and fills what the call says.
func (r *Declared) export(x input.Export) {
	name := func(process string) string {
		if x.App == "" {
			return process
		}
		return x.App + "-" + process
	}
	for i := range r.Units {
		u := &r.Units[i]
		if x.Log != "" {
			u.Logs = appendNew(u.Logs, path.Join(x.Log, u.Name+".log"))
		}
		u.Name, u.User, u.Dir, u.EnvFile = name(u.Name), x.User, x.Root, x.Env
		if x.Env != "" && !path.IsAbs(x.Env) && x.Root != "" {
			u.EnvFile = path.Join(x.Root, x.Env)
		}
	}
	for i := range r.Services {
		s := &r.Services[i]
		s.Name = name(s.Name)
		if m := exportManagers[x.Format]; m != "" {
			s.Manager = m
		}
	}
	if x.User != "" && len(r.Units) > 0 {
		ev := r.Units[0].Evidence
		ev.Why = "the services of the Procfile run as it"
		r.Required = append(r.Required, model.Account{Name: x.User, Kind: "user", Evidence: ev})
	}
}
