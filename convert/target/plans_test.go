package target

import (
	"testing"

	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
)

func at(line int) []source.Pos { return []source.Pos{{File: "deploy.sh", Line: line, Col: 1}} }

// minimal is a package of one program: nothing but files.
func minimal() *plan.Package {
	return &plan.Package{
		Name: "hello", Version: "1.0", Release: "1", Arch: "all", Summary: "program that greets",
		Maintainer: "Ada <ada@example.org>", License: "MIT", MTime: 1700000000,
		Payload: []plan.Entry{{Path: "/usr/bin/hello", Type: plan.File, Origin: plan.Repo, Src: "bin/hello", Mode: 0o755, At: at(3), Why: "installed"}},
	}
}

// inplace is a package in the directory of the old deployment, with links where
// that had directories.
func inplace() *plan.Package {
	p := minimal()
	p.Name, p.CodeDir, p.OldDir = "shop", "/opt/shop", "/opt/shop"
	p.Accounts = []plan.Account{{Name: "shop", IsUser: true, Home: "/var/lib/shop"}}
	p.Payload = []plan.Entry{
		{Path: "/etc/shop", Type: plan.Dir_},
		{Path: "/etc/shop/app.ini", Type: plan.File, Origin: plan.Repo, Src: "app.ini", Conffile: true},
		{Path: "/opt/shop", Type: plan.Dir_},
		{Path: "/opt/shop/config", Type: plan.Symlink, Src: "/etc/shop"},
		{Path: "/opt/shop/data", Type: plan.Symlink, Src: "/var/lib/shop"},
		{Path: "/opt/shop/local.ini", Type: plan.File, Origin: plan.Repo, Src: "local.ini", Conffile: true},
		{Path: "/opt/shop/run.sh", Type: plan.File, Origin: plan.Repo, Src: "run.sh", Mode: 0o755},
	}
	p.Units = []plan.Unit{{Name: "shop.service", Text: "units/shop.service", Enable: true, Restart: "reload", User: "shop"}}
	p.Texts = []plan.Text{{Path: "units/shop.service", Data: []byte("[Unit]\nDescription=Shop\n\n[Service]\nUser=shop\nExecStart=/opt/shop/run.sh\n\n[Install]\nWantedBy=multi-user.target\n")}}
	p.Dirs = []plan.Dir{{Path: "/var/lib/shop", Owner: "shop", Group: "shop", Mode: 0o750, Kind: plan.State, Purge: true}}
	p.TakeOver.Adopt = []plan.Adopt{{From: []string{"/opt/shop/config"}, To: "/etc/shop"}}
	p.TakeOver.State = []plan.Move{{From: "/opt/shop/data", To: "/var/lib/shop", Owner: "shop", Group: "shop"}}
	return p
}

// rich uses every part of a plan.
func rich() *plan.Package {
	return &plan.Package{
		Name: "shopd", Version: "2.1.0", Release: "1", Arch: "all",
		Summary: "shop daemon", Text: "It sells things for $5.\n\nAnd more.",
		Maintainer: "Ada <ada@example.org>", Vendor: "Example", Homepage: "https://example.org/shopd",
		License: "MIT", LicenseFile: "LICENSE", Section: "web", MTime: 1700000000,
		Changelog: []plan.Release{{Version: "2.1.0", Date: 1700000000, Author: "Ada <ada@example.org>", Changes: []string{"sell more", "fix: less"}}},
		CodeDir:   "/usr/share/shopd", OldDir: "/srv/shop",
		Payload: []plan.Entry{
			{Path: "/etc/cron.d/shopd", Type: plan.File, Origin: plan.Text_, Src: "etc/cron.d/shopd", Conffile: true, At: at(40), Why: "cron"},
			{Path: "/etc/logrotate.d/shopd", Type: plan.File, Origin: plan.Text_, Src: "etc/logrotate.d/shopd", Conffile: true},
			{Path: "/etc/nginx/sites-available/shopd", Type: plan.File, Origin: plan.Repo, Src: "deploy/nginx.conf", Conffile: true, Formats: []plan.Format{plan.Deb}},
			{Path: "/etc/shopd", Type: plan.Dir_, Mode: 0o755},
			{Path: "/etc/shopd/app.ini", Type: plan.File, Origin: plan.Repo, Src: "config/app.ini-dist", Mode: 0o640, Group: "shopd", Conffile: true, Secret: true, At: at(20), Why: "edited on the server"},
			{Path: "/etc/shopd/conf.d", Type: plan.Dir_, Mode: 0o755},
			{Path: "/etc/shopd/conf.d/10-a.ini", Type: plan.File, Origin: plan.Repo, Src: "config/conf.d/10-a.ini", Conffile: true},
			{Path: "/etc/shopd/env", Type: plan.File, Origin: plan.Text_, Src: "etc/shopd/env", Conffile: true, At: at(22), Why: "environment"},
			{Path: "/usr/share/shopd", Type: plan.Dir_, Mode: 0o755},
			{Path: "/usr/share/shopd/config", Type: plan.Symlink, Src: "/etc/shopd"},
			{Path: "/usr/share/shopd/main.sh", Type: plan.File, Origin: plan.Repo, Src: "lib/main.sh", Mode: 0o755, At: at(12), Why: "copied"},
			{Path: "/usr/share/shopd/public", Type: plan.Tree, Origin: plan.Staged, Src: "out"},
			{Path: "/usr/share/shopd/secret.tmpl", Type: plan.File, Origin: plan.Repo, Src: "config/secret.tmpl"},
			{Path: "/usr/share/shopd/spool drop", Type: plan.Dir_, Mode: 0o2770, Owner: "shopd", Group: "shopd", At: at(13), Why: "shared"},
		},
		Accounts: []plan.Account{
			{Name: "shopops", System: true, At: at(5)},
			{Name: "shopd", Groups: []string{"shopops"}, Home: "/var/lib/shopd", Text: "Shop: daemon", IsUser: true, System: true, At: at(6)},
		},
		Dirs: []plan.Dir{
			{Path: "/var/lib/shopd", Owner: "shopd", Group: "shopd", Mode: 0o750, Kind: plan.State, Unit: "shopd.service", Purge: true, At: at(8), Why: "state"},
			{Path: "/var/log/shopd", Owner: "shopd", Group: "shopd", Mode: 0o750, Kind: plan.Log, Unit: "shopd.service", Purge: true, At: at(9), Why: "logs"},
			{Path: "/var/spool/shop it's", Owner: "shopd", Group: "shopops", Mode: 0o2775, Kind: plan.Spool, Purge: true, At: at(10), Why: "drop box"},
			{Path: "/run/shopd", Owner: "shopd", Group: "shopd", Mode: 0o755, Kind: plan.Run, Unit: "shopd.service"},
		},
		Units: []plan.Unit{
			{Name: "shopd.service", Text: "units/shopd.service", Enable: true, Restart: "restart", User: "shopd", OpenRC: "openrc/shopd", At: at(30), Why: "started by the script"},
			{Name: "shopd-clean.service", Text: "units/shopd-clean.service", Restart: "none", Timer: "shopd-clean.timer"},
			{Name: "shopd-clean.timer", Text: "units/shopd-clean.timer", Enable: true, Restart: "restart"},
		},
		Steps: []plan.Step{
			{Kind: plan.Generate, Moment: plan.Configure, Name: "secret", Path: "/etc/shopd/secret", Source: "/usr/share/shopd/secret.tmpl", Mode: 0o640, Group: "shopd",
				Values: map[string]string{"@SECRET@": "head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \\n'", "@HOST@": "uname -n"}, At: at(25), Why: "a secret of this machine"},
			{Kind: plan.Migrate, Moment: plan.Configure, Name: "migrate the database", User: "shopd", Dir: "/usr/share/shopd", Shell: "./main.sh migrate 'a b'\n./main.sh check", At: at(33), Why: "as the owner chose"},
			{Kind: plan.Reload, Moment: plan.Configure, Name: "rsyslog", At: at(34), Why: "reads its file"},
			{Kind: plan.Enable, Moment: plan.First, Name: "shopd", Server: "nginx", At: at(35), Why: "site"},
			{Kind: plan.Command, Moment: plan.Purge, Name: "forget", Shell: "rm -f /tmp/shopd.sock", Why: "left by the daemon"},
		},
		TakeOver: plan.TakeOver{
			Adopt: []plan.Adopt{
				{From: []string{"/srv/shop/config/app.ini", "/srv/shop/app.ini"}, To: "/etc/shopd/app.ini", At: at(20)},
				{From: []string{"/srv/shop/config/conf.d"}, To: "/etc/shopd/conf.d", At: at(21)},
			},
			Aside: []plan.Aside{{Path: "/etc/systemd/system/shopd.service", Why: "shadows the unit", At: at(30)}, {Path: "/etc/init.d/shop", Why: "old start script", At: at(31)}},
			State: []plan.Move{{From: "/srv/shop/data", To: "/var/lib/shopd", Owner: "shopd", Group: "shopd", At: at(8)}},
		},
		Depends: map[plan.Format][]string{plan.Deb: {"python3 (>= 3.9)"}, plan.RPM: {"python3 >= 3.9"}, plan.APK: {"python3>=3.9"}, plan.Arch: {"python>=3.9"}},
		Stage: []plan.Build{
			{Tool: "pip", Shell: "python3 -m venv \"$STAGE/usr/share/shopd/venv\"\n\"$STAGE/usr/share/shopd/venv/bin/pip\" install --no-index . || [ -e setup.py ] || exit 0", Output: []string{"/usr/share/shopd/venv"}, At: at(15), Why: "libraries of the interpreter"},
			{Tool: "make", Shell: "mkdir -p out && echo built > out/app.js", Output: []string{"out"}, At: at(16), Why: "browser code"},
		},
		Manual: []plan.Note{{Text: "Remove the old <b>crontab</b> of *shop*.", Cmd: "crontab -u shop -e\n# ``` not a fence", At: at(41)}},
		Fates: []plan.Fate{
			{At: source.Span{Pos: at(1)[0]}, Text: "set -e", Part: plan.PartNothing, Reason: "error handling"},
			{At: source.Span{Pos: at(6)[0]}, Text: "id shopd || useradd -r shopd | tee `x`", Part: plan.PartAccount, Target: "shopd", Reason: "created if absent"},
		},
		Unplaced: []plan.Fate{{At: source.Span{Pos: at(50)[0]}, Text: "frobnicate --all\n| <script>", Part: plan.PartUnplaced, Reason: "unknown command [x](http://example.org)"}},
		Texts: []plan.Text{
			{Path: "etc/cron.d/shopd", Data: []byte("17 3 * * * shopd [ -x /usr/share/shopd/main.sh ] && /usr/share/shopd/main.sh clean\n"), Lines: []plan.LineSource{{From: 1, To: 1, At: at(40), Why: "cron"}}},
			{Path: "etc/logrotate.d/shopd", Data: []byte("/var/log/shopd/*.log {\n    weekly\n}\n")},
			{Path: "etc/shopd/env", Data: []byte("PORT=8080\n")},
			{Path: "openrc/shopd", Data: []byte("#!/sbin/openrc-run\ncommand=/usr/share/shopd/main.sh\n"), Mode: 0o755},
			{Path: "units/shopd-clean.service", Data: []byte("[Unit]\nDescription=Clean\n\n[Service]\nType=oneshot\nExecStart=/bin/true\n")},
			{Path: "units/shopd-clean.timer", Data: []byte("[Unit]\nDescription=Clean daily\n\n[Timer]\nOnCalendar=daily\n\n[Install]\nWantedBy=timers.target\n")},
			{Path: "units/shopd.service", Data: []byte("[Unit]\nDescription=Shop\n\n[Service]\nUser=shopd\nExecStart=/usr/share/shopd/main.sh\nStateDirectory=shopd\nLogsDirectory=shopd\nRuntimeDirectory=shopd\n\n[Install]\nWantedBy=multi-user.target\n")},
		},
	}
}

const mit = "MIT License\n\nCopyright (c) 2020 Ada\n\nPermission is hereby granted\n"

// complete is p as convert hands it over.
func complete(t testing.TB, p *plan.Package) *plan.Package {
	t.Helper()
	var licence []byte
	if p.LicenseFile != "" {
		licence = []byte(mit)
	}
	if err := Complete(p, licence); err != nil {
		t.Fatal(err)
	}
	return p
}
