package host

import (
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// An Op is a kind of effect.
type Op string

// The effects on files. Path is what changes; From is where bytes come from.
const (
	MakeDir  Op = "mkdir"
	Write    Op = "write"    // created or truncated, with Content
	Append   Op = "append"   // Content added at the end
	Edit     Op = "edit"     // changed in place: What says how
	CopyTo   Op = "copy"     // From -> Path
	MoveTo   Op = "move"     // From -> Path; From is gone
	Remove   Op = "remove"   // Recursive: with all below
	Symlink  Op = "symlink"  // Path -> Target
	Hardlink Op = "hardlink" // Path and From are the same file
	Chmod    Op = "chmod"
	Chown    Op = "chown"
	Touch    Op = "touch"
	Extract  Op = "extract"  // From unpacked below Path
	Fetch    Op = "fetch"    // URL saved as Path; Path is "" when it is only piped
	Clone    Op = "checkout" // a version control tool brings Path to a revision; Action says which verb
	Clean    Op = "clean"    // git clean: untracked files below Path go
	Sync     Op = "sync"     // rsync: From -> Path; Action "delete" when extra files go
	Backup   Op = "backup"   // From is saved as Path
	Mount    Op = "mount"
)

// The other effects. Name is their subject.
const (
	AddUser     Op = "add-user"
	ChangeUser  Op = "change-user"
	DelUser     Op = "del-user"
	AddGroup    Op = "add-group"
	DelGroup    Op = "del-group"
	AddMember   Op = "add-member" // Name joins Group
	SetPassword Op = "set-password"
	ServiceOp   Op = "service"  // Manager, Action on Name
	PackageOp   Op = "package"  // Manager, Action on Name
	Language    Op = "language" // a language's tool builds or installs: Manager is the tool, What its arguments, Env the virtual environment
	Cron        Op = "cron"     // What at Schedule as User, in Path
	Migrate     Op = "migrate"  // What against data
	StartOp     Op = "start"    // a program is started to stay: What is its command line
	Remote      Op = "remote"   // Name is reached by Manager (ssh, rsync ...)
	System      Op = "system"   // Kind of setting in Name, command in What
	RunCode     Op = "run-code" // code that is not in the repository is run: URL or Path
	Opaque      Op = "opaque"   // not understood: What is the command, Path each path it was given
)

// A Cond is a condition under which an effect happens.
type Cond struct {
	Text  string    // the test as written, one line
	Neg   bool      // it must be false
	Fresh value.Tri // whether the condition (with Neg taken in) holds on a fresh host
	At    source.Pos
	Subj  Key  // what is tested, when it is one thing
	Gone  bool // Subj is not there
	Rest  bool // the script has left early when it does not hold
}

// An Effect is one thing that a script does, or may do, to a machine. Names and
// paths are printed values: holes stand as ${NAME}.
type Effect struct {
	Op      Op
	Machine int32  // index into Host.Machines
	User    string // who does it; "" whoever runs the script
	Cwd     string

	Path      string
	Val       value.Value // Path as a value
	From      string      // source path on the machine
	Content   *Content    // what Path holds afterwards
	Kind      NodeKind
	Target    string // of a symlink
	Owner     string
	Group     string
	Mode      string
	Recursive bool
	Met       string // what was at Path before: "exists", "new", "" not known

	Name     string
	Manager  string
	Action   string
	What     string
	Env      string
	URL      string
	Verified bool // a download that is checked
	Schedule string
	Account  *UserEntry
	Args     []string
	Vars     []string // NAME=value: what the script adds to the environment of a program that it starts

	At      source.Span
	Via     []source.Pos // the calls that led there, outermost first
	When    []Cond
	Must    bool // on every successful run from a fresh host
	Alt     bool // on a path that a caller may choose instead of the default
	Run     int  // 1 on a fresh host, 2 on the host that resulted
	Failure bool // happens only when a command failed
}

// Key identifies what an effect does, apart from when: two runs' effects with
// the same place and key are the same step.
func (e *Effect) Key() string {
	return string(e.Op) + "\x00" + e.Path + "\x00" + e.Name + "\x00" + e.Manager + "\x00" + e.Action + "\x00" + e.What
}
