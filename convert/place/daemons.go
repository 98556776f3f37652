package place

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/input/osnames"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

func isCron(p string) bool {
	return within(p, "/etc/cron.d") || within(p, "/etc/cron.daily") || within(p, "/etc/cron.hourly") || within(p, "/etc/cron.weekly") ||
		within(p, "/etc/cron.monthly") || within(p, "/var/spool/cron")
}

func isLogrotate(p string) bool { return within(p, "/etc/logrotate.d") }

// cron places periodic jobs: files of cron.d stay such, entries of a crontab
// become one.
func (x *placer) cron() error {
	done := map[string]bool{}
	for _, f := range x.f.Files {
		if isCron(f.Path) {
			done[f.Path] = x.rewrittenFile(f, "periodic jobs") || done[f.Path]
		}
	}
	for _, f := range x.f.ConfigFiles {
		if isCron(f.Path) {
			done[f.Path] = x.rewrittenFile(model.File{Path: f.Path, From: f.From, Content: f.Content, Mode: f.Mode, Evidence: f.Evidence}, "periodic jobs") || done[f.Path]
		}
	}
	cr := templates.CronD{Name: x.p.Name}
	var at []source.Pos
	for _, j := range x.f.Cron {
		if done[j.Path] {
			x.mark(j.At, plan.PartCron, j.Path, "part of the payload")
			continue
		}
		cmd := x.rewritten(j.Command)
		user := cmp.Or(j.User, x.account, "root")
		if strings.Contains(cmd, "${PWD}") || strings.Contains(cmd, "\n") || !accountRE.MatchString(user) || strings.Contains(j.Schedule, "$") {
			x.mark(j.At, plan.PartManual, j.Path, "the job is known on the server only")
			x.manual(j.At, "", "The script makes the periodic job \"%s %s\", which is known on the server only.", j.Schedule, clip(j.Command, 100))
			continue
		}
		cr.Jobs = append(cr.Jobs, templates.CronJob{Why: "as the script had it", Schedule: j.Schedule, User: user, Command: cmd, Guard: x.guard(cmd)})
		at = append(at, j.At...)
		x.mark(j.At, plan.PartCron, "/etc/cron.d/"+x.cronName(), "a file of cron.d takes the place of the crontab")
		x.manual(j.At, "crontab -u "+user+" -e", "Remove the job %q from the crontab of %s: the package has it in /etc/cron.d.", clip(j.Command, 80), user)
	}
	if len(cr.Jobs) == 0 {
		return nil
	}
	t, err := cr.Text()
	if err != nil {
		x.manual(at, "", "The periodic jobs could not be written: %v.", err)
		return nil
	}
	name := "/etc/cron.d/" + x.cronName()
	src := x.text(strings.TrimPrefix(name, "/"), []byte(t.Text), 0o644, []plan.LineSource{{From: 1, To: strings.Count(t.Text, "\n"), At: at, Why: "periodic jobs of the script"}})
	x.add(plan.Entry{Path: name, Type: plan.File, Origin: plan.Text_, Src: src, Mode: 0o644, Conffile: true, At: at, Why: "periodic jobs"})
	return nil
}

// cronName is a name that cron reads: it skips files with a dot.
func (x *placer) cronName() string { return strings.NewReplacer(".", "-", "+", "-").Replace(x.p.Name) }

// guard is the program of the payload that a job calls, "" none.
func (x *placer) guard(cmd string) string {
	for _, w := range strings.Fields(cmd) {
		if e := x.entries[w]; e != nil && e.Type == plan.File && e.Mode&0o111 != 0 {
			return w
		}
	}
	return ""
}

// rewrittenFile ships a file of another program's directory with its paths as
// they are in the package, as a conffile.
func (x *placer) rewrittenFile(f model.File, why string) bool {
	if !plainPath(f.Path) || x.isDirectory(f.Path) || strings.HasPrefix(f.Path, "/var/spool") {
		return false
	}
	text := x.fileText(f.Path, f.From, f.Content)
	if text == "" || f.Content != "" && strings.Contains(text, "${PWD}") {
		x.mark(f.At, plan.PartManual, f.Path, "its text is known on the server only")
		x.manual(f.At, "", "The script writes %s with a text that it computes. Write it once by hand.", f.Path)
		return false
	}
	x.shipText(f.Path, f.Path, text, mode(f.Mode, 0o644)&^0o022, nil, f.At, why)
	part := plan.PartConffile
	if isCron(f.Path) {
		part = plan.PartCron
	}
	x.mark(f.At, part, f.Path, why)
	return true
}

// shipText adds a conffile with rewritten paths: as a file of the repository
// where nothing changes, else as a generated one.
func (x *placer) shipText(old, to, text string, mode uint32, formats []plan.Format, at []source.Pos, why string) {
	out, changed := x.moves.text(text)
	e := plan.Entry{Path: to, Type: plan.File, Origin: plan.Text_, Mode: mode, Conffile: true, Formats: formats, At: at, Why: why}
	if !strings.HasSuffix(out, "\n") {
		out += "\n"
	}
	lines := []plan.LineSource{{From: 1, To: strings.Count(out, "\n"), At: at, Why: why}}
	for _, l := range changed {
		lines = append(lines, plan.LineSource{From: l, To: l, At: at, Why: "the path follows the code"})
	}
	name := strings.TrimPrefix(to, "/")
	e.Src = x.text(name, []byte(out), 0o644, lines)
	x.add(e)
}

// logrotate places rotation rules, and makes one for the log directory when
// the script has none.
func (x *placer) logrotate() error {
	has := false
	for _, f := range x.f.Files {
		if isLogrotate(f.Path) {
			has = x.rewrittenFile(f, "log rotation") || has
		}
	}
	for _, f := range x.f.ConfigFiles {
		if isLogrotate(f.Path) {
			has = x.rewrittenFile(model.File{Path: f.Path, From: f.From, Content: f.Content, Mode: f.Mode, Evidence: f.Evidence}, "log rotation") || has
		}
	}
	if has {
		return nil
	}
	for _, d := range x.p.Dirs {
		if d.Kind != plan.Log || d.Formats != nil || !within(d.Path, "/var/log") {
			continue
		}
		x.rotate(d)
	}
	return nil
}

func (x *placer) rotate(d plan.Dir) {
	l := templates.Logrotate{Paths: []string{d.Path + "/*.log"}, User: d.Owner, Group: cmp.Or(d.Group, x.groupIfUser(d.Owner)), CopyTruncate: true}
	t, err := l.Text()
	name := "/etc/logrotate.d/" + strings.NewReplacer("/", "-", ".", "-").Replace(strings.TrimPrefix(d.Path, "/var/log/"))
	if err != nil || x.entries[name] != nil {
		return
	}
	src := x.text(strings.TrimPrefix(name, "/"), []byte(t.Text), 0o644, []plan.LineSource{{From: 1, To: strings.Count(t.Text, "\n"), At: d.At, Why: "logs of " + d.Path}})
	x.add(plan.Entry{Path: name, Type: plan.File, Origin: plan.Text_, Src: src, Mode: 0o644, Conffile: true, At: d.At, Why: "the script let the logs grow"})
}

// isSite tells whether a path is where a web server reads sites.
func isSite(p string) bool {
	for _, d := range siteDirs {
		if within(p, d) && p != d {
			return true
		}
	}
	return false
}

var siteDirs = []string{
	"/etc/nginx/sites-available", "/etc/nginx/sites-enabled", "/etc/nginx/conf.d", "/etc/apache2/sites-available", "/etc/apache2/sites-enabled",
	"/etc/apache2/conf.d", "/etc/apache2/conf-available", "/etc/apache2/conf-enabled", "/etc/httpd/conf.d", "/etc/lighttpd/conf-available",
	"/etc/lighttpd/conf-enabled", "/etc/lighttpd/conf.d", "/etc/caddy/conf.d",
}

// sites places what a web server reads: in the place of each distribution.
func (x *placer) sites() error {
	placed := map[string]bool{}
	for _, f := range x.f.ConfigFiles {
		if isSite(f.Path) {
			x.site(f.Path, f.From, f.Content, f.At, placed)
		}
	}
	for _, f := range x.f.Files {
		if isSite(f.Path) {
			x.site(f.Path, f.From, f.Content, f.At, placed)
		}
	}
	for _, s := range x.f.Symlinks {
		if !isSite(s.Path) {
			continue
		}
		x.mark(s.At, plan.PartHook, path.Base(s.Path), "the link that switches the site on")
		if repo := x.linkedRepo(s.Target); repo != "" {
			x.site(s.Path, repo, "", s.At, placed)
		}
	}
	for _, s := range x.f.Sites {
		if s.Path == "" {
			x.sampleSite(s, placed)
		}
	}
	return nil
}

// linkedRepo is the file of the repository at a path of the code.
func (x *placer) linkedRepo(target string) string {
	if !x.inOld(target) {
		return ""
	}
	if rel := strings.TrimPrefix(target, x.old+"/"); x.isRepoFile(rel) {
		return rel
	}
	return ""
}

// site ships a site for the web server of each distribution.
func (x *placer) site(p, from, content string, at []source.Pos, placed map[string]bool) {
	if !plainPath(p) || isDefaultSite(p) {
		x.mark(at, plan.PartManual, p, "the file belongs to the web server, or its name is not known")
		x.manual(at, "", "The script writes %s, which belongs to the web server or has a name that is known on the server only.", p)
		return
	}
	text := x.fileText(p, from, content)
	if text == "" {
		x.mark(at, plan.PartManual, p, "its text is known on the server only")
		x.manual(at, "", "The script writes the site %s with a text that it computes. Write it once by hand.", p)
		return
	}
	server := serverOf(p)
	name := strings.TrimSuffix(path.Base(p), ".conf")
	if placed[server+name] {
		x.mark(at, plan.PartConffile, name, "the site is a conffile")
		return
	}
	placed[server+name] = true
	if strings.Contains(text, "${") {
		text = placeholders(text, holesIn(text, content))
	}
	for _, to := range sitePlaces(server, p, name) {
		x.shipText(p, to.path, text, 0o644, to.formats, at, "site of "+server)
		x.p.TakeOver.Adopt = append(x.p.TakeOver.Adopt, plan.Adopt{From: distinct([]string{to.path, p}), To: to.path, At: at})
	}
	if step := enableStep(server, p, name); step != nil {
		step.At, step.Why = at, "the script switches the site on"
		x.addStep(*step)
	}
	for _, f := range plan.Formats {
		x.addStep(plan.Step{Kind: plan.Reload, Moment: plan.Configure, Name: serviceOn(server, f), Formats: []plan.Format{f}, At: at, Why: "reads the site"})
	}
	x.mark(at, plan.PartConffile, name, "the site is a conffile in the place of each distribution")
}

// holesIn are names of holes in a text that the script wrote; nginx's own
// variables stay.
func holesIn(text, content string) []string {
	if content == "" {
		return nil
	}
	var out []string
	for _, part := range strings.Split(text, "${")[1:] {
		if name, _, ok := strings.Cut(part, "}"); ok && strings.ToUpper(name) == name {
			out = append(out, name)
		}
	}
	return out
}

func isDefaultSite(p string) bool {
	base := strings.TrimSuffix(path.Base(p), ".conf")
	return base == "default" || base == "000-default" || base == "welcome" || base == "ssl"
}

func serverOf(p string) string {
	switch {
	case within(p, "/etc/nginx"):
		return "nginx"
	case within(p, "/etc/lighttpd"):
		return "lighttpd"
	case within(p, "/etc/caddy"):
		return "caddy"
	}
	return "apache"
}

type sitePlace struct {
	path    string
	formats []plan.Format
}

// sitePlaces are where each distribution has sites.
func sitePlaces(server, p, name string) []sitePlace {
	others := []plan.Format{plan.RPM, plan.APK, plan.Arch}
	switch server {
	case "nginx":
		if within(p, "/etc/nginx/conf.d") {
			return []sitePlace{{"/etc/nginx/conf.d/" + name + ".conf", []plan.Format{plan.Deb, plan.RPM, plan.Arch}}, {"/etc/nginx/http.d/" + name + ".conf", []plan.Format{plan.APK}}}
		}
		return []sitePlace{
			{"/etc/nginx/sites-available/" + name, []plan.Format{plan.Deb}},
			{"/etc/nginx/conf.d/" + name + ".conf", []plan.Format{plan.RPM, plan.Arch}}, {"/etc/nginx/http.d/" + name + ".conf", []plan.Format{plan.APK}},
		}
	case "apache":
		return []sitePlace{
			{"/etc/apache2/sites-available/" + name + ".conf", []plan.Format{plan.Deb}},
			{"/etc/httpd/conf.d/" + name + ".conf", []plan.Format{plan.RPM}}, {"/etc/apache2/conf.d/" + name + ".conf", []plan.Format{plan.APK}},
			{"/etc/httpd/conf/extra/" + name + ".conf", []plan.Format{plan.Arch}},
		}
	case "lighttpd":
		return []sitePlace{{p, []plan.Format{plan.Deb}}, {"/etc/lighttpd/conf.d/" + name + ".conf", others}}
	}
	return []sitePlace{{p, nil}}
}

// enableStep is what switches a site on where the distribution has a switch.
func enableStep(server, p, name string) *plan.Step {
	if !siteRE.MatchString(name) {
		return nil
	}
	switch {
	case server == "nginx" && !within(p, "/etc/nginx/conf.d"):
		return &plan.Step{Kind: plan.Enable, Moment: plan.First, Name: name, Server: "nginx"}
	case server == "apache":
		return &plan.Step{Kind: plan.Enable, Moment: plan.First, Name: name, Server: "apache"}
	}
	return nil
}

// serviceOn is what a service is called on a format.
func serviceOn(name string, f plan.Format) string {
	from := osnames.Debian
	if name == "apache" {
		name = "apache2"
	}
	if fams := osnames.ServiceFamilies(name); len(fams) > 0 {
		from = fams[0]
	}
	out, _ := osnames.Service(name, from, familyOf[f])
	return out
}

var familyOf = map[plan.Format]osnames.Family{plan.Deb: osnames.Debian, plan.RPM: osnames.RPM, plan.APK: osnames.Alpine, plan.Arch: osnames.Arch}

// sampleSite ships a site that no script installs as an example.
func (x *placer) sampleSite(s model.Site, placed map[string]bool) {
	if !x.isRepoFile(s.From) || slices.ContainsFunc(x.p.Texts, func(t plan.Text) bool { return placed[s.Server+strings.TrimSuffix(path.Base(t.Path), ".conf")] }) {
		return
	}
	if aside(s.From) || len(placed) > 0 {
		return
	}
	to := "/usr/share/doc/" + x.p.Name + "/examples/" + path.Base(s.From)
	x.add(plan.Entry{Path: to, Type: plan.File, Origin: plan.Repo, Src: s.From, Mode: 0o644, At: s.At, Why: "sample of a site, which no script installs"})
	x.mark(s.At, plan.PartPayload, to, "a sample: no script installs the site")
}
