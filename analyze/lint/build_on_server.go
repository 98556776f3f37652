package lint

import (
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

var buildOnServer = &Rule{
	ID: "build-on-server", Group: Reliability, Severity: diag.Note, Confidence: diag.High,
	Doc: Doc{
		Title:      "Dependencies are fetched and built on the server",
		Text:       "The server needs compilers and a network, each server may get other versions, a registry that is down stops the deploy half-way, and the work takes the memory the service needs. Build once elsewhere and deploy what was built.",
		Bad:        "#!/bin/sh\nset -e\ncd /srv/shop\ngit pull --ff-only\nnpm ci\nnpm run build\nsystemctl restart shop\n",
		Good:       "#!/bin/sh\nset -e\napt-get update\napt-get install -y shop=1.2-1\n",
		Exceptions: "Builds on the machine that only sends the result do not count. One finding for each tool. A tool that npm or yarn installs for the whole machine (-g) is no dependency.",
		Since:      "0.1",
	},
	Run: func(p *Pass) {
		if !p.server() {
			return
		}
		seen := map[string]bool{}
		for _, e := range p.Effects(host.Language) {
			if !p.onTarget(e) || seen[e.Manager] || !builds(e) || p.Class == model.Other && len(p.codeDirs()) == 0 {
				continue
			}
			seen[e.Manager] = true
			p.Report(Report{At: e.At, Confidence: p.sure(e), Effect: e.Manager, Message: e.Manager + " fetches and builds on the server: each server may get another result, and a registry that is down stops the deploy",
				Help: "build in the pipeline, and deploy a package"})
		}
	},
}

// globalTool is a call of npm or yarn that installs a tool for the whole machine,
// not what the application depends on.
var globalTool = lazyregexp.New(`^(install|i|add) .*(-g|--global)\b|^(-g|--global|global) .*\b(install|i|add)\b|^(install|i|add) (-g|--global)\b|^global add`)

// builds tells whether a tool's call fetches or makes code.
func builds(e *host.Effect) bool {
	if globalTool.MatchString(e.What) {
		return false
	}
	switch e.Manager {
	case "virtualenv", "venv", "nvm", "rbenv", "pyenv", "dpkg-deb", "rpmbuild", "collectstatic":
		return false
	case "cargo":
		if w := strings.Fields(e.What); len(w) > 0 && (w[0] == "sqlx" || w[0] == "run") {
			return false
		}
	}
	for _, asks := range []string{"--version", "-v", "cache", "config", "list", "audit", "start", "serve", "run start", "channel-update"} {
		if e.What == asks || strings.HasPrefix(e.What, asks+" ") {
			return false
		}
	}
	return true
}
