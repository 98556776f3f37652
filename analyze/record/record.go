// Package record reads what deployment scripts really did in throwaway roots:
// the differences of the file tree, of accounts, services and installed packages
// after each run, and the state of the machine before the first. Tests hold
// against it what the engine predicts and what a package leaves.
package record

import (
	"encoding/json"
	"fmt"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"io/fs"
	"maps"
	"path"
	"slices"
)

// A Record is one script with its runs on one machine, in order: a deployment,
// a second one, and a third after configuration was edited.
type Record struct {
	Script string // path in the repository
	Tree   string // directory of the laid out repository
	Label  string
	Runs   []Run
	Start  Start
}

// A Run is one run of the script and how the machine differs after it.
type Run struct {
	Argv     []string
	Exit     int
	Effects  []Effect
	LeftOut  bool `json:"effects_left_out"` // files of large trees are not listed
	Accounts struct {
		Passwd, Group struct{ Added, Removed []string }
	}
	Services struct {
		Services map[string]Service
		Packages []string // installed by the script, names of the distribution
	}
}

// A Service is the state of a unit after a run.
type Service struct{ Active, Enabled bool }

// An Effect is one path that differs. Op is create, change or remove; Type is
// file, dir or link; Mode has four octal digits; From is the file of the
// repository that has the same bytes, "" none.
type Effect struct {
	Op, Path, Type, Owner, Group, Mode, Target, From string
	Changed                                          []string
}

// A Start is the machine before the first run. Owners gives each account the
// trees that are its own; Files maps paths to texts, Links to targets, Copies to
// files of the repository.
type Start struct {
	Repo      string
	Src       string
	OS        string
	User      string // that runs the script, "" root
	Users     []string
	Owners    map[string][]string
	Files     map[string]string
	Dirs      []string
	Links     map[string]string
	Copies    map[string]string
	Services  map[string]string
	Initd     []string
	Present   []string
	Checkouts []string
	Venvs     []string
}

// Read reads the records of a directory, sorted by name. A file that is no
// record is an error.
func Read(dir fs.FS) ([]*Record, error) {
	names, err := fs.Glob(dir, "*.json")
	if err != nil {
		return nil, err
	}
	var out []*Record
	for _, name := range names {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		r := &Record{}
		if err := json.Unmarshal(data, r); err != nil {
			return nil, fmt.Errorf("read the record %s: %w", name, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// Checkout is the directory that the repository lies in.
func (s *Start) Checkout() string {
	if s.Src != "" {
		return s.Src
	}
	return "/root/" + path.Base(s.Repo)
}

// An End is what the runs left that the start did not have.
type End struct {
	Paths    []Effect // sorted by path; of each the last that was seen
	Users    []string // lines of passwd(5)
	Members  map[string][]string
	Services map[string]Service
	Packages []string
}

// End adds up the first n runs: what they left together. A run that failed and
// those after it are left out.
func (r *Record) End(n int) *End {
	e := &End{Members: map[string][]string{}, Services: map[string]Service{}}
	paths := map[string]Effect{}
	for _, run := range r.Runs[:min(n, len(r.Runs))] {
		if run.Exit != 0 {
			break
		}
		for _, f := range run.Effects {
			if stage(&f) {
				continue
			}
			if f.Op == "remove" {
				delete(paths, f.Path)
				continue
			}
			if old, ok := paths[f.Path]; ok && f.Op == "change" {
				f.Op = old.Op
				f.Changed = append(f.Changed, old.Changed...)
			}
			paths[f.Path] = f
		}
		e.accounts(&run)
		maps.Copy(e.Services, run.Services.Services)
		e.Packages = append(e.Packages, run.Services.Packages...)
	}
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		e.Paths = append(e.Paths, paths[p])
	}
	slices.Sort(e.Packages)
	e.Packages = slices.Compact(e.Packages)
	return e
}

var accountFile = lazyregexp.New(`^/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?$`)

// stage tells of differences that are the recording's own: programs that became
// callable when their package was installed, which is recorded as a package,
// the mark of a new upstream commit, and the files of accounts, which are
// recorded as accounts.
func stage(f *Effect) bool {
	program := slices.Contains([]string{"/usr/bin", "/usr/sbin", "/usr/local/bin"}, path.Dir(f.Path))
	return f.Target == "/opt/realrun/stub" && program || path.Base(f.Path) == "realrun-release.txt" || accountFile.MatchString(f.Path)
}
