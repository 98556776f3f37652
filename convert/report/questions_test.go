package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze"
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
