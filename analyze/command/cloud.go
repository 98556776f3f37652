package command

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// cloudTools are the tools that deploy to somebody else's machines. Each call
// that changes something is a setting of kind "cloud", "static-hosting",
// "orchestration" or "upload".
var cloudTools = []*Model{
	{Name: "aws", Alias: []string{"aws2", "awslocal"}, Flags: "-any --profile: --region: --output: --query: --endpoint-url: --exclude: --include: --acl: --cache-control: --distribution-id: --paths:", Kind: Changed, Man: "AWS CLI documentation", Doc: "changes a cloud; s3 cp and sync to here are downloads", Run: aws},
	{Name: "gcloud", Alias: []string{"az", "oci", "aliyun", "linode-cli", "hcloud", "doctl", "scw", "exo", "ibmcloud", "bq", "openstack", "vultr-cli", "ovhai", "civo"}, Flags: "-any --project: --zone: --region: --format: --filter: --quiet=q --account: --command:", Kind: Changed, Man: "the tools' documentation", Doc: "changes a cloud, or asks", Run: cloudCLI},
	{Name: "gsutil", Alias: []string{"s3cmd", "rclone", "azcopy", "b2", "s4cmd", "s5cmd", "ossutil", "coscmd", "qshell", "restic", "borg", "duplicity", "duply"}, Flags: "-any h:o:c:r:", Kind: Changed, Man: "the tools' documentation", Doc: "copies to and from stored objects", Run: objects},
	{Name: "terraform", Alias: []string{"tofu", "terragrunt", "pulumi", "cdk", "sam", "serverless", "sls", "cdktf", "chalice", "zappa", "eb", "cf", "ecs-cli", "ecs-deploy", "amplify", "swa", "claudia", "bosh", "juju", "upsun", "clasp", "eas", "expo", "fastlane", "wskdeploy"},
		Flags: "-any -first", Kind: Changed, Man: "the tools' documentation", Doc: "deploys to a cloud", Run: verbs{name: "cloud", pure: "plan show output validate fmt version list info logs status synth diff graph providers console events health ssh local"}.run},
	{Name: "heroku", Alias: []string{"flyctl", "fly", "railway", "dokku", "gigalixir", "clever", "scalingo", "caprover", "appcfg.py", "koyeb", "piku"}, Flags: "-any -first a: --app=a:", Kind: Changed, Man: "the tools' documentation", Doc: "deploys to a platform", Run: verbs{name: "cloud", pure: "logs info status apps ps releases version auth:whoami config ps:scale-list whoami help", mech: "login auth:login container:login"}.run},
	{Name: "vercel", Alias: []string{"netlify", "firebase", "wrangler", "surge", "gh-pages", "ghp-import", "ipfs", "angular-cli-ghpages", "deploy-to-git", "s3_website"},
		Flags: "-any", Kind: Changed, Man: "the tools' documentation", Doc: "publishes a static site", Run: verbs{name: "static-hosting", pure: "whoami list ls logs version help", mech: "login", empty: true}.run},
	{Name: "ansible-playbook", Alias: []string{"ansible", "ansible-galaxy", "ansible-pull", "ansible-vault", "salt", "salt-call", "salt-ssh", "puppet", "chef-client", "chef-solo", "knife", "cap", "mina", "fab", "deployer", "shipit", "kamal", "mrsk", "pyinfra", "nixops", "morph", "colmena", "pssh", "pdsh", "clush", "cf-agent", "cloud-init", "rundeck"},
		Flags: "-any i:l:t:e:u:k --inventory=i: --limit=l: --tags=t: --extra-vars=e: --user=u: --vault-password-file:", Kind: Changed, Man: "the tools' documentation", Doc: "deploys by a tool of its own", Run: verbs{name: "orchestration", pure: "status version list doc test.ping", empty: true}.run},
	{Name: "lftp", Alias: []string{"ftp", "ncftpput", "ncftp", "tnftp", "git-ftp", "sitecopy", "cadaver", "tftp", "pftp", "ncftpget", "wput", "smbclient"}, Flags: "-any e:u:p:c:f:P:U:R --user=u: --passwd=p:", Kind: Changed, Man: "lftp(1) and others", Doc: "moves files to and from another machine", Run: ftp},
	{Name: "sentry-cli", Alias: []string{"datadog-ci", "codecov", "slackcat", "telegram-send", "apprise", "ntfy", "pushover", "sonar-scanner", "snyk", "coveralls", "discord.sh", "bw", "chamber", "sops", "doppler", "infisical", "gopass", "keybase", "git-crypt", "blackbox_decrypt", "transcrypt", "credstash", "lpass"},
		Flags: "-any", Kind: Mechanics, Man: "the tools' documentation", Doc: "tells a service, or fetches a secret from one", Run: notifies},
}

// notifies: what such a tool prints is not known.
func notifies(c *Call) { c.Out = c.Hole(value.Output, c.Name) }

func aws(c *Call) {
	verb, rest := c.verb()
	op := ""
	if len(rest) > 0 {
		op = rest[0].String()
	}
	switch {
	case verb == "s3" && among("cp sync mv", op) && len(rest) > 2:
		c.objectCopy(rest[1], rest[2])
	case c.isHelp() || verb == "configure" || op == "ls" || op == "wait" || op == "get-login" || op == "get-login-password" || asksOnly(op):
		c.asked("aws_" + verb)
		if op == "wait" || verb == "configure" {
			c.Outcome = Mechanics
		}
	default:
		c.setting("cloud")
	}
}

// asksOnly tells whether an operation's name says that it only reads.
func asksOnly(op string) bool {
	for _, p := range []string{"describe-", "list-", "get-", "head-", "lookup-", "search-", "batch-get-", "filter-", "tail", "presign", "help"} {
		if strings.HasPrefix(op, p) {
			return true
		}
	}
	return false
}

// objectCopy: from stored objects to this machine is a download; from here to
// there, a change of a cloud.
func (c *Call) objectCopy(src, dst value.Value) {
	if !strings.Contains(src.String(), "://") || strings.Contains(dst.String(), "://") {
		c.setting("cloud")
		return
	}
	if dst.Is("-") {
		c.download(src, value.Value{}, nil)
		return
	}
	if c.Has("recursive", "r", "R") || c.Arg(1) == "sync" || c.Arg(0) == "rsync" || c.Arg(0) == "sync" {
		url := src.String()
		k := &host.Content{Kind: host.Fetched, URL: url, At: c.At}
		c.Outcome = Changed
		c.Record(&host.Effect{Op: host.Fetch, URL: url, Path: c.Path(dst), Val: c.abs(dst), Content: k, Kind: host.Dir, Recursive: true, What: Line(c.Argv)})
		c.Tree(c.Abs(dst.Best()), k, false)
		return
	}
	if dst.Is(".") || endsWith(dst, "/") || c.node(dst).Kind == host.Dir {
		dst = join(dst, value.Text(path.Base(src.String())))
	}
	c.download(src, dst, nil)
}

func cloudCLI(c *Call) {
	for i, a := range c.Args {
		switch op := a.String(); {
		case among("list describe show info get-credentials print-access-token print-identity-token get-value configurations list-tabs", op) || asksOnly(op):
			c.asked(c.Name)
			return
		case (op == "cp" || op == "rsync") && len(c.Args) > i+2:
			c.objectCopy(c.Args[i+1], c.Args[i+2])
			return
		case among("auth login config init version", op) && i == 0:
			c.asked(c.Name)
			c.Outcome = Mechanics
			return
		}
	}
	if c.isHelp() || len(c.Args) == 0 {
		c.asked(c.Name)
		return
	}
	c.setting("cloud")
}

func objects(c *Call) {
	verb, rest := c.verb()
	switch {
	case among("cp rsync sync copy get mirror mv", verb) && len(rest) > 1:
		if verb == "get" || strings.Contains(rest[0].String(), "://") {
			c.objectCopy(rest[0], rest[1])
			return
		}
		c.setting("cloud")
	case among("restic borg duplicity duply", c.Name):
		if among("snapshots list info check", verb) {
			c.asked(c.Name)
			return
		}
		c.Outcome = Mechanics
		c.Record(&host.Effect{Op: host.Backup, What: hidePassword(Line(c.Argv))})
	case among("ls du stat cat lsd lsl lsjson config info version", verb), len(c.Args) == 0, c.isHelp():
		c.asked(c.Name)
	default:
		c.setting("cloud")
	}
}

// ftp: the other machine is the operand that is no option; a password on the
// command line is a secret.
func ftp(c *Call) {
	line, secret := masked(c.Argv, "-p ", "--password", "--passwd")
	if u := c.Text("u"); strings.Contains(u, ",") {
		name, pass, _ := strings.Cut(u, ",")
		secret = secret || !strings.Contains(pass, "${")
		line = strings.ReplaceAll(line, u, name+",***")
	}
	target := ""
	for _, a := range c.Args {
		if s := a.String(); target == "" && (strings.Contains(s, "://") || strings.Contains(s, ".") || strings.Contains(s, "$")) {
			target = s
		}
	}
	if _, after, ok := strings.Cut(target, "://"); ok {
		target = after
	}
	_, name := splitLogin(target)
	name, _, _ = strings.Cut(name, "/")
	c.Outcome = Changed
	c.Record(&host.Effect{Op: host.Remote, Name: name, Manager: c.Name})
	c.Record(&host.Effect{Op: host.System, Name: "upload", What: hidePassword(line), Args: secretWord(secret)})
}
