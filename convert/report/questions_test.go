package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/lint"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/report"
)

// What a person asks of real deployments, with the answers that a reading of
// their scripts and a recorded run of them give. The report alone must have
// each of them below its question.
var questions = []struct {
	tree, script, question string
	answer                 []string
}{
	{"2ro__floonet-rs", "deploy/install.sh", "Which account runs it?", []string{"an account that systemd makes"}},
	{"2ro__floonet-rs", "deploy/install.sh", "What must be backed up?", []string{"/etc/floonet-rs/config.toml"}},
	{"2ro__floonet-rs", "deploy/install.sh", "What is lost or breaks on the next run?", []string{"/etc/systemd/system/floonet-rs.service"}},
	{"2ro__floonet-rs", "deploy/install.sh", "What must be there first?", []string{"root"}},
	{"Aditeya007__test", "deployment/deploy.sh", "Which account runs it?", []string{"www-data"}},
	{"Aditeya007__test", "deployment/deploy.sh", "What must be there first?", []string{".env"}},
	{"Aditeya007__test", "deployment/deploy.sh", "What is lost or breaks on the next run?", []string{"rag-bot.service"}},
	{"wiedehopf__tar1090", "install.sh", "Which account runs it?", []string{"tar1090 runs as tar1090"}},
	{"wiedehopf__tar1090", "install.sh", "What must be backed up?", []string{"/etc/default/tar1090"}},
	{"wiedehopf__tar1090", "install.sh", "What is lost or breaks on the next run?", []string{"nginx-tar1090.conf"}},
	{"0mdb__robot-buddy", "deploy/install.sh", "Which account runs it?", []string{"runs as pi"}},
	{"0mdb__robot-buddy", "deploy/install.sh", "What must be backed up?", []string{"/etc/robot-buddy/supervisor.env"}},
	{"0mdb__robot-buddy", "deploy/install.sh", "What is lost or breaks on the next run?", []string{"robot-buddy-supervisor.service"}},
	{"0mdb__robot-buddy", "deploy/install.sh", "What must be decided before packaging?", []string{"https://astral.sh/uv/install.sh"}},
	{"mozilla-services__socorro@8057863fe-parent", "scripts/deploy.sh", "Which account runs it?", []string{"socorro-processor runs as socorro", "apache"}},
	{"mozilla-services__socorro@8057863fe-parent", "scripts/deploy.sh", "What must be backed up?", []string{"/etc/socorro", "/home/socorro/primaryCrashStore", "/etc/httpd/conf.d/socorro.conf"}},
	{"mozilla-services__socorro@8057863fe-parent", "scripts/deploy.sh", "What is lost or breaks on the next run?", []string{"/etc/socorro/processor.ini-dist", "/etc/socorro/socorrorc"}},
	{"mozilla-services__socorro@8057863fe-parent", "scripts/deploy.sh", "What must be there first?", []string{"argument", "distribution"}},
	{"mozilla-services__socorro@8057863fe-parent", "scripts/deploy.sh", "What must be decided before packaging?", []string{"setupdb_app.py", "alembic", "syncdb"}},
}

// The same of the bundled samples, whose script is the one that is found.
var sampleQuestions = []struct {
	sample, question string
	answer           []string
}{
	{"crashhub", "Which account runs it?", []string{"crashhub-processor runs as crashhub", "crashhub is created, home /home/crashhub", "apache"}},
	{"crashhub", "What must be backed up?", []string{"/etc/crashhub/collector.ini", "/data/crashhub/application/config/collector.ini: configuration, in the code", "/home/crashhub/incoming", "migrate_app.py"}},
	{"crashhub", "What is lost or breaks on the next run?", []string{"/etc/crashhub/crashhubrc", "/data/crashhub/application/config/collector.ini", "/etc/init.d/crashhub-mover"}},
	{"crashhub", "What must be there first?", []string{"distribution: /etc/redhat-release", "the number of arguments is 1"}},
	{"crashhub", "What must be decided before packaging?", []string{"setupdb_app.py", "syncdb", "pinned checksum"}},
	{"guestbook", "Which account runs it?", []string{"guestbook runs as guestbook"}},
	{"guestbook", "What must be backed up?", []string{"/srv/guestbook/.env: configuration, in the code directory, holds a", "/srv/guestbook/uploads: data", "manage.py migrate"}},
	{"guestbook", "What is lost or breaks on the next run?", []string{"/etc/nginx/sites-available/guestbook", "/srv/guestbook/uploads", ".env"}},
	{"guestbook", "What must be there first?", []string{"nginx", "python3-venv"}},
	{"guestbook", "What must be decided before packaging?", []string{"/srv/guestbook/.env", "manage.py migrate"}},
	{"metricd", "Which account runs it?", []string{"metricd runs as metricd", "home /var/lib/metricd"}},
	{"metricd", "What must be backed up?", []string{"/etc/metricd/metricd.conf", "/var/lib/metricd: data", "/var/spool/metricd: data"}},
	{"metricd", "What is lost or breaks on the next run?", []string{"/etc/logrotate.d/metricd", "/etc/systemd/system/metricd.service"}},
	{"metricd", "What must be there first?", []string{"root", "python3"}},
	{"metricd", "What must be decided before packaging?", []string{"Nothing"}},
	{"shopfront", "Which account runs it?", []string{"shopfront-mailer runs as", "deploy (user) is used and must exist"}},
	{"shopfront", "What must be backed up?", []string{"/srv/shopfront/data/orders: data", "/etc/nginx/conf.d/shopfront.conf", "src/migrate.js"}},
	{"shopfront", "What is lost or breaks on the next run?", []string{"/etc/nginx/conf.d/shopfront.conf", ".env"}},
	{"shopfront", "What must be decided before packaging?", []string{"src/migrate.js"}},
}

func TestSampleQuestions(t *testing.T) {
	texts := map[string]string{}
	for _, q := range sampleQuestions {
		if texts[q.sample] == "" {
			texts[q.sample] = audit(t, filepath.Join("../../testdata/repos", q.sample), "")
		}
		got := below(texts[q.sample], q.question)
		for _, want := range q.answer {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s\nthe answer lacks %q:\n%s", q.sample, q.question, want, got)
			}
		}
	}
}

func TestQuestions(t *testing.T) {
	trees := os.Getenv("NATIVIZE_TREES")
	if trees == "" {
		t.Skip("NATIVIZE_TREES does not name the directory of the labelled repositories")
	}
	texts := map[string]string{}
	for _, q := range questions {
		if texts[q.tree] == "" {
			texts[q.tree] = audit(t, filepath.Join(trees, q.tree), q.script)
		}
		got := below(texts[q.tree], q.question)
		for _, want := range q.answer {
			if !strings.Contains(got, want) {
				t.Errorf("%s: %s\nthe answer lacks %q:\n%s", q.tree, q.question, want, got)
			}
		}
	}
}

func audit(t *testing.T, tree, script string) string {
	t.Helper()
	repo, err := source.Open(t.Context(), tree, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	a, err := analyze.Run(t.Context(), repo, analyze.Options{Script: script, Tool: "nativize"})
	if err != nil {
		t.Fatal(err)
	}
	found, err := lint.Check(t.Context(), a, lint.All)
	if err != nil {
		t.Fatal(err)
	}
	a.Findings = lint.Diagnostics(found)
	var b bytes.Buffer
	if err := report.Write(&b, "text", a.Deployment, report.Options{Width: 200, Verbose: true}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// below returns the lines between a question and the next empty line.
func below(text, question string) string {
	_, after, _ := strings.Cut(text, question+"\n")
	answer, _, _ := strings.Cut(after, "\n\n")
	return answer
}
