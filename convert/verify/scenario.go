package verify

import "slices"

// An Action is one thing that is done to a machine in a scenario.
type Action string

// The actions.
const (
	Install     Action = "install"       // the version of the step; also upgrades, downgrades, installs again
	Edit        Action = "edit"          // the administrator appends a line to each configuration file
	Seed        Action = "seed"          // the service writes a file into each state directory
	Use         Action = "use"           // the administrator enables and starts what the package left off
	Remove      Action = "remove"        // keeps configuration and data
	Purge       Action = "purge"         // where the manager knows it
	PlantLegacy Action = "plant legacy"  // the deployment's end state, with configuration edited since
	Account_    Action = "make accounts" // the package's accounts, by hand, with numbers of the site
	Stop        Action = "stop"          // the administrator stops and disables the units
	Mask        Action = "mask"          // the administrator stops and masks the units
)

// A Step is an action; Version is that of Versions, for Install.
type Step struct {
	Do      Action
	Version int
}

// A Scenario is a story of a package on a machine, told in steps. The names are
// those of package root where both play the same.
type Scenario struct {
	Name  string
	Doc   string // what it is about, in one sentence
	Steps []Step
}

func install(version int) Step { return Step{Do: Install, Version: version} }

// used is a machine on which the package has been configured and has worked.
var used = []Step{install(1), {Do: Use}, {Do: Edit}, {Do: Seed}}

func after(first []Step, rest ...Step) []Step { return append(slices.Clone(first), rest...) }

// Scenarios returns the life cycles, in the order in which a report lists them.
func Scenarios() []Scenario {
	return []Scenario{
		{"fresh install", "a machine that has never seen the package", []Step{install(1)}},
		{"reinstall", "the same version again, over edits and data", after(used, install(1))},
		{"upgrade", "a later version, configuration as shipped", []Step{install(1), {Do: Use}, {Do: Seed}, install(2)}},
		{"upgrade with edits", "a later version, configuration edited", after(used, install(2), install(2))},
		{"upgrade with new defaults", "a later version that ships other configuration, none edited", []Step{install(1), {Do: Use}, install(3)}},
		{"upgrade with edits and new defaults", "a later version that ships other configuration", after(used, install(3))},
		{"upgrade that drops configuration", "a later version that no longer ships a file that was edited", after(used, install(4))},
		{"upgrade of a stopped service", "the administrator has stopped and disabled it", after(used, Step{Do: Stop}, install(2))},
		{"upgrade of a masked service", "the administrator has masked it", after(used, Step{Do: Mask}, install(2))},
		{"downgrade", "back to the earlier version", after(used, install(2), install(1))},
		{"remove", "configuration and data stay", after(used, Step{Do: Remove})},
		{"reinstall after remove", "the machine comes back as it was", after(used, Step{Do: Remove}, install(1))},
		{"purge", "nothing stays but the account", after(used, Step{Do: Remove}, Step{Do: Purge})},
		{"purge at once", "without a removal before it", after(used, Step{Do: Purge})},
		{"reinstall after purge", "a machine that had the package once", after(used, Step{Do: Purge}, install(1))},
		{"account of the site", "the account exists before the package", []Step{{Do: Account_}, install(1), {Do: Use}, {Do: Seed}, install(2), {Do: Remove}, {Do: Purge}}},
		{"take-over", "the first package on a machine that was deployed by hand", []Step{{Do: PlantLegacy}, install(1), {Do: Seed}, install(1), install(2)}},
		{"take-over and new defaults", "a taken-over machine gets other shipped configuration", []Step{{Do: PlantLegacy}, install(1), install(3)}},
		{"take-over and removal", "the package goes again, the old files are there", []Step{{Do: PlantLegacy}, install(1), {Do: Remove}, {Do: Purge}}},
	}
}

// injected are the scenarios whose last step is made to fail at each command.
func injected() []Scenario {
	var out []Scenario
	for _, s := range Scenarios() {
		switch s.Name {
		case "fresh install", "upgrade with edits", "remove", "purge", "purge at once":
		case "take-over":
			s.Steps = s.Steps[:2]
		default:
			continue
		}
		if s.Name == "upgrade with edits" {
			s.Steps = after(used, install(2))
		}
		out = append(out, s)
	}
	return out
}
