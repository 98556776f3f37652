package lint

import (
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/shell"
)

var passwordOnCommandLine = &Rule{
	ID: "password-on-command-line", Group: Security, Severity: diag.Warning, Confidence: diag.High, Secret: true,
	Doc: Doc{
		Title:      "A password is given on a command line",
		Text:       "Every account of the machine reads other processes' command lines with ps, and audit logs keep them. Give it in a file or in the environment.",
		Bad:        "#!/bin/sh\nset -e\nmysql -u shop -p\"$DB_PASSWORD\" shop < schema.sql\n",
		Good:       "#!/bin/sh\nset -e\nmysql --defaults-extra-file=/etc/shop/mysql.cnf shop < schema.sql\n",
		Exceptions: "An empty password and options that name a file do not count.",
		Since:      "0.1",
		References: []string{"CWE-214: invocation of process using visible sensitive information", "MySQL manual, \"End-User Guidelines for Password Security\""},
	},
	Run: func(p *Pass) {
		p.Calls(func(t shell.Parsed, c *syntax.CallExpr, words []string) {
			i := passwordArg(words)
			if i < 0 {
				return
			}
			p.Report(Report{
				At: t.Span(c.Args[i]), Effect: words[0],
				Message: "the password for " + passwordProgram(words[:i]) + " stands on its command line: every account of the machine can read it with ps",
				Help:    "give it in a file that only the account can read, or in the environment",
			})
		})
	},
}

// passwordProgram is the program that takes the password.
func passwordProgram(words []string) string {
	for _, w := range words {
		if w != "sudo" && !strings.HasPrefix(w, "-") && !strings.Contains(w, "=") {
			return path.Base(w)
		}
	}
	return path.Base(words[0])
}

// passwordArg is the index of the word that holds a password, -1 for none.
func passwordArg(words []string) int {
	name := ""
	for i, w := range words {
		base := path.Base(w)
		if name == "" {
			switch base {
			case "mysql", "mysqladmin", "mysqldump", "mariadb", "mariadb-dump", "mariadb-admin", "sshpass", "psql", "curl", "wget", "htpasswd", "mongo", "mongosh", "redis-cli", "ldapsearch", "smbclient":
				name = base
			}
			continue
		}
		if passwordWord(name, words, i) {
			return i
		}
	}
	return -1
}

func passwordWord(name string, words []string, i int) bool {
	w := words[i]
	switch name {
	case "mysql", "mysqladmin", "mysqldump", "mariadb", "mariadb-dump", "mariadb-admin":
		v, ok := strings.CutPrefix(w, "--password=")
		return ok && v != "" || strings.HasPrefix(w, "-p") && len(w) > 2 && !strings.HasPrefix(w, "--") || identified.MatchString(w)
	case "sshpass":
		return strings.HasPrefix(w, "-p") && (len(w) > 2 || i+1 < len(words))
	case "psql":
		return strings.Contains(w, "://") && strings.Contains(w, "@") && strings.Count(w, ":") > 1 || identified.MatchString(w)
	case "curl":
		return (words[i-1] == "-u" || words[i-1] == "--user") && strings.Contains(w, ":") && !strings.HasSuffix(w, ":")
	case "wget":
		return strings.HasPrefix(w, "--password=") || strings.HasPrefix(w, "--http-password=")
	case "redis-cli":
		return words[i-1] == "-a"
	case "mongo", "mongosh":
		return words[i-1] == "-p" || words[i-1] == "--password"
	}
	return false
}

var identified = lazyregexp.New(`(?i)(identified (with \w+ )?by|with (encrypted )?password) *['"]?[^'"\s;]`)
