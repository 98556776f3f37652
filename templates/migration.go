package templates

import "strings"

// A Migration is MIGRATION.md.
type Migration struct {
	Name, Version string
	Staged        bool
	Manual        []MigrationNote
	Config        []MigrationConfig
	Generated     []MigrationGenerated
	Services      []MigrationService
	Weights       string // whose weights the exposures have
	Adopt         []MigrationAdopt
	State         []MigrationState
	Aside         []MigrationAside
	Links         []string // links of the payload in the old deployment's place
	StashDeb      string
	StashOther    string
	Rollback      string // commands
	Fates         []MigrationFate
	Unplaced      []MigrationFate
}

// TakesOver tells whether the first installation finds anything.
func (m Migration) TakesOver() bool { return len(m.Adopt)+len(m.State)+len(m.Aside) > 0 }

// A MigrationNote is something to do once; Cmd may have several lines.
type MigrationNote struct {
	Ref           Ref
	Text, Cmd, At string
}

// A MigrationConfig is a row of the table of configuration files.
type MigrationConfig struct {
	Ref                       Ref
	Path, Source, Owner, Mode string
	Secret                    bool
	Was                       []string
}

// A MigrationGenerated is a file made at install.
type MigrationGenerated struct {
	Ref          Ref
	Path, Source string
	Keys         []string
}

// A MigrationService is a row of the table of services. Exposure is "" when it
// hangs on more than the unit.
type MigrationService struct {
	Ref                   Ref
	Name, Start, Exposure string
	User                  string // "" root
}

// A MigrationAdopt is configuration that the first installation keeps.
type MigrationAdopt struct {
	Ref  Ref
	To   string
	From []string
}

// A MigrationState is data that is copied.
type MigrationState struct {
	Ref      Ref
	From, To string
}

// A MigrationAside is moved out of the way.
type MigrationAside struct {
	Ref       Ref
	Path, Why string
}

// A MigrationFate is a row of the account of all statements.
type MigrationFate struct {
	Ref                            Ref
	At, Text, Part, Target, Reason string
}

// Text writes the page.
func (m Migration) Text() (Text, error) { return fill("migration.md.tmpl", m) }

// fence writes lines as a fenced block: the fence is longer than any run of
// backticks in it, and control characters are gone.
func fence(s string) string {
	mark := "```"
	for strings.Contains(s, mark) {
		mark += "`"
	}
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	for i, l := range lines {
		indent := l[:len(l)-len(strings.TrimLeft(l, " "))]
		lines[i] = indent + Note(l)
	}
	return mark + "\n" + strings.Join(lines, "\n") + "\n" + mark
}
