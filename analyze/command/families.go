package command

// families lists every table of models, in the order of the documentation.
var families = []Family{
	{"files", files},
	{"transfer", transfer},
	{"archives", archives},
	{"edits", edits},
	{"filters", filters},
	{"finders", finders},
	{"readers", readers},
	{"facts", facts},
	{"checks", checks},
	{"wrappers", wrappers},
	{"shells", shells},
	{"accounts", accounts},
	{"services", services},
	{"packages", osPackages},
	{"languages", languages},
	{"fetching", fetching},
	{"version control", versionControl},
	{"databases", databases},
	{"web servers", webServers},
	{"system", system},
	{"containers", containers},
	{"cloud", cloudTools},
	{"maintainer scripts", maintainer},
}
