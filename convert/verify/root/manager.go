package root

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
)

// A Kind is a package format, named as in nfpm, and the manager that installs it.
type Kind string

// The kinds. There is no package manager for apk in Debian, so an APK root is
// refused with that reason.
const (
	Deb  Kind = "deb"
	RPM  Kind = "rpm"
	Arch Kind = "archlinux"
	APK  Kind = "apk"
)

// Kinds are all kinds that a root can be made for.
func Kinds() []Kind { return []Kind{Deb, RPM, Arch} }

// KindOf returns the kind of a package file by its name.
func KindOf(file string) (Kind, error) {
	for suffix, kind := range suffixes {
		if strings.HasSuffix(file, suffix) {
			return kind, nil
		}
	}
	return "", fmt.Errorf("package file %q: the name ends in none of .deb, .rpm, .pkg.tar.zst, .apk", file)
}

var suffixes = map[string]Kind{".deb": Deb, ".rpm": RPM, ".pkg.tar.zst": Arch, ".pkg.tar.xz": Arch, ".apk": APK}

// A manager is how a package manager is called. The package's name or file
// comes after the arguments. All run without a question, and keep an edited
// configuration file as an unattended upgrade does.
type manager struct {
	install []string // also upgrades, downgrades and installs again
	remove  []string
	purge   []string            // nil where removing is all there is
	query   []string            // prints name and version of a package file, separated by a space
	files   []string            // prints the paths of an installed package, a line each
	configs []string            // prints its configuration files, a line each, the path first
	config  func(string) string // the path in a line of configs
	trouble []string            // what a manager says that goes on after a script has failed
	own     []string            // paths that the manager keeps its own records in, with all below them
	saved   []string            // suffixes of what it keeps beside a configuration file
}

var managers = map[Kind]*manager{
	Deb: {
		install: []string{"dpkg", "--force-confdef", "--force-confold", "--force-downgrade", "--install"},
		remove:  []string{"dpkg", "--remove"},
		purge:   []string{"dpkg", "--purge"},
		query:   []string{"dpkg-deb", "--show", "--showformat=${Package} ${Version}\n"},
		files:   []string{"dpkg-query", "--listfiles"},
		configs: []string{"dpkg-query", "--show", "--showformat=${Conffiles}\n"},
		config:  dpkgConffile,
		own:     []string{"/var/lib/dpkg", "/var/log/dpkg.log", "/var/log/alternatives.log", "/var/cache/debconf"},
		saved:   []string{".dpkg-dist", ".dpkg-old", ".dpkg-new", ".dpkg-bak"},
	},
	// --force-debian: Debian's rpm else refuses to install on what is a Debian tree.
	RPM: {
		install: []string{"rpm", "--force-debian", "--nodeps", "--oldpackage", "--replacepkgs", "--upgrade"},
		remove:  []string{"rpm", "--nodeps", "--erase"},
		query:   []string{"rpm", "--query", "--queryformat=%{NAME} %{VERSION}-%{RELEASE}\n", "--package"},
		files:   []string{"rpm", "--query", "--list"},
		configs: []string{"rpm", "--query", "--configfiles"},
		config:  wholeLine,
		trouble: []string{"scriptlet failed", "error: ", "does not exist - using root"},
		own:     []string{"/var/lib/rpm", "/root/.rpmdb"},
		saved:   []string{".rpmnew", ".rpmsave", ".rpmorig"},
	},
	Arch: {
		install: []string{"pacman", "--config", "/dev/null", "--noconfirm", "--noprogressbar", "--nodeps", "--nodeps", "--upgrade"},
		remove:  []string{"pacman", "--config", "/dev/null", "--noconfirm", "--noprogressbar", "--nodeps", "--nodeps", "--remove"},
		query:   []string{"pacman", "--config", "/dev/null", "--query", "--file"},
		files:   []string{"pacman", "--config", "/dev/null", "--query", "--list", "--quiet"},
		configs: []string{"pacman", "--config", "/dev/null", "--query", "--info", "--info"},
		config:  pacmanBackup,
		trouble: []string{"command failed to execute correctly", "error: "},
		own:     []string{"/var/lib/pacman", "/var/cache/pacman", "/var/log/pacman.log"},
		saved:   []string{".pacnew", ".pacsave", ".pacorig"},
	},
}

func managerOf(kind Kind) (*manager, error) {
	if m, ok := managers[kind]; ok {
		return m, nil
	}
	if kind == APK {
		return nil, fmt.Errorf("make a throwaway root for apk: Debian has no apk to install its packages with")
	}
	return nil, fmt.Errorf("make a throwaway root for %q: not one of %q", kind, Kinds())
}

func (r *Root) manager() *manager { return managers[r.Kind] }

// HasPurge tells whether the kind tells removal from purging.
func (k Kind) HasPurge() bool { m := managers[k]; return m != nil && m.purge != nil }

// Install installs, upgrades, downgrades or installs again the package file pkg
// of the host. Dependencies that the tree lacks are ignored. A failing
// installation is no error: see [Result.OK] and [Root.Trouble].
func (r *Root) Install(ctx context.Context, pkg string) (Result, error) {
	inside, err := r.bring(ctx, pkg)
	if err != nil {
		return Result{}, err
	}
	argv := slices.Clone(r.manager().install)
	if r.Kind == Deb {
		argv = slices.Insert(argv, 1, "--force-depends")
	}
	return r.Run(ctx, RunOptions{}, append(argv, inside)...)
}

// Remove removes an installed package; its configuration and state stay.
func (r *Root) Remove(ctx context.Context, name string) (Result, error) {
	return r.Run(ctx, RunOptions{}, append(slices.Clone(r.manager().remove), name)...)
}

// Purge removes an installed package and all that belongs to it. It is the same as
// Remove where the manager knows no purging.
func (r *Root) Purge(ctx context.Context, name string) (Result, error) {
	if r.manager().purge == nil {
		return r.Remove(ctx, name)
	}
	return r.Run(ctx, RunOptions{}, append(slices.Clone(r.manager().purge), name)...)
}

// Trouble returns the line of a successful result in which the manager reports
// that something failed all the same, or "".
func (r *Root) Trouble(result Result) string {
	for line := range strings.Lines(result.Stderr + result.Stdout) {
		for _, sign := range r.manager().trouble {
			if strings.Contains(line, sign) {
				return strings.TrimSpace(line)
			}
		}
	}
	return ""
}

// bring copies a package file into the tree, once, and returns its path there.
func (r *Root) bring(ctx context.Context, pkg string) (string, error) {
	if inside := r.brought[pkg]; inside != "" {
		return inside, nil
	}
	inside := path.Join(private, "packages", fmt.Sprint(len(r.brought)), "package"+path.Ext(pkg))
	if r.Kind == Arch {
		inside = strings.TrimSuffix(inside, path.Ext(pkg)) + ".pkg.tar" + path.Ext(pkg)
	}
	if err := r.CopyIn(ctx, pkg, File{Path: inside}); err != nil {
		return "", err
	}
	r.brought[pkg] = inside
	return inside, nil
}

// Describe returns name and version of the package file pkg of the host.
func (r *Root) Describe(ctx context.Context, pkg string) (name, version string, err error) {
	inside, err := r.bring(ctx, pkg)
	if err != nil {
		return "", "", err
	}
	out, err := r.output(ctx, nil, append(slices.Clone(r.manager().query), inside)...)
	if err != nil {
		return "", "", fmt.Errorf("read package %q: %w", pkg, err)
	}
	name, version, ok := strings.Cut(strings.TrimSpace(string(out)), " ")
	if !ok {
		return "", "", fmt.Errorf("read package %q: no name and version in %q", pkg, out)
	}
	return name, version, nil
}

// Owned returns the paths that an installed package owns, sorted.
func (r *Root) Owned(ctx context.Context, name string) ([]string, error) {
	return r.paths(ctx, r.manager().files, name, wholeLine)
}

// Configs returns the configuration files of an installed package, sorted.
func (r *Root) Configs(ctx context.Context, name string) ([]string, error) {
	return r.paths(ctx, r.manager().configs, name, r.manager().config)
}

// paths runs a query and returns the absolute paths that parse finds, one a line.
func (r *Root) paths(ctx context.Context, query []string, name string, parse func(string) string) ([]string, error) {
	out, err := r.output(ctx, nil, append(slices.Clone(query), name)...)
	if err != nil {
		return nil, err
	}
	var list []string
	for line := range strings.Lines(string(out)) {
		if p := parse(strings.TrimSuffix(line, "\n")); path.IsAbs(p) && p != "/." {
			list = append(list, path.Clean(p))
		}
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

func wholeLine(line string) string { return line }

// dpkgConffile reads " /etc/app.ini <md5> [obsolete]".
func dpkgConffile(line string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(line, " "), " ")
	return name
}

// pacmanBackup reads "MODIFIED\t/etc/app.ini", after a heading in the first line.
func pacmanBackup(line string) string {
	return line[max(0, strings.IndexByte(line, '/')):]
}
