package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
)

// A sample is a deployment with its files and, for some, its conversion.
type sample struct {
	d     *model.Deployment
	pkg   *plan.Package
	files map[string]string
}

func (s sample) options() Options {
	return Options{Width: 100, Package: s.pkg, Sources: func(path string) ([]byte, error) {
		if text, ok := s.files[path]; ok {
			return []byte(text), nil
		}
		return nil, fmt.Errorf("open %q: %w", path, os.ErrNotExist)
	}}
}

// file reads testdata/NAME for a fixture.
func file(name string) string {
	data, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	if err != nil {
		panic(err)
	}
	return string(data)
}

// placer finds places by the text of their line.
type placer struct{ path, text string }

func (p placer) pos(part string) source.Pos {
	for i, l := range strings.Split(p.text, "\n") {
		if col := strings.Index(l, part); col >= 0 {
			return source.Pos{File: p.path, Line: i + 1, Col: col + 1}
		}
	}
	panic("no line with " + part)
}

func (p placer) span(part string) source.Span {
	pos := p.pos(part)
	return source.Span{Pos: pos, EndLine: pos.Line, EndCol: pos.Col + len(part)}
}

func (p placer) must(part string) model.Evidence {
	return model.Evidence{At: []source.Pos{p.pos(part)}, Certainty: model.Must, Origin: model.FromScript}
}

func (p placer) once(part string) model.Evidence {
	e := p.must(part)
	e.Once = true
	return e
}

// statements are the lines of the script that are commands, with outcomes by
// the words they hold.
func (p placer) statements(outcomes map[string]string) []model.Statement {
	var out []model.Statement
	for i, l := range strings.Split(p.text, "\n") {
		text := strings.TrimSpace(l)
		if text == "" || strings.HasPrefix(text, "#") || text == "fi" || text == "}" || text == "done" || strings.HasPrefix(text, "if ") || strings.HasSuffix(text, "() {") || strings.HasPrefix(text, "for ") {
			continue
		}
		s := model.Statement{Text: text, Outcome: "effect"}
		for word, outcome := range outcomes {
			if strings.HasPrefix(text, word) {
				s.Outcome = outcome
			}
		}
		if s.Outcome == "opaque" {
			s.Detail = "command is not modelled"
		}
		s.At = source.Span{Pos: source.Pos{File: p.path, Line: i + 1, Col: strings.Index(l, text) + 1}, EndLine: i + 1, EndCol: len(l) + 1}
		out = append(out, s)
	}
	return out
}

func cover(d *model.Deployment) {
	d.Coverage = model.Coverage{Statements: len(d.Statements)}
	for _, s := range d.Statements {
		if s.Outcome == "opaque" {
			d.Coverage.Opaque++
		} else {
			d.Coverage.Understood++
		}
	}
}

func ptr[T any](v T) *T { return &v }

// crash is shaped like a large crash collector: tarball, accounts, init
// script, copied configuration, migration, cron, web server.
func crash() sample {
	p := placer{"scripts/deploy.sh", file("crash/deploy.sh")}
	d := &model.Deployment{
		Version: 1, Tool: "nativize 0.1.0", Class: model.Server, ClassReason: "unpacks code below /data and installs an init script",
		ClassAt: []source.Pos{p.pos("tar -C /data")}, Strategy: []string{"tarball"}, CodeDir: "/data/collector",
		App:        model.App{Name: "collector", Version: "2014.1", Summary: "collects and processes crash reports", License: "MPL-2.0", Language: "python", Arch: "all"},
		Source:     model.Source{Kind: "git", Commit: "40322eb31aa0e0f1d2c3b4a5968778695a4b3c2d", Branch: "main", Remote: "https://git.example.org/crash/collector.git"},
		Candidates: []model.Candidate{{Path: "scripts/deploy.sh", Class: model.Server, Score: 90, Reason: "is called deploy.sh and unpacks a release", Chosen: true}},
		Scripts:    []model.Script{{Path: "scripts/deploy.sh", Role: "entry", Language: "bash"}},
	}
	no := func(e model.Evidence) model.Evidence { return e }
	d.Facts = model.Facts{
		Users:  []model.User{{Name: "collector", Home: "/home/collector", Shell: "/sbin/nologin", System: ptr(true), Evidence: p.once("useradd")}},
		Groups: []model.Group{{Name: "collector", Evidence: p.once("useradd")}},
		Directories: []model.Directory{
			{Path: "/data/collector", Role: model.RoleCode, Evidence: p.must("tar -C /data")},
			{Path: "/etc/collector", Role: model.RoleConfig, Evidence: p.must("mkdir -p /etc/collector")},
			{Path: "/home/collector/primaryStorage", Owner: "apache", Group: "collector", Mode: "2775", Role: model.RoleData, Evidence: p.must("mkdir -p /home")},
			{Path: "/var/log/collector", Owner: "collector", Group: "collector", Role: model.RoleLog, Evidence: p.must("mkdir -p /var/log")},
		},
		ConfigFiles: []model.ConfigFile{
			{Path: "/data/collector/application/config/common.ini", From: "config/common.ini-dist", How: model.HowCopy, InCodeDir: true, Evidence: p.must("cp /etc/collector/*.ini")},
			{Path: "/data/collector/webapp/settings/local.py", From: "webapp/settings/local.py-dist", How: model.HowSedEdit, InCodeDir: true, Secret: true, Evidence: p.must("sed -i")},
			{Path: "/etc/collector/common.ini", From: "config/common.ini-dist", How: model.HowCopyIfAbsent, Evidence: p.once(`cp "/data/collector/config/$f`)},
			{Path: "/etc/collector/monitor.ini", From: "config/monitor.ini-dist", How: model.HowCopyIfAbsent, Evidence: p.once(`cp "/data/collector/config/$f`)},
			{Path: "/etc/collector/processor.ini", From: "config/processor.ini-dist", How: model.HowCopyIfAbsent, Evidence: p.once(`cp "/data/collector/config/$f`)},
			{Path: "/etc/httpd/conf.d/collector.conf", From: "config/web.conf", How: model.HowCopy, Evidence: p.must("cp /data/collector/config/web.conf")},
		},
		Files: []model.File{
			{Path: "/etc/cron.d/collector", Role: model.RoleOther, Evidence: p.must("*/5 * * * *")},
			{Path: "/etc/init.d/collector-processor", From: "scripts/init.d/collector-processor", Evidence: p.must("cp /data/collector/scripts/init.d")},
		},
		Symlinks: []model.Symlink{{Path: "/usr/local/bin/collectorctl", Target: "/data/collector/bin/collectorctl", Evidence: p.must("ln -fs")}},
		Services: []model.Service{
			{Name: "collector-processor", Manager: "sysv", UnitFrom: "scripts/init.d/collector-processor", UnitPath: "/etc/init.d/collector-processor", Actions: []string{"enable", "restart"}, Own: true, Evidence: no(p.must("chkconfig --add"))},
			{Name: "httpd", Manager: "sysv", Actions: []string{"restart"}, Evidence: p.must("/etc/init.d/httpd restart")},
		},
		Units:      []model.Unit{{Name: "collector-processor", Kind: "sysv", From: "scripts/init.d/collector-processor", Exec: "/data/collector/bin/processor", User: "collector", Dir: "/data/collector", Evidence: p.must("cp /data/collector/scripts/init.d")}},
		Sites:      []model.Site{{Server: "apache", From: "config/web.conf", Path: "/etc/httpd/conf.d/collector.conf", Roots: []string{"/data/collector/webapp"}, Evidence: p.must("cp /data/collector/config/web.conf")}},
		Downloads:  []model.Download{{URL: "${1}", Verified: false, To: "collector-new.tar.gz", Evidence: p.must("wget")}},
		Cron:       []model.Cron{{Command: "/data/collector/scripts/cron.sh", Schedule: "*/5 * * * *", User: "collector", Path: "/etc/cron.d/collector", Evidence: p.must("*/5")}},
		Migrations: []model.Migration{{Command: "python manage.py migrate", As: "root", Dir: "/data/collector", Evidence: p.must("python manage.py migrate")}},
		Backups:    []model.Backup{{Command: "cp -a /data/collector /data/collector.${DATE}", Evidence: p.must("cp -a")}},
		Secrets:    []model.Secret{{Rule: "assignment of a password", Evidence: p.must("export DATABASE_PASSWORD")}},
		Required:   []model.Account{{Name: "apache", Kind: "user", Evidence: p.must("chown apache")}},
	}
	d.Statements = p.statements(map[string]string{"echo": "message", "exit": "error handling", "error": "error handling", "URL=": "pure", "CURDATE": "pure", "id ": "pure", "wget": "mechanics", "sha1sum": "mechanics", "consul-template": "opaque"})
	cover(d)
	d.Findings = []diag.Diagnostic{
		{Rule: "secret-in-script", Severity: diag.Error, Confidence: diag.High, Message: "DATABASE_PASSWORD is written into the script: whoever reads the repository has it", At: []source.Span{p.span("DATABASE_PASSWORD=aPassword42")}, Help: "Read it from a file of mode 0640 on the server.", Fingerprint: "f1"},
		{Rule: "config-overwritten-on-deploy", Severity: diag.Error, Confidence: diag.High, Message: "edits of /etc/httpd/conf.d/collector.conf are lost on each deployment", At: []source.Span{p.span("cp /data/collector/config/web.conf /etc/httpd/conf.d/collector.conf")}, Related: []diag.Label{{At: p.span("/etc/init.d/httpd restart"), Text: "and take effect here"}}, Value: "/etc/httpd/conf.d/collector.conf", Help: "Copy it only when it is missing.", Fingerprint: "f2"},
		{Rule: "delete-before-new-copy-ready", Severity: diag.Warning, Confidence: diag.High, Message: "the running code is removed before the archive is known to unpack", At: []source.Span{p.span("rm -rf /data/collector")}, Help: "Unpack beside it and switch with a link.", Fingerprint: "f3"},
		{Rule: "config-in-code-dir", Severity: diag.Warning, Confidence: diag.High, Message: "2 configuration files live in /data/collector and go with the old code", At: []source.Span{p.span("cp /etc/collector/*.ini"), p.span("sed -i")}, Fingerprint: "f4"},
		{Rule: "no-rollback", Severity: diag.Note, Confidence: diag.Medium, Message: "nothing puts the backup back when a later step fails", At: []source.Span{p.span("cp -a")}, Fingerprint: "f5"},
	}
	d.Requirements = []model.Requirement{
		{Kind: "argument", Text: "the address of a release archive", Evidence: p.must(`if [ "$#"`)},
		{Kind: "distribution", Text: "CentOS or RHEL: /etc/redhat-release must exist", Evidence: p.must("if [ ! -f /etc/redhat-release")},
	}
	d.Unknowns = []model.Unknown{{ID: "database-host", Text: "which database the migration changes", At: []source.Pos{p.pos("python manage.py migrate")}}}
	return sample{d, crashPackage(p), map[string]string{p.path: p.text}}
}

func crashPackage(p placer) *plan.Package {
	at := func(s string) []source.Pos { return []source.Pos{p.pos(s)} }
	entry := func(path string, t plan.EntryType, conf bool, why string) plan.Entry {
		return plan.Entry{Path: path, Type: t, Conffile: conf, Origin: plan.Repo, Src: strings.TrimPrefix(path, "/"), Why: why, At: at("tar -C /data")}
	}
	pkg := &plan.Package{
		Name: "collector", Version: "2014.1", Release: "1", CodeDir: "/usr/lib/collector", OldDir: "/data/collector",
		Payload: []plan.Entry{
			entry("/etc/collector", plan.Dir_, false, ""),
			entry("/etc/collector/common.ini", plan.File, true, "an administrator edits it"),
			entry("/etc/collector/local.py", plan.File, true, "an administrator edits it"),
			entry("/etc/collector/monitor.ini", plan.File, true, "an administrator edits it"),
			entry("/etc/collector/processor.ini", plan.File, true, "an administrator edits it"),
			entry("/etc/cron.d/collector", plan.File, true, "periodic job"),
			entry("/usr/bin/collectorctl", plan.Symlink, false, "on everybody's path"),
			entry("/usr/lib/collector", plan.Tree, false, "code"),
			entry("/usr/lib/collector/webapp/settings/local.py", plan.Symlink, false, "the program reads it here"),
			entry("/usr/lib/systemd/system/collector-processor.service", plan.File, false, "unit"),
		},
		Dirs: []plan.Dir{
			{Path: "/var/lib/collector/primaryStorage", Owner: "collector", Group: "collector", Mode: 0o2775, Kind: plan.State, At: at("mkdir -p /home")},
			{Path: "/var/log/collector", Owner: "collector", Group: "collector", Mode: 0o750, Kind: plan.Log, At: at("mkdir -p /var/log")},
		},
		Units: []plan.Unit{{Name: "collector-processor.service", Enable: true, Restart: "restart", User: "collector", At: at("chkconfig --add")}},
		TakeOver: plan.TakeOver{
			Adopt: []plan.Adopt{{From: []string{"/data/collector/webapp/settings/local.py"}, To: "/etc/collector/local.py", At: at("sed -i")}},
			Aside: []plan.Aside{{Path: "/etc/init.d/collector-processor", Why: "shadows the unit", At: at("cp /data/collector/scripts/init.d")}},
			State: []plan.Move{{From: "/home/collector/primaryStorage", To: "/var/lib/collector/primaryStorage", At: at("mkdir -p /home")}},
		},
		Manual: []plan.Note{{Text: "Run the migration after the upgrade.", Cmd: "collectorctl migrate", At: at("python manage.py migrate")}},
	}
	fate := func(part string, p2 plan.Part, target, why string) {
		pkg.Fates = append(pkg.Fates, plan.Fate{At: p.span(part), Text: part, Part: p2, Target: target, Reason: why})
	}
	fate("useradd", plan.PartAccount, "collector", "sysusers.d")
	fate("tar -C /data", plan.PartPayload, "/usr/lib/collector", "")
	fate("wget", plan.PartManager, "", "the package manager downloads")
	fate("cp -a", plan.PartManager, "", "the old package stays installable")
	fate("chkconfig --add", plan.PartUnit, "collector-processor.service", "made from the init script")
	fate("python manage.py migrate", plan.PartManual, "collectorctl migrate", "data is changed by choice only")
	fate("mkdir -p /var/log", plan.PartDirectory, "/var/log/collector", "LogsDirectory=")
	fate("consul-template", plan.PartUnplaced, "", "not understood")
	return pkg
}

// shop is a Python application that a server pulls by git.
func shop() sample {
	p := placer{"update.sh", file("python/update.sh")}
	d := &model.Deployment{
		Version: 1, Tool: "nativize 0.1.0", Class: model.Server, ClassReason: "pulls into /srv/shop and restarts a service", ClassAt: []source.Pos{p.pos("git pull")},
		Strategy: []string{"git-pull", "build-on-server"}, CodeDir: "/srv/shop", App: model.App{Name: "shop", Language: "python"},
		Source: model.Source{Kind: "git", Commit: strings.Repeat("ab", 20), Branch: "master"}, Scripts: []model.Script{{Path: "update.sh", Role: "entry", Language: "sh"}},
	}
	d.Facts = model.Facts{
		Directories: []model.Directory{
			{Path: "/srv/shop", Role: model.RoleCode, Evidence: p.must("cd /srv/shop")},
			{Path: "/srv/shop/uploads", Mode: "0777", Role: model.RoleData, Evidence: p.must("mkdir -p /srv/shop/uploads")},
		},
		ConfigFiles: []model.ConfigFile{{Path: "/srv/shop/.env", From: "config/production.env", How: model.HowCopy, InCodeDir: true, Secret: true, Evidence: p.must("cp config/production.env")}},
		Services:    []model.Service{{Name: "shop", Manager: "systemd", Actions: []string{"restart"}, Own: false, Evidence: p.must("sudo systemctl restart")}},
		Units: []model.Unit{{Name: "shop", Kind: "systemd", From: "deploy/shop.service", Exec: "/srv/shop/venv/bin/gunicorn shop.wsgi", User: "www-data", Dir: "/srv/shop",
			Environment: []model.KeyValue{{Key: "SECRET_KEY", Value: "hunter2hunter2"}, {Key: "PORT", Value: "8000"}},
			Evidence:    model.Evidence{At: []source.Pos{{File: "deploy/shop.service", Line: 5, Col: 1}}, Certainty: model.May, Origin: model.FromCompanion}}},
		Languages:  []model.LangDep{{Tool: "pip", What: "-r requirements.txt", Environment: "/srv/shop/venv", Dir: "/srv/shop", Evidence: p.must("pip install")}},
		Downloads:  []model.Download{{URL: "https://get.example.org/agent.sh", Evidence: p.must("curl")}},
		Migrations: []model.Migration{{Command: "python manage.py migrate --noinput", Dir: "/srv/shop", Evidence: p.must("python manage.py migrate")}},
		Required:   []model.Account{{Name: "www-data", Kind: "user", Evidence: model.Evidence{At: []source.Pos{{File: "deploy/shop.service", Line: 4, Col: 1}}, Origin: model.FromCompanion}}},
	}
	d.Statements = p.statements(map[string]string{"curl": "opaque", "git ": "mechanics", ". venv": "pure"})
	cover(d)
	d.Findings = []diag.Diagnostic{
		{Rule: "git-clean-eats-config", Severity: diag.Error, Confidence: diag.High, Message: "git clean removes /srv/shop/.env and /srv/shop/uploads on each deployment", At: []source.Span{p.span("git clean -fdx")}, Help: "Keep both outside the checkout.", Fingerprint: "g1"},
		{Rule: "curl-pipe-shell", Severity: diag.Error, Confidence: diag.High, Message: "whatever get.example.org answers runs as the deploying account", At: []source.Span{p.span("curl -fsS")}, Fingerprint: "g2"},
		{Rule: "world-writable", Severity: diag.Warning, Confidence: diag.High, Message: "anyone on the machine may write to /srv/shop/uploads", At: []source.Span{p.span("chmod 777")}, Fingerprint: "g3"},
		{Rule: "unpinned-ref", Severity: diag.Note, Confidence: diag.Medium, Message: "the server follows master, wherever it is", At: []source.Span{p.span("git pull")}, Fingerprint: "g4"},
	}
	return sample{d, nil, map[string]string{p.path: p.text, "deploy/shop.service": "[Unit]\n\n[Service]\nUser=www-data\nExecStart=/srv/shop/venv/bin/gunicorn shop.wsgi\nEnvironment=SECRET_KEY=hunter2hunter2\n"}}
}

// board is a Node application that a laptop sends by rsync and ssh.
func board() sample {
	p := placer{"deploy.sh", file("node/deploy.sh")}
	d := &model.Deployment{
		Version: 1, Tool: "nativize 0.1.0", Class: model.RemoteOrchestration, ClassReason: "sends a build by rsync and acts over ssh", ClassAt: []source.Pos{p.pos("rsync")},
		Strategy: []string{"rsync", "scp"}, Remote: true, CodeDir: "/opt/board", App: model.App{Name: "board", Version: "3.2.0", Language: "javascript", License: "MIT"},
		Source: model.Source{Kind: "dir"}, Scripts: []model.Script{{Path: "deploy.sh", Role: "entry", Language: "bash"}},
	}
	on := func(part string) model.Evidence { e := p.must(part); e.Machine = "deploy@${DEPLOY_HOST}"; return e }
	d.Facts = model.Facts{
		Directories: []model.Directory{{Path: "/opt/board", Owner: "deploy", Role: model.RoleCode, Evidence: on("rsync")}},
		ConfigFiles: []model.ConfigFile{{Path: "/etc/nginx/sites-available/board", From: "config/nginx.conf", How: model.HowCopy, Evidence: on("scp")}},
		Services:    []model.Service{{Name: "board", Manager: "pm2", UnitFrom: "ecosystem.config.js", Actions: []string{"reload"}, Own: true, Evidence: on("ssh ")}},
		Units:       []model.Unit{{Name: "board", Kind: "pm2", From: "ecosystem.config.js", Exec: "node server.js", Dir: "/opt/board", Instances: 2, Evidence: model.Evidence{At: []source.Pos{{File: "ecosystem.config.js", Line: 3, Col: 5}}, Certainty: model.May, Origin: model.FromCompanion}}},
		Sites:       []model.Site{{Server: "nginx", From: "config/nginx.conf", Path: "/etc/nginx/sites-available/board", Upstream: []string{"127.0.0.1:3000"}, Evidence: on("scp")}},
		Languages: []model.LangDep{
			{Tool: "npm", What: "ci", Evidence: p.must("npm ci")},
			{Tool: "npm", What: "ci --omit=dev", Dir: "/opt/board", Evidence: on("ssh ")},
			{Tool: "npm", What: "run build", Evidence: p.must("npm run build")},
		},
		Remotes: []model.Remote{
			{Host: "${DEPLOY_HOST}", User: "deploy", Via: "rsync", Evidence: p.must("rsync")},
			{Host: "${DEPLOY_HOST}", User: "deploy", Via: "ssh", Evidence: p.must("ssh ")},
		},
		Required: []model.Account{{Name: "deploy", Kind: "user", Evidence: p.must("rsync")}},
	}
	d.Statements = p.statements(map[string]string{"set": "pure", "HOST": "pure"})
	cover(d)
	d.Findings = []diag.Diagnostic{{Rule: "build-on-server", Severity: diag.Warning, Confidence: diag.High, Message: "npm ci runs on the server at each deployment: it needs the registry, and a compiler", At: []source.Span{p.span("ssh ")}, Fingerprint: "h1"}}
	d.Requirements = []model.Requirement{{Kind: "environment", Text: "DEPLOY_HOST", Evidence: p.must("HOST=")}}
	return sample{d, nil, map[string]string{p.path: p.text}}
}

// huge has a script of 2,500 lines and 10,000 files.
func huge() sample {
	var b strings.Builder
	b.WriteString("#!/bin/bash\n")
	for i := 2; i <= 2500; i++ {
		fmt.Fprintf(&b, "install -m 0644 \"share/part%d/file%d.txt\" /opt/big/share/part%d/\n", i%40, i, i%40)
	}
	p := placer{"install.sh", b.String()}
	d := &model.Deployment{
		Version: 1, Tool: "nativize 0.1.0", Class: model.Server, ClassReason: "installs below /opt/big", Strategy: []string{"cp"}, CodeDir: "/opt/big",
		App: model.App{Name: "big"}, Source: model.Source{Kind: "dir"}, Scripts: []model.Script{{Path: "install.sh", Role: "entry", Language: "bash"}},
	}
	ev := func(n int) model.Evidence {
		return model.Evidence{At: []source.Pos{{File: p.path, Line: 2 + n%2499, Col: 1}}, Certainty: model.Must, Origin: model.FromScript}
	}
	for i := range 10000 {
		d.Facts.Files = append(d.Facts.Files, model.File{Path: fmt.Sprintf("/opt/big/share/part%d/file%d.txt", i%40, i), From: fmt.Sprintf("share/part%d/file%d.txt", i%40, i), Mode: "0644", Role: model.RoleCode, Evidence: ev(i)})
	}
	for i := range 300 {
		d.Findings = append(d.Findings, diag.Diagnostic{Rule: "no-error-handling", Severity: diag.Note, Confidence: diag.Low, Message: fmt.Sprintf("line %d goes on after a failure", i), At: []source.Span{{Pos: ev(i).At[0]}}, Fingerprint: fmt.Sprint(i)})
	}
	d.Statements = p.statements(nil)
	cover(d)
	return sample{d, nil, map[string]string{p.path: p.text}}
}

// evil tries to leave its place in every form.
const evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>'\"`|*_[x](javascript:alert(1)) @all #1 \x1b[31m\u202e\u0000\xff\n## h\n${{ x }}"

// hostile has evil in every name and value.
func hostile() sample {
	d := &model.Deployment{}
	fillStrings(d, evil)
	d.Class, d.Version = model.Server, 1
	d.Facts.Remotes[0].Via = "ssh"
	d.Statements[0].Outcome = "opaque"
	return sample{d, hostilePackage(), map[string]string{evil: strings.Repeat(evil+"\n", 5)}}
}

func hostilePackage() *plan.Package {
	at := []source.Pos{{File: evil, Line: 1, Col: 1}}
	return &plan.Package{
		Name: evil, Version: evil, CodeDir: "/" + evil, OldDir: "/" + evil,
		Payload: []plan.Entry{{Path: "/" + evil, Type: plan.File, Conffile: true, Src: evil, Owner: evil, Group: evil, At: at, Why: evil}},
		Dirs:    []plan.Dir{{Path: "/" + evil + "/d", Owner: evil, Kind: plan.State, At: at, Why: evil}},
		TakeOver: plan.TakeOver{
			Adopt: []plan.Adopt{{From: []string{evil}, To: evil, At: at}}, Aside: []plan.Aside{{Path: evil, Why: evil, At: at}}, State: []plan.Move{{From: evil, To: evil, At: at}},
		},
		Manual: []plan.Note{{Text: evil, Cmd: evil, At: at}},
		Fates:  []plan.Fate{{At: source.Span{Pos: at[0]}, Text: evil, Part: plan.Part(evil), Target: evil, Reason: evil}},
	}
}

func samples(t testing.TB) map[string]sample {
	t.Helper()
	return map[string]sample{"crash": crash(), "shop": shop(), "board": board(), "huge": huge(), "hostile": hostile(), "empty": {d: &model.Deployment{}}}
}
