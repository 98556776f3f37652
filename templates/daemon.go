package templates

import (
	"fmt"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// OpenRC is an init script for openrc-run(8).
type OpenRC struct {
	Ref         Ref
	Name        string
	Description string
	Command     []string // argument vector, the first absolute
	User, Group string
	Directory   string
	EnvFile     string // file in the form of EnvironmentFile, as DotEnv writes it
	Forking     bool   // the program goes to the background by itself
	PIDFile     string // "" /run/NAME.pid
	Log         string // file for output, "" none
	Need, After []string
	Dirs        []Dir // made before the start
}

// Args are the arguments: openrc-run evaluates them, so that each is quoted and
// the whole is quoted again.
func (o OpenRC) Args() (string, error) {
	var out []string
	for _, a := range o.Command[1:] {
		q, err := shell(a)
		if err != nil {
			return "", err
		}
		out = append(out, q)
	}
	return strings.Join(out, " "), nil
}

// Account is user:group for start-stop-daemon.
func (o OpenRC) Account() string {
	if o.Group == "" {
		return o.User
	}
	return o.User + ":" + o.Group
}

// Text writes the script.
func (o OpenRC) Text() (Text, error) {
	if len(o.Command) == 0 || !strings.HasPrefix(o.Command[0], "/") {
		return Text{}, fmt.Errorf("init script %q: command %q has no absolute path", o.Name, o.Command)
	}
	if o.PIDFile == "" {
		o.PIDFile = "/run/" + o.Name + ".pid"
	}
	return fill("openrc.sh.tmpl", o)
}

// Logrotate is a file of logrotate.d: logrotate(8).
type Logrotate struct {
	Ref          Ref
	Paths        []string // patterns
	User, Group  string   // "" root
	Every        string   // daily, weekly, monthly; "" weekly
	Keep         int      // 0 is 8
	CopyTruncate bool     // the program does not open its log anew
	PostRotate   string   // POSIX shell
}

// Text writes the file.
func (l Logrotate) Text() (Text, error) {
	if l.Every == "" {
		l.Every = "weekly"
	}
	if l.Keep == 0 {
		l.Keep = 8
	}
	return fill("logrotate.tmpl", l)
}

// Quoted are the patterns, quoted as logrotate reads them. It has no escape for
// the quote.
func (l Logrotate) Quoted() ([]string, error) {
	var out []string
	for _, p := range l.Paths {
		if err := printable(p); err != nil {
			return nil, err
		}
		if strings.ContainsAny(p, `"\`) {
			return nil, &ValueError{Value: p, Reason: "logrotate cannot quote it"}
		}
		if strings.ContainsAny(p, " '{}#") {
			p = `"` + p + `"`
		}
		out = append(out, p)
	}
	return out, nil
}

// CronD is a file of cron.d: crontab(5). Its name may hold no dot.
type CronD struct {
	Name string
	Path string   // PATH, "" the usual
	Env  []string // NAME=value
	Jobs []CronJob
}

// A CronJob is one line. It is silent when Guard, the program it calls, is
// gone: the file stays when the package is removed without a purge.
type CronJob struct {
	Ref      Ref
	Why      string
	Schedule string // five fields or @daily and the like
	User     string
	Command  string // POSIX shell, one line
	Guard    string // absolute path, "" none
}

var scheduleRE = lazyregexp.New(`^(@(reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)|[0-9A-Za-z*/,~-]+([ \t]+[0-9A-Za-z*/,~-]+){4})$`)

// Text writes the file.
func (c CronD) Text() (Text, error) {
	if c.Path == "" {
		c.Path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	}
	for _, j := range c.Jobs {
		if !scheduleRE.MatchString(j.Schedule) {
			return Text{}, &ValueError{Value: j.Schedule, Reason: "it is no schedule of cron"}
		}
	}
	return fill("crond.tmpl", c)
}

// Line is the command as cron reads it: an unescaped % would end it.
func (j CronJob) Line() (string, error) {
	if err := printable(j.Command); err != nil {
		return "", err
	}
	line := j.Command
	if j.Guard != "" {
		q, err := shell(j.Guard)
		if err != nil {
			return "", err
		}
		line = "[ -x " + q + " ] && " + line
	}
	return escapePercent(line), nil
}

// escapePercent puts a backslash before each % that has none.
func escapePercent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] == '%' && (i == 0 || s[i-1] != '\\') {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

var environment = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*=`)

// cronEnv writes NAME=value: cron takes quotes around a value away and knows no
// escape.
func cronEnv(s string) (string, error) {
	if err := printable(s); err != nil {
		return "", err
	}
	name := environment.FindString(s)
	value := s[len(name):]
	switch {
	case name == "":
		return "", &ValueError{Value: s, Reason: "it is no assignment"}
	case !strings.Contains(value, `"`):
		return name + `"` + value + `"`, nil
	case !strings.Contains(value, "'"):
		return name + "'" + value + "'", nil
	}
	return "", &ValueError{Value: s, Reason: "cron cannot quote a value with both quotes"}
}
