package root

import "slices"

// An Action is one thing that is done to a root in a scenario.
type Action string

// The actions.
const (
	Install      Action = "install"       // the version of the step; also upgrades, downgrades, installs again
	Edit         Action = "edit"          // append a line to each configuration file
	Seed         Action = "seed"          // put a file into each state directory, owned like the directory
	Remove       Action = "remove"        // keeps configuration and data
	Purge        Action = "purge"         // where the manager knows it
	PlantLegacy  Action = "plant legacy"  // lay out the deployment by hand
	MakeAccounts Action = "make accounts" // the package's accounts, by hand, with numbers of the site
	StopService  Action = "stop"          // the administrator stops and disables the units
	MaskService  Action = "mask"          // the administrator stops and masks the units
)

// fails is the version that cannot be installed.
const fails = 4

// A Step is an action; Version is 1 to 4 for Install.
type Step struct {
	Do      Action
	Version int
}

// A Scenario is a story of a package on a machine, told in steps.
type Scenario struct {
	Name  string
	Doc   string // what it is about, in one sentence
	Steps []Step
}

func install(version int) Step { return Step{Do: Install, Version: version} }

// used is a machine on which the package has been configured and has worked.
var used = []Step{install(1), {Do: Edit}, {Do: Seed}}

func after(first []Step, rest ...Step) []Step { return append(slices.Clone(first), rest...) }

// Scenarios returns the life cycles, in the order in which a report lists them.
func Scenarios() []Scenario {
	return []Scenario{
		{"fresh install", "a machine that has never seen the package", []Step{install(1)}},
		{"reinstall", "the same version again, over edits and data", after(used, install(1))},
		{"upgrade", "a later version, configuration as shipped", []Step{install(1), {Do: Seed}, install(2)}},
		{"upgrade with edits", "a later version, configuration edited", after(used, install(2))},
		{"upgrade with edits and new defaults", "a later version that ships other configuration", after(used, install(3))},
		{"upgrade of a stopped service", "the administrator has stopped and disabled it", after(used, Step{Do: StopService}, install(2))},
		{"upgrade of a masked service", "the administrator has masked it", after(used, Step{Do: MaskService}, install(2))},
		{"failed upgrade", "a later version fails, the next one is installed over it", after(used, install(4), install(2))},
		{"failed upgrade and back", "a later version fails, the earlier one is installed again", after(used, install(4), install(1))},
		{"downgrade", "back to the earlier version", after(used, install(2), install(1))},
		{"remove", "configuration and data stay", after(used, Step{Do: Remove})},
		{"reinstall after remove", "the machine comes back as it was", after(used, Step{Do: Remove}, install(1))},
		{"purge", "nothing stays but the account", after(used, Step{Do: Remove}, Step{Do: Purge})},
		{"purge at once", "without a removal before it", after(used, Step{Do: Purge})},
		{"account of the site", "the account exists before the package", []Step{{Do: MakeAccounts}, install(1), {Do: Seed}, install(2), {Do: Remove}, {Do: Purge}}},
		{"take-over", "the first package on a machine that was deployed by hand", []Step{{Do: PlantLegacy}, install(1), {Do: Seed}, install(1), install(2)}},
		{"take-over and new defaults", "a taken-over machine gets other shipped configuration", []Step{{Do: PlantLegacy}, install(1), install(3)}},
	}
}

// possible tells whether the scenario can be played with the spec, else why not.
func (s Scenario) possible(spec *Spec, systemd bool) string {
	for _, step := range s.Steps {
		switch {
		case step.Do == Install && spec.file(step.Version) == "":
			return "there is no package of the version it needs"
		case step.Do == PlantLegacy && len(spec.Legacy) == 0:
			return "no legacy deployment is known"
		case step.Do == MakeAccounts && len(spec.Accounts) == 0:
			return "the package makes no account"
		case (step.Do == StopService || step.Do == MaskService) && (len(spec.Units) == 0 || !systemd):
			return "there is no service to stop"
		}
	}
	return ""
}

func (s *Spec) file(version int) string {
	switch version {
	case 1:
		return s.V1
	case 2:
		return s.V2
	case 3:
		return s.V3
	case fails:
		return s.V4
	}
	return ""
}
