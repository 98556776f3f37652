package report

import (
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

const withheldText = "… (withheld: holds a credential)"

// masked stands in a command where its model, or the search for secrets, took a
// credential out already.
const masked = "***"

type line struct {
	file string
	n    int
}

// secretLines are the lines of the repository that hold a credential: those of
// the secrets found and of findings about them, whole statements included.
func secretLines(d *model.Deployment) map[line]bool {
	out := map[line]bool{}
	for _, s := range d.Facts.Secrets {
		for _, at := range s.At {
			out[line{at.File, at.Line}] = true
		}
	}
	for i := range d.Findings {
		if f := &d.Findings[i]; credentialRule(f.Rule) {
			for _, at := range f.At {
				out[line{at.File, at.Line}] = true
			}
		}
	}
	for _, s := range d.Statements {
		if touches(s.At, out) {
			for n := s.At.Line; n <= s.At.EndLine; n++ {
				out[line{s.At.File, n}] = true
			}
		}
	}
	return out
}

func credentialRule(id string) bool {
	return strings.Contains(id, "secret") || strings.Contains(id, "password") || strings.Contains(id, "private-key")
}

func touches(at source.Span, lines map[line]bool) bool {
	for n := at.Line; n <= max(at.Line, at.EndLine); n++ {
		if lines[line{at.File, n}] {
			return true
		}
	}
	return false
}

// redact takes credentials out of d, which is a copy of its own: commands of
// lines that hold one keep their first word only, settings that are named for
// one lose their value.
func redact(d *model.Deployment) {
	lines := secretLines(d)
	for i := range d.Statements {
		if s := &d.Statements[i]; touches(s.At, lines) {
			s.Text, s.Detail = firstWord(s.Text), ""
		} else {
			s.Text = hideAssignments(hideURLs(s.Text))
		}
	}
	for i := range d.Findings {
		if f := &d.Findings[i]; credentialRule(f.Rule) {
			f.Value = ""
		}
	}
	redactCommands(&d.Facts, lines)
	for i := range d.Facts.Units {
		redactUnit(&d.Facts.Units[i])
	}
}

func redactCommands(f *model.Facts, lines map[line]bool) {
	hide := func(s *string, e model.Evidence) {
		for _, at := range e.At {
			if lines[line{at.File, at.Line}] && *s != "" && !strings.Contains(*s, masked) {
				*s = firstWord(*s)
				return
			}
		}
		*s = hideURLs(*s)
	}
	for i := range f.Cron {
		hide(&f.Cron[i].Command, f.Cron[i].Evidence)
	}
	for i := range f.Migrations {
		hide(&f.Migrations[i].Command, f.Migrations[i].Evidence)
	}
	for i := range f.Backups {
		hide(&f.Backups[i].Command, f.Backups[i].Evidence)
	}
	for i := range f.Steps {
		hide(&f.Steps[i].Command, f.Steps[i].Evidence)
	}
	for i := range f.Units {
		hide(&f.Units[i].Exec, f.Units[i].Evidence)
	}
	for i := range f.Downloads {
		f.Downloads[i].URL = hideURLs(f.Downloads[i].URL)
	}
}

func redactUnit(u *model.Unit) {
	for i := range u.Environment {
		kv := &u.Environment[i]
		if credentialName.MatchString(kv.Key) && kv.Value != "" && !strings.HasPrefix(kv.Value, "${") {
			kv.Value = "(withheld)"
		} else {
			kv.Value = hideURLs(kv.Value)
		}
	}
}

var (
	credentialName = lazyregexp.New(`(?i)(pass(word|wd|phrase)?|secret|token|api_?key|private_?key|credential|dsn)`)
	userInfo       = lazyregexp.New(`://[^/@\s:]*:[^/@\s]*@`)
)

// hideURLs withholds the user information of URLs.
func hideURLs(s string) string { return userInfo.ReplaceAllString(s, "://(withheld)@") }

func firstWord(s string) string {
	word, _, found := strings.Cut(strings.TrimSpace(s), " ")
	if !found || strings.ContainsAny(word, "=:'\"") {
		return withheldText
	}
	return word + " " + withheldText
}
