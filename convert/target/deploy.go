package target

import (
	"fmt"
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

var (
	chef    = &Target{Name: "chef", Doc: "packaging/deploy/chef: a cookbook that installs and configures the package", Emit: emitChef}
	ansible = &Target{Name: "ansible", Doc: "packaging/deploy/ansible: a role that installs and configures the package", Emit: emitAnsible}
	github  = &Target{Name: "github", Doc: "packaging/deploy/ci/github.yml: builds, verifies and publishes", Emit: emitGitHub}
	gitlab  = &Target{Name: "gitlab", Doc: "packaging/deploy/ci/gitlab.yml: builds, verifies and publishes", Emit: emitGitLab}
)

// A fill fills one template of a Deploy.
type fill func(templates.Deploy) (templates.Text, error)

func emitChef(p *plan.Package, opt Options) ([]File, error) {
	dir := "packaging/deploy/chef/" + p.Name + "/"
	return emitDeploy(p, opt, deployStyle{
		files: []deployOutput{
			{dir + "recipes/default.rb", templates.ChefRecipe}, {dir + "metadata.rb", templates.ChefMetadata},
			{dir + "attributes/default.rb", templates.ChefAttributes},
		},
		templates: dir + "templates/", suffix: ".erb", escape: templates.ERB,
	})
}

func emitAnsible(p *plan.Package, opt Options) ([]File, error) {
	dir := "packaging/deploy/ansible/"
	role := dir + "roles/" + p.Name + "/"
	files := []deployOutput{
		{dir + "site.yml", templates.AnsibleSite}, {role + "tasks/main.yml", templates.AnsibleTasks},
		{role + "meta/main.yml", templates.AnsibleMeta},
	}
	if len(notify(p)) > 0 {
		files = append(files, deployOutput{role + "handlers/main.yml", templates.AnsibleHandlers})
	}
	return emitDeploy(p, opt, deployStyle{files: files, templates: role + "templates/", suffix: ".j2", escape: templates.Jinja})
}

func emitGitHub(p *plan.Package, opt Options) ([]File, error) {
	return emitDeploy(p, opt, deployStyle{files: []deployOutput{{"packaging/deploy/ci/github.yml", templates.GitHub}}})
}

func emitGitLab(p *plan.Package, opt Options) ([]File, error) {
	return emitDeploy(p, opt, deployStyle{files: []deployOutput{{"packaging/deploy/ci/gitlab.yml", templates.GitLab}}})
}

// A deployStyle is what a configuration manager wants: its files, and where and
// how it keeps templates.
type deployStyle struct {
	files     []deployOutput
	templates string // directory, "" none
	suffix    string
	escape    func(string) string
}

type deployOutput struct {
	path string
	fill fill
}

func emitDeploy(p *plan.Package, opt Options, style deployStyle) ([]File, error) {
	r := &refs{}
	d := templates.Deploy{
		Name: p.Name, Version: p.Version, Summary: p.Summary, Maintainer: or(p.Maintainer, "unknown"),
		License: or(p.License, "unknown"), Cookbook: cookbookVersion(p.Version), Units: enabledUnits(p), Notify: notify(p),
	}
	var out []File
	if style.templates != "" {
		for _, e := range p.Payload {
			data, ok, err := conffileText(p, opt, e)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			name := strings.TrimPrefix(e.Path, "/") + style.suffix
			d.Files = append(d.Files, templates.DeployFile{
				Ref: r.add(e.At, e.Why), Path: e.Path, Template: name, Secret: e.Secret, Notify: !others(e.Path),
				Owner: or(e.Owner, "root"), Group: or(e.Group, "root"), Mode: fmt.Sprintf("%04o", entryMode(e)),
			})
			out = append(out, File{Path: path.Clean(style.templates + name), Data: []byte(style.escape(string(data))), Mode: 0o644})
		}
	}
	for _, f := range style.files {
		t, err := f.fill(d)
		if err != nil {
			return nil, err
		}
		out = append(out, r.file(f.path, 0o644, t))
	}
	return out, nil
}

// conffileText is the text of a conffile: a generated one, or one that Options
// can read from the repository. Binary files are no templates, and a file of
// one distribution only is left to its package.
func conffileText(p *plan.Package, opt Options, e plan.Entry) ([]byte, bool, error) {
	if !e.Conffile || e.Type != plan.File || len(e.Formats) > 0 && !(in(e, plan.Deb) && in(e, plan.RPM)) {
		return nil, false, nil
	}
	var data []byte
	switch {
	case e.Origin == plan.Text_:
		for _, t := range p.Texts {
			if t.Path == e.Src {
				data = t.Data
			}
		}
		if data == nil {
			return nil, false, fmt.Errorf("conffile %s: no text %q", e.Path, e.Src)
		}
	case e.Origin == plan.Repo && opt.Read != nil:
		var err error
		if data, err = opt.Read(e.Src); err != nil {
			return nil, false, fmt.Errorf("conffile %s: %w", e.Path, err)
		}
	default:
		return nil, false, nil
	}
	return data, !strings.Contains(string(data), "\x00"), nil
}

// others tells whether a file is read by a program of its own, which notices
// a change.
func others(name string) bool {
	return callsCode(name) || below(name, "/etc/nginx") || below(name, "/etc/apache2") || below(name, "/etc/httpd")
}

// notify are the enabled units that read the configuration: what a changed file
// restarts or reloads.
func notify(p *plan.Package) []templates.DeployNotify {
	var out []templates.DeployNotify
	for _, u := range p.Units {
		if !u.Enable || u.Timer != "" || !strings.HasSuffix(u.Name, ".service") || strings.Contains(u.Name, "@.") {
			continue
		}
		n := templates.DeployNotify{Unit: u.Name, Verb: "Restart", Action: ":restart"}
		if u.Restart == "reload" {
			n.Verb, n.Action = "Reload", ":reload"
		}
		out = append(out, n)
	}
	return out
}

var number = lazyregexp.New(`[0-9]+`)

// cookbookVersion makes three numbers of a version, which is all that Chef
// takes.
func cookbookVersion(v string) string {
	n := append(number.FindAllString(v, 3), "0", "0")
	for i := range n {
		n[i] = or(strings.TrimLeft(n[i], "0"), "0")
	}
	return strings.Join(n[:3], ".")
}
