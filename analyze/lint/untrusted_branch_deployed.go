package lint

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

var untrustedBranch = &Rule{
	ID: "untrusted-branch-deployed", Group: Security, Severity: diag.Error, Confidence: diag.High, Repo: true,
	Doc: Doc{
		Title:      "A pipeline deploys what strangers propose",
		Text:       "A job that runs for pull requests with the secrets of the repository, or that takes the head of the request, gives everybody who can open one a shell on the server.",
		Bad:        "-- deploy.sh --\n#!/bin/sh\nset -e\nrsync -a ./ deploy@www.example.org:/srv/shop/\n-- .github/workflows/deploy.yml --\non: pull_request_target\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n        with:\n          ref: ${{ github.event.pull_request.head.sha }}\n      - run: ./deploy.sh\n        env:\n          KEY: ${{ secrets.DEPLOY_KEY }}\n",
		Good:       "-- deploy.sh --\n#!/bin/sh\nset -e\nrsync -a ./ deploy@www.example.org:/srv/shop/\n-- .github/workflows/deploy.yml --\non:\n  push:\n    tags: ['v*']\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: ./deploy.sh\n        env:\n          KEY: ${{ secrets.DEPLOY_KEY }}\n",
		Exceptions: "Jobs with a condition on the event or the branch do not count.",
		Since:      "0.1",
		References: []string{"GitHub documentation, \"Security hardening for GitHub Actions\""},
	},
	Run: func(p *Pass) {
		for _, f := range p.judged() {
			if dir := path.Dir(f.Path); dir == ".github/workflows" && (path.Ext(f.Path) == ".yml" || path.Ext(f.Path) == ".yaml") && f.IsRegular() {
				p.workflow(f.Path)
			}
		}
	},
}

var (
	targetEvent = lazyregexp.New(`(?m)^(on:.*|\s+-?\s*)\bpull_request_target\b`)
	headRef     = lazyregexp.New(`github\.event\.pull_request\.head\.(sha|ref)|github\.head_ref`)
	anyRequest  = lazyregexp.New(`(?m)^(on:.*|\s+-?\s*)\bpull_request\b`)
	deploys     = lazyregexp.New(`(?i)^\s*(-\s+)?(run|script):.*(deploy|rsync|ssh |scp )|^\s+[^#]*(ssh-action|rsync-deployments|/deploy)`)
	eventCheck  = lazyregexp.New(`(?m)^\s*(-\s+)?if:.*(github\.(event_name|ref|ref_name|head_ref|event\.)|startsWith)`)
)

// workflow looks at one workflow of GitHub.
func (p *Pass) workflow(name string) {
	text := string(p.Text(name))
	if loc := targetEvent.FindStringIndex(text); loc != nil && headRef.MatchString(text) {
		at := headRef.FindStringIndex(text)
		p.Report(Report{At: p.At(name, at[0], at[1]), Effect: name, Related: []diag.Label{{At: p.LineSpan(name, p.pos(name, loc[1]).Line), Text: "this event runs with the repository's secrets"}},
			Message: "the workflow runs the code of any pull request with the repository's secrets: who opens one has a shell on the server", Help: "deploy on a push to a protected branch or a tag"})
		return
	}
	if !anyRequest.MatchString(text) || eventCheck.MatchString(text) || !strings.Contains(text, "secrets.") {
		return
	}
	for n := 1; n <= strings.Count(text, "\n"); n++ {
		if deploys.MatchString(p.Line(name, n)) {
			p.Report(Report{At: p.LineSpan(name, n), Effect: name, Confidence: diag.Medium, Message: "the workflow deploys for pull requests too: unreviewed code reaches the server", Help: "add a condition: if: github.event_name == 'push'"})
			return
		}
	}
}
