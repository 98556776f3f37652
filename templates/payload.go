package templates

// Sysusers are accounts in the form of sysusers.d(5).
type Sysusers struct {
	Name     string
	Accounts []Account // Shell "" is systemd's default, no login
}

// Text writes the file.
func (s Sysusers) Text() (Text, error) { return fill("sysusers.conf.tmpl", s) }

// Tmpfiles are directories in the form of tmpfiles.d(5).
type Tmpfiles struct {
	Name string
	Dirs []Dir
}

// Text writes the file.
func (t Tmpfiles) Text() (Text, error) { return fill("tmpfiles.conf.tmpl", t) }

// Preset says which units are enabled, in the form of systemd.preset(5).
type Preset struct {
	Name  string
	Units []string
}

// Text writes the file.
func (p Preset) Text() (Text, error) { return fill("preset.tmpl", p) }

// Copyright is debian/copyright in the machine-readable format 1.0. Holder is
// what the Copyright field says; Text are the lines of the licence.
type Copyright struct {
	Name, Contact, Homepage string
	Holder, License         string
	Text                    []string
}

// Fill writes the file.
func (c Copyright) Fill() (Text, error) { return fill("copyright.tmpl", c) }

// An Override is a finding of a checker that is wanted, and the reason.
type Override struct {
	Tag, Context, Why string
}

// LintianOverrides is the file of that name: lintian(1).
type LintianOverrides struct {
	Name      string
	Overrides []Override
}

// Text writes the file.
func (l LintianOverrides) Text() (Text, error) { return fill("lintian_overrides.tmpl", l) }

// Rpmlint is a configuration of rpmlint 2. A Tag is a regular expression.
type Rpmlint struct{ Overrides []Override }

// Text writes the file.
func (r Rpmlint) Text() (Text, error) { return fill("rpmlint.toml.tmpl", r) }
