package verify

// A Rule makes a difference between deployment and package expected. Doc says
// precisely what it excuses.
type Rule struct{ Name, Doc string }

// The names of the rules.
const (
	ruleLinked      = "link to its new place"
	ruleItself      = "file in place of a link"
	ruleRoot        = "code belongs to root"
	ruleFewer       = "fewer may read or write"
	ruleWeb         = "web server's account"
	ruleOpenOwner   = "owner known on the machine only"
	ruleAdopted     = "configuration moves to /etc"
	ruleState       = "data moves"
	ruleShipped     = "shipped elsewhere"
	ruleCode        = "code moves"
	ruleVersions    = "version control"
	ruleSkeleton    = "settings of a shell"
	rulePlaceholder = "placeholder"
	ruleCompiled    = "compiled by Python"
	ruleKept        = "copy of a replaced file"
	ruleEmptied     = "directory of what moved"
	ruleAside       = "makes room"
	ruleTemporary   = "temporary"
	ruleLeftOut     = "left out of the payload"
	ruleLicence     = "licence"
	ruleMadeOf      = "text made of it"
	ruleHome        = "home of a service account"
	ruleNoLogin     = "service account does not log in"
	ruleTimer       = "started by its timer"
	ruleStarts      = "administrator starts services"
	rulePlaced      = "part of the package"
	ruleUnit        = "unit of the package"
	ruleHook        = "maintainer script"
	ruleBuild       = "built before packing"
	ruleManager     = "package manager's work"
	ruleManual      = "told to the administrator"
	ruleDependency  = "dependency"
)

// Rules returns the rules, in the order in which they are documented.
func Rules() []Rule {
	return []Rule{
		{ruleLinked, "a link of the payload stands at the path; what it leads to is on the machine and is a configuration file, a directory for data or a log, or has the same file of the repository"},
		{ruleItself, "the package has the file where the deployment had a link to it: both come from the same file of the repository, or it is a configuration file"},
		{ruleRoot, "a file or directory of the payload that is no directory for data belongs to root instead of an account; nobody may write what only root could before, and whoever could read or run it still can"},
		{ruleFewer, "group and others lose rights; the owner loses none, and the account that runs the service can still read and run it: as owner, by group, or as one of the others"},
		{ruleWeb, "owner or group is the web server's account, which has another name in each family of distributions; all else is the same"},
		{ruleOpenOwner, "the deployment takes owner or group from a value of the machine; the package has an account of its own, or root"},
		{ruleAdopted, "the path is one that the take-over reads, and the conffile that takes its text is on the machine"},
		{ruleState, "the path is, or lies below, one that the take-over carries to a directory for data that is on the machine"},
		{ruleShipped, "the same file of the repository, unchanged, is in the package in another place"},
		{ruleCode, "the path lies in the old code directory, and the package's code directory has the same path, of the same type"},
		{ruleVersions, "the path has an element .git, .svn or .hg, or is a link to a directory that holds the code"},
		{ruleSkeleton, "the file is one that useradd copies from /etc/skel, in the home of an account that the deployment makes"},
		{ruleCompiled, "the path has an element __pycache__"},
		{ruleKept, "the path ends in ~, and the deployment has the path without it"},
		{rulePlaceholder, "the file is named .gitignore, .gitkeep, .keep or .placeholder"},
		{ruleEmptied, "the package has not the directory; the deployment has files or links below it, and each has a rule"},
		{ruleAside, "the path is, or lies below, one that the take-over moves aside because the package has its own in its place"},
		{ruleTemporary, "the path lies in /tmp, /run, /var/run or /dev"},
		{ruleLeftOut, "a pattern of the exclude list matches the file of the repository"},
		{ruleLicence, "the file is the licence, which each format has in its own place"},
		{ruleMadeOf, "a text of the package names the file of the repository as what it was made of"},
		{ruleHome, "the home of a service's account lies outside /home, and the account is the same else (FHS 3.0, 3.8)"},
		{ruleNoLogin, "a service's account has a shell that lets nobody log in, and is the same else"},
		{ruleTimer, "a service that a timer of the package starts is not enabled itself"},
		{ruleStarts, "on Alpine and Arch Linux no package starts or enables a service"},
		{rulePlaced, "the statement became a part of the package, and the machine has it: the path itself under its new name, or one of that name below the place of the statement's files"},
		{ruleUnit, "the statement became a unit of the package; or the package has a unit of the same name; excuses services and files of service managers only"},
		{ruleHook, "a maintainer script does it: a step of the plan has the statement as its cause"},
		{ruleBuild, "a build step does it before packing: the statement is the step's cause, or the path is no file of the repository and lies in a tree of the payload that a build step fills, or in a virtual environment (with pyvenv.cfg) and pip fills another one of the payload"},
		{ruleManager, "the package manager does it, by the plan's word (a download, a checkout, a backup of the code, a log of the deployment): the path is the one that the plan names or lies below it, is a log beside it, or lies in the old code or in a temporary directory"},
		{ruleManual, "a note for the administrator has the statement as its cause"},
		{ruleDependency, "the package that was installed is a dependency by another name, or is needed for building or deploying only"},
	}
}

// An excuse is a rule with its words for one difference. The zero excuse
// excuses nothing.
type excuse struct{ rule, why string }

// same is the excuse of what is no difference.
var same = excuse{rule: "the same"}

func (e excuse) ok() bool { return e.rule != "" }
