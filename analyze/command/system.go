package command

import (
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// system are the commands that change settings of the running system: kernel,
// firewall, security modules, disks, clock, locale, processes, power.
var system = []*Model{
	{Name: "sysctl", Flags: "aAbeNnpqwxdhVfr:X -any --all=a --write=w --load? --system --values=n --names=N --ignore=e --quiet=q --pattern=r:", Kind: Changed, Man: "sysctl(8)", Doc: "sets parameters of the kernel, or asks", Run: sysctl},
	{Name: "ufw", Flags: "-any -first --force --dry-run --version", Kind: Changed, Man: "ufw(8)", Doc: "enables the firewall (a service) and adds rules", Run: ufw},
	{Name: "iptables", Alias: []string{"ip6tables", "iptables-nft", "iptables-legacy", "ebtables", "arptables"}, Flags: "-first -any", Kind: Changed, Man: "iptables(8)", Doc: "changes rules of the firewall; -C asks for one", Run: iptables},
	{Name: "iptables-save", Alias: []string{"ip6tables-save"}, Flags: "-any", Kind: Pure, Man: "iptables-save(8)", Doc: "prints the rules", Run: asks},
	{Name: "nft", Alias: []string{"iptables-restore", "ip6tables-restore", "iptables-apply", "netfilter-persistent", "ipset", "shorewall", "pfctl", "nfqueue"}, Flags: "-any f:", Kind: Changed, Man: "nft(8) and others", Doc: "changes rules of the firewall", Run: verbs{name: "firewall", pure: "list monitor", empty: true}.run},
	{Name: "firewall-cmd", Flags: "-any q", Kind: Changed, Man: "firewall-cmd(1)", Doc: "changes rules of the firewall, or asks", Run: firewalld},
	{Name: "setcap", Flags: "qvn:rf", Kind: Changed, Man: "setcap(8)", Doc: "gives capabilities to a program", Run: setcap},
	{Name: "getcap", Alias: []string{"getenforce", "sestatus", "selinuxenabled", "getsebool", "aa-status", "aa-enabled", "matchpathcon", "apparmor_status"}, Flags: "-any", Kind: Pure, Man: "getcap(8) and others", Doc: "asks for attributes and security modules", Run: securityAsks},
	{Name: "restorecon", Alias: []string{"chcon"}, Flags: "-any Rrvt:u:l:hfF --recursive=R --type=t: --user=u: --reference:", Kind: Changed, Man: "restorecon(8), chcon(1)", Doc: "labels files", Run: labels},
	{Name: "semanage", Alias: []string{"setsebool", "setenforce", "semodule", "checkmodule", "semodule_package", "audit2allow", "apparmor_parser", "aa-enforce", "aa-complain", "aa-disable", "auditctl", "augenrules", "pam-auth-update", "fail2ban-client"},
		Flags: "-any", Kind: Changed, Man: "semanage(8) and others", Doc: "changes a security module", Run: verbs{name: "security", pure: "status ping version", empty: true}.run},
	{Name: "mount", Flags: "aBfFhiIlL:MnNo:O:rRsST:t:U:vVw -any --bind=B --rbind=R --options=o: --types=t: --all=a --label=L: --uuid=U: --read-only=r --make-private --make-rslave --target: --source:", Kind: Changed, Man: "mount(8)", Doc: "mounts a file system", Run: mount},
	{Name: "umount", Flags: "aAcdfhlnO:qrRt:vV --all=a --force=f --lazy=l --recursive=R --quiet=q --types=t: --no-mtab=n --detach-loop=d", Kind: Changed, Man: "umount(8)", Doc: "unmounts a file system", Run: mount},
	{Name: "fallocate", Flags: "l:o:cdinpvzx --length=l: --offset=o:", Kind: Changed, Man: "fallocate(1)", Doc: "makes a file of a size", Example: "fallocate -l 1 new.img", Run: fallocate},
	{Name: "swapon", Alias: []string{"swapoff", "mkswap", "mkfs", "mkfs.ext4", "mkfs.xfs", "mkfs.vfat", "mke2fs", "fsck", "e2label", "tune2fs", "resize2fs", "xfs_growfs", "parted", "fdisk", "sfdisk", "gdisk", "sgdisk", "partprobe", "growpart", "losetup", "lvcreate", "lvextend", "vgcreate", "pvcreate", "mdadm", "cryptsetup", "zfs", "zpool", "btrfs", "wipefs", "hdparm", "fstrim", "dmsetup", "kpartx", "dphys-swapfile", "zramctl", "e2fsck"},
		Flags: "-any", Kind: Changed, Man: "swapon(8) and others", Doc: "sets up disks and swap space", Run: disks},
	{Name: "timedatectl", Alias: []string{"hostnamectl", "localectl"}, Flags: "-any", Kind: Changed, Man: "timedatectl(1)", Doc: "sets clock, name or locale, or asks", Run: verbs{name: "identity", pure: "status show timesync-status list-timezones list-locales list-keymaps show-timesync hostname"}.run},
	{Name: "localedef", Alias: []string{"locale-gen", "update-locale", "loadkeys", "setupcon", "setxkbmap"}, Flags: "-any i:f:A:", Kind: Changed, Man: "locale-gen(8) and others", Doc: "sets up locales and the keyboard", Run: sets("locale")},
	{Name: "ldconfig", Alias: []string{"depmod", "update-initramfs", "mkinitramfs", "dracut", "mkinitcpio", "update-grub", "update-grub2", "grub-mkconfig", "grub2-mkconfig", "grub-install", "grub2-install", "grubby", "udevadm", "systemd-hwdb", "rpi-update", "rpi-eeprom-update", "dkms"},
		Flags: "-any f:r:C:o:k:", Kind: Changed, Man: "ldconfig(8) and others", Doc: "rebuilds what the loader, kernel or boot loader reads", Run: verbs{name: "boot", pure: "info monitor status", mech: "settle trigger control test", empty: true}.run},
	{Name: "modprobe", Alias: []string{"insmod", "rmmod", "setpci", "rfkill", "cpupower", "cpufreq-set", "zramswap", "raspi-config", "dtoverlay", "bluetoothctl", "hciconfig", "gpio", "pinctrl", "i2cset", "amixer", "alsactl", "vcgencmd", "tvservice", "x11vnc", "xset", "xrandr", "gsettings", "dconf", "xdg-mime"},
		Flags: "-any", Kind: Changed, Man: "modprobe(8) and others", Doc: "changes modules and devices", Run: verbs{name: "device", pure: "list get read measure_temp get_throttled nonint-get", empty: true}.run},
	{Name: "modinfo", Alias: []string{"i2cdetect", "mpstat", "smartctl", "gdb", "perf", "tcpdump", "iftop", "iotop", "atop", "sar", "arp", "runlevel", "ntpq"},
		Flags: "-any", Kind: Pure, Man: "lshw(1) and others", Doc: "asks about the machine", Run: asks},
	{Name: "kpsewhich", Alias: []string{"gettext", "ngettext", "eval_gettext", "dbus-send", "gdbus", "source-highlight"}, Flags: "-any", Kind: Pure, Man: "kpsewhich(1) and others", Doc: "asks, translates or calls a running program", Run: asks},
	{Name: "kill", Flags: "-any l s:n:q:Lp --signal=s: --list=l", Kind: Changed, Man: "kill(1)", Doc: "signals processes; -0 asks", Run: kill},
	{Name: "pkill", Alias: []string{"killall", "killall5", "skill"}, Flags: "-any fxnoeivwqIgru:U:G:t:s:P:g:y:o:F: --full=f --exact=x --signal=s: --user=u: --wait=w --quiet=q --parent=P: --pidfile=F: --older-than=o: --oldest", Kind: Changed, Man: "pkill(1), killall(1)", Doc: "stops or signals processes by name", Run: kill},
	{Name: "renice", Alias: []string{"prlimit", "cset", "cgcreate", "cgexec", "cgset", "oomctl"}, Flags: "-any", Kind: Mechanics, Man: "renice(1) and others", Doc: "changes limits of processes", Run: mechanics},
	{Name: "reboot", Alias: []string{"shutdown", "poweroff", "halt", "init", "telinit", "pm-suspend"}, Flags: "-any", Kind: Changed, Man: "shutdown(8)", Doc: "restarts or stops the machine", Run: power},
	{Name: "logrotate", Flags: "dfms:vl: --debug=d --force=f --mail=m: --state=s: --verbose=v --log=l: --usage --version --skip-state-lock", Kind: Mechanics, Man: "logrotate(8)", Doc: "rotates logs now", Run: mechanics},
	{Name: "ntpdate", Alias: []string{"chronyc", "chronyd", "ntpd", "sntp", "hwclock", "adjtimex", "rdate"}, Flags: "-any", Kind: Changed, Man: "ntpdate(8) and others", Doc: "sets the clock", Run: verbs{name: "clock", pure: "tracking sources sourcestats activity", empty: true}.run},
	{Name: "nmcli", Alias: []string{"netplan", "ifup", "ifdown", "dhclient", "dhcpcd", "resolvconf", "wpa_cli", "wpa_supplicant", "wpa_passphrase", "hostapd", "ovs-vsctl", "vconfig", "bridge", "sysv-rc-conf", "connmanctl"},
		Flags: "-any -first", Kind: Changed, Man: "nmcli(1) and others", Doc: "changes the network", Run: verbs{name: "network", pure: "status get info", empty: true}.run},
	{Name: "tailscale", Alias: []string{"wg", "wg-quick", "openvpn", "easyrsa", "zerotier-cli", "nebula", "strongswan", "ipsec", "headscale", "ngrok", "cloudflared", "frpc", "frps"}, Flags: "-any -first", Kind: Changed, Man: "wg(8) and others", Doc: "sets up a private network", Run: verbs{name: "vpn", pure: "status ip show netcheck genkey pubkey genpsk version info listnetworks"}.run},
}

func sysctl(c *Call) {
	assigns := false
	for _, a := range c.Args {
		assigns = assigns || strings.Contains(a.String(), "=")
	}
	if c.Has("w", "p", "f", "load", "system") || assigns {
		e := c.setting("sysctl")
		e.Action, e.Args = "", texts(c.Args)
		return
	}
	c.asked("sysctl")
}

// ufw: enable and disable are actions on a service, all else are rules.
func ufw(c *Call) {
	verb, _ := c.verb()
	switch {
	case among("enable disable reload", verb):
		c.act("ufw", "other", verb)
	case verb == "status" || verb == "version" || verb == "show" || c.Has("dry-run", "version") || len(c.Args) == 0:
		c.asked("ufw")
	default:
		c.setting("firewall")
	}
}

// iptables parses its own options: what matters is the first that is a command.
func iptables(c *Call) {
	for _, w := range c.Argv[1:] {
		switch w.String() {
		case "-L", "-S", "--list", "--list-rules", "-V", "--version", "-nL", "-vnL", "-Ln":
			c.asked(c.Name)
			return
		case "-C", "--check":
			c.asked(c.Name)
			c.Status = Asks(value.Maybe, &Cond{Op: Other, Fresh: value.No, Text: "the rule is there"})
			return
		}
	}
	c.setting("firewall")
}

func firewalld(c *Call) {
	changes := false
	for _, o := range c.Opts {
		if o.Name == "state" || strings.HasPrefix(o.Name, "query-") {
			c.asked("firewall-cmd")
			c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "the firewall answers yes"})
			return
		}
		for _, verb := range []string{"add-", "remove-", "set-", "reload", "complete-reload", "new-", "delete-", "runtime-to-permanent", "change-"} {
			changes = changes || strings.HasPrefix(o.Name, verb)
		}
	}
	if !changes {
		c.asked("firewall-cmd")
		return
	}
	c.setting("firewall")
}

// setcap is setcap CAPABILITIES FILE, in pairs.
func setcap(c *Call) {
	if c.Has("v") {
		c.asked("setcap")
		return
	}
	for i := 0; i+1 < len(c.Args); i += 2 {
		caps, file := c.Args[i], c.Args[i+1]
		c.Record(&host.Effect{Op: host.System, Name: "capability", Path: c.Path(file), Val: c.abs(file), Args: []string{caps.String()}, What: Line(c.Argv)})
	}
	if c.Has("r") {
		c.setting("capability")
	}
}

func securityAsks(c *Call) {
	c.asked(c.Name)
	if c.Name == "selinuxenabled" {
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "SELinux is enabled"})
	}
}

// labels: the label of a file has no place in the tree.
func labels(c *Call) {
	paths := c.Args
	if c.Name == "chcon" && !c.Has("t", "u", "reference") && len(paths) > 0 {
		paths = paths[1:]
	}
	for _, p := range paths {
		c.Record(&host.Effect{Op: host.System, Name: "security-label", Path: c.Path(p), Val: c.abs(p), Recursive: c.Has("R", "r"), What: Line(c.Argv)})
	}
}

// mount is mount [SOURCE] DIR; without operands it lists.
func mount(c *Call) {
	if len(c.Args) == 0 && !c.Has("a") {
		c.asked(c.Name)
		return
	}
	e := &host.Effect{Op: host.Mount, Action: c.Name, What: Line(c.Argv)}
	if len(c.Args) > 0 {
		e.Path, e.Val = c.Path(c.last()), c.abs(c.last())
	}
	if len(c.Args) > 1 {
		e.From = c.Arg(0)
	}
	c.Record(e)
}

func fallocate(c *Call) {
	for _, p := range c.Args {
		if c.node(p).Presence != value.Yes {
			c.Write(p, &host.Content{Kind: host.Unknown, At: c.At}, false)
		}
	}
}

func disks(c *Call) {
	if c.isHelp() || c.Name == "swapon" && (len(c.Args) == 0 && !c.Has("a", "all") || c.Has("show", "s", "summary")) || c.Has("l", "list") && strings.HasSuffix(c.Name, "fdisk") {
		c.asked(c.Name)
		return
	}
	e := c.setting("disk")
	e.Action = ""
	if strings.HasPrefix(c.last().String(), "/") {
		e.Path, e.Val = c.Path(c.last()), c.abs(c.last())
	}
}

// kill stops processes by number, pkill and killall by name. Signal 0 asks
// whether one is there.
func kill(c *Call) {
	if c.Has("l", "L") && c.Name == "kill" {
		c.asked("kill")
		return
	}
	for _, w := range c.Argv[1:] {
		if w.Is("-0") {
			c.asked(c.Name)
			c.Status = Asks(value.Maybe, &Cond{Op: Other, Fresh: value.No, Text: "the process is running"})
			return
		}
	}
	e := c.setting("process")
	e.Action, e.Args = "stop", texts(c.Args)
	for _, w := range c.Argv[1:] {
		switch strings.TrimPrefix(strings.TrimPrefix(w.String(), "-"), "SIG") {
		case "HUP", "1", "USR1", "USR2", "10", "12", "WINCH":
			e.Action = "reload"
		}
	}
}

// power: init N and telinit change the run level; shutdown -c cancels.
func power(c *Call) {
	if c.Has("c") && c.Name == "shutdown" || c.isHelp() {
		c.Outcome = Mechanics
		return
	}
	c.setting("power")
}
