package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/model"
)

// recordVersion is the version of the form of a [Record].
const recordVersion = 1

// A Record is one repository of a fleet: one line of JSON.
type Record struct {
	Version  int      `json:"version"` // 1
	Repo     string   `json:"repo"`    // as it stands in the list
	Error    string   `json:"error,omitempty"`
	App      string   `json:"app"`
	Class    string   `json:"class"`
	Reason   string   `json:"class_reason"`
	Commit   string   `json:"commit,omitempty"`
	Entry    string   `json:"entry"` // the script that was chosen
	CodeDir  string   `json:"code_dir"`
	Strategy []string `json:"strategy"`
	Services []string `json:"services"` // the application's own

	Config       int `json:"config_files"`
	ConfigInCode int `json:"config_in_code_dir"`
	Facts        int `json:"facts"`

	Findings diag.Count     `json:"findings"`
	Rules    map[string]int `json:"rules"` // findings by rule

	Coverage  model.Coverage `json:"coverage"`
	Rung      string         `json:"rung"`
	Score     int            `json:"score"`
	Max       int            `json:"max"`
	Automatic int            `json:"automatic"`
	Choices   int            `json:"choices"`
	Hand      int            `json:"hand"`

	Risk int `json:"risk"` // 0 to 100, 100 the most
	Ease int `json:"ease"` // of conversion, 0 to 100, 100 the easiest; 0 when there is nothing to convert
}

// NewRecord condenses a deployment.
func NewRecord(repo string, d *model.Deployment) *Record {
	m := d.Maturity
	if m == nil {
		m = Assess(d)
	}
	r := &Record{
		Version: recordVersion, Repo: repo, App: d.App.Name, Class: string(d.Class), Reason: d.ClassReason,
		Commit: d.Source.Commit, Entry: entry(d), CodeDir: d.CodeDir, Strategy: slices.Clone(d.Strategy), Services: ownServices(d),
		Config: len(d.Facts.ConfigFiles), Facts: factCount(&d.Facts), Findings: diag.Counts(d.Findings), Rules: map[string]int{},
		Coverage: d.Coverage, Rung: m.Rung, Score: m.Score, Max: m.Max,
		Automatic: m.Effort.Automatic, Choices: m.Effort.Choices, Hand: m.Effort.Hand,
	}
	for _, c := range d.Facts.ConfigFiles {
		if c.InCodeDir {
			r.ConfigInCode++
		}
	}
	for i := range d.Findings {
		r.Rules[d.Findings[i].Rule]++
	}
	if d.Class.Packageable() {
		r.Risk, r.Ease = risk(d, r), ease(r)
	}
	r.fill()
	return r
}

// errorRecord stands for a repository that could not be audited.
func errorRecord(repo string, err error) *Record {
	r := &Record{Version: recordVersion, Repo: repo, Error: err.Error()}
	r.fill()
	return r
}

func (r *Record) fill() {
	if r.Strategy == nil {
		r.Strategy = []string{}
	}
	if r.Services == nil {
		r.Services = []string{}
	}
	if r.Rules == nil {
		r.Rules = map[string]int{}
	}
}

func entry(d *model.Deployment) string {
	for _, s := range d.Scripts {
		if s.Role == "entry" {
			return s.Path
		}
	}
	return ""
}

// risk weighs what a deployment can lose or let in: findings by severity, each
// counted less the more there are, credentials, configuration that a deployment
// may overwrite, and downloads that nothing checks.
func risk(d *model.Deployment, r *Record) int {
	open := 0
	for _, x := range d.Facts.Downloads {
		if !x.Verified {
			open++
		}
	}
	return capped(40, 8, r.Findings.Error) + capped(20, 2, r.Findings.Warning) +
		capped(15, 8, len(d.Facts.Secrets)) + capped(15, 5, r.ConfigInCode) + capped(10, 3, open)
}

// ease falls with each choice, each piece of hand work and with what was not
// understood.
func ease(r *Record) int {
	share := 0
	if r.Coverage.Statements > 0 {
		share = 30 * r.Coverage.Opaque / r.Coverage.Statements
	}
	return max(1, 100-capped(30, 2, r.Choices)-capped(40, 4, r.Hand)-share)
}

func capped(most, each, n int) int { return min(most, each*n) }

// WriteRecord writes r as one line.
func WriteRecord(w io.Writer, r *Record) error {
	data, err := marshal(r, "")
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

// maxRecord bounds one line.
const maxRecord = 4 << 20

// ReadRecords calls each for every record of r, in order. A last line without
// its newline, as an interrupted run leaves it, is not a record; size is the
// number of bytes before it, where a resumed run goes on writing. Any other
// line that is no record is an error with its number.
func ReadRecords(r io.Reader, each func(*Record) error) (size int64, err error) {
	buf := bufio.NewReaderSize(r, 64<<10)
	for n := 1; ; n++ {
		text, err := readLine(buf)
		if errors.Is(err, io.EOF) {
			return size, nil
		}
		if err != nil {
			return size, fmt.Errorf("record %d: %w", n, err)
		}
		size += int64(len(text))
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		rec := &Record{}
		if err := json.Unmarshal(text, rec); err != nil {
			return size, fmt.Errorf("record %d: %w", n, err)
		}
		if rec.Version != recordVersion || rec.Repo == "" {
			return size, fmt.Errorf("record %d: not a fleet record of version %d", n, recordVersion)
		}
		rec.fill()
		if err := each(rec); err != nil {
			return size, err
		}
	}
}

// readLine returns a line with its newline; what has none is io.EOF.
func readLine(buf *bufio.Reader) ([]byte, error) {
	var out []byte
	for {
		part, err := buf.ReadSlice('\n')
		out = append(out, part...)
		switch {
		case err == nil:
			return out, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(out) > maxRecord:
			return nil, errors.New("line is too long")
		}
	}
}

// Merge joins the records of several shards: one a repository, sorted by name.
// Where a repository occurs twice, a record without an error wins, then the
// later one.
func Merge(shards ...[]*Record) []*Record {
	best := map[string]*Record{}
	for _, shard := range shards {
		for _, r := range shard {
			if old := best[r.Repo]; old == nil || r.Error == "" || old.Error != "" {
				best[r.Repo] = r
			}
		}
	}
	out := make([]*Record, 0, len(best))
	for _, r := range best {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *Record) int { return strings.Compare(a.Repo, b.Repo) })
	return out
}
