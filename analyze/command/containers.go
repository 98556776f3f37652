package command

import (
	"github.com/nativize/nativize/analyze/host"
)

// containers are the tools that build and run containers: other machines, whose
// inside is not this host's. Each call that changes something is a setting of
// kind "container".
var containers = []*Model{
	{Name: "docker", Alias: []string{"podman", "nerdctl", "buildah", "docker-machine", "skopeo", "crictl", "ctr"}, Flags: "-first -any H:c:l:D --context=c: --host=H: --config: --log-level=l: --tlscacert: --tlscert: --tlskey: --root: --namespace:", Kind: Changed, Man: "docker documentation: CLI reference",
		Doc: "builds, runs and removes containers: other machines", Run: docker},
	{Name: "docker-compose", Alias: []string{"podman-compose"}, Flags: "-first -any f:p:H: --file=f: --project-name=p: --env-file: --profile: --project-directory: --ansi: --host=H: --parallel: --progress: --verbose --version=v v", Kind: Changed, Man: "docker documentation: Compose CLI",
		Doc: "builds, starts and stops groups of containers", Run: verbs{name: "container", pure: composePure, mech: "pull push"}.run},
	{Name: "kubectl", Alias: []string{"oc", "helm", "helmfile", "kustomize", "minikube", "k3s", "k3d", "kind", "kubeadm", "k0s", "microk8s", "microk8s.kubectl", "argocd", "flux", "skaffold", "tilt", "kops", "eksctl", "istioctl", "velero", "kubeseal", "nomad", "k3sup", "stern", "werf"},
		Flags: "-first -any n:s:f:l:o: --namespace=n: --context: --kubeconfig: --server=s: --cluster: --user: --token: --kube-context:", Kind: Changed, Man: "kubernetes documentation: kubectl", Doc: "changes a cluster",
		Run: verbs{name: "container", pure: "get describe logs top explain version cluster-info api-resources config list status ls search history show template lint diff auth ip dashboard completion service env verify", mech: "wait repo dependency port-forward proxy"}.run},
	{Name: "lxc", Alias: []string{"lxd", "lxc-create", "lxc-start", "lxc-attach", "lxc-stop", "incus", "machinectl", "systemd-nspawn", "virsh", "virt-install", "qm", "pct", "qemu-img", "qemu-system-x86_64", "VBoxManage", "multipass", "proot", "debootstrap", "singularity", "apptainer", "toolbox", "distrobox", "packer", "vagrant", "bwrap", "limactl", "colima", "firejail", "jexec", "jail", "iocage", "ezjail-admin", "vzctl"},
		Flags: "-first -any", Kind: Changed, Man: "the tools' documentation", Doc: "runs other machines", Run: verbs{name: "virtual-machine", pure: "list info status ls show config version ssh-config global-status box port"}.run},
}

const composePure = "ps logs config convert images top port version events ls stats volumes"

// docker: what only prints, and what only moves images, is told apart. A
// password on the command line is a secret.
func docker(c *Call) {
	verb, rest := c.verb()
	sub := ""
	if len(rest) > 0 {
		sub = rest[0].String()
	}
	switch {
	case c.isHelp() || among("ps images inspect logs version info stats top port history search events diff wait attach", verb), len(c.Args) == 0,
		among("container image volume network system node service stack context buildx manifest plugin secret swarm", verb) && among("ls list inspect ps df info logs top port history version show", sub),
		verb == "compose" && among(composePure, composeVerb(c)):
		c.asked("docker_" + verb)
		if verb == "inspect" || sub == "inspect" {
			c.Status = c.dockerThere()
		}
	case verb == "login":
		line, secret := masked(c.Argv, "-p ", "--password")
		c.Outcome = Mechanics
		if secret {
			c.Record(&host.Effect{Op: host.System, Name: "container", Action: "login", What: line, Args: secretWord(true)})
		}
	case among("pull push logout tag save load import export cp commit", verb), verb == "compose" && among("pull push", composeVerb(c)):
		c.Outcome = Mechanics
		e := c.setting("container")
		e.Action, c.Outcome = verb, Mechanics
	default:
		e := c.setting("container")
		if verb == "compose" {
			e.Action = "compose " + composeVerb(c)
		}
	}
}

func (c *Call) dockerThere() Status {
	return Asks(0, &Cond{Op: Other, Fresh: -1, Text: "the container is there"})
}

// composeVerb is the subcommand of docker compose, behind its options.
func composeVerb(c *Call) string {
	if len(c.Args) < 2 {
		return ""
	}
	ops := operands(c.Args[1:], "-f", "--file", "-p", "--project-name", "--env-file", "--profile", "--project-directory", "--ansi", "--progress")
	if len(ops) == 0 {
		return ""
	}
	return ops[0].String()
}
