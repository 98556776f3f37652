package root

import (
	"archive/tar"
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
)

//go:embed fetch.sh
var fetchScript []byte

//go:embed rsync.sh
var rsyncScript []byte

//go:embed sudo.sh
var sudoScript []byte

// A Deployment is a deploy script that is run in a throwaway root.
type Deployment struct {
	Repo   fs.FS    // the repository; a copy of it is all that the tree holds of the host
	Dir    string   // where the copy lies in the tree
	Script string   // path in the repository
	Args   []string // of the script
	Build  string   // script of the repository that makes the archive which the deployment downloads, "" none

	Family   Kind     // what the tree says that it is: a system of deb or of rpm packages
	Borrowed []string // accounts that other packages bring
	Dirs     []string // directories that other packages bring
	Runs     int      // how often the script is run
}

// A DeployRun is one run of a deploy script, with the tree before and after.
type DeployRun struct {
	Result        Result
	Before, After *Snapshot
}

// Deployed is what became of a deployment. Runs ends with the first that failed.
type Deployed struct {
	Runs  []DeployRun
	Calls []Call // of the programs that stand in for the network and for managers
}

// interpreters are programs that deployments call and that a small tree lacks: calls
// are recorded, as what the application itself does is no part of a deployment.
var interpreters = []string{"python", "python2", "python3", "node", "ruby", "php", "java", "go", "make", "cmake", "gcc", "g++", "cc", "mvn", "gradle", "cargo",
	"virtualenv", "sqlite3", "psql", "mysql", "createdb", "createuser", "redis-cli", "nginx", "apachectl", "apache2ctl", "a2ensite", "a2enmod", "a2dissite", "crontab",
	"certbot", "docker", "setcap", "ufw", "firewall-cmd", "semanage", "restorecon", "logrotate", "unzip", "jq", "openssl"}

// Deploy runs a deploy script in a throwaway root whose network, package
// managers and service managers are replaced by recorders. A script that fails is no
// error.
func Deploy(ctx context.Context, o Options, d Deployment) (*Deployed, error) {
	r, err := New(ctx, Deb, o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	rec, err := d.stage(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("prepare a throwaway root for %s: %w", d.Script, err)
	}
	out := &Deployed{}
	before, err := r.Snapshot(ctx)
	for range max(1, d.Runs) {
		if err != nil {
			return nil, err
		}
		run := DeployRun{Before: before}
		if run.Result, err = r.Run(ctx, RunOptions{Dir: d.Dir}, append(d.interpreter(), d.Args...)...); err != nil {
			return nil, err
		}
		run.After, err = r.Snapshot(ctx)
		out.Runs, before = append(out.Runs, run), run.After
		if !run.Result.OK() {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	out.Calls, err = rec.Calls(ctx)
	return out, err
}

// stage lays out the copy of the repository, what the script expects of its host,
// and the recorders.
func (d Deployment) stage(ctx context.Context, r *Root) (*Recorder, error) {
	if !path.IsAbs(d.Dir) {
		return nil, fmt.Errorf("directory %q: not an absolute path", d.Dir)
	}
	if err := r.PretendSystemd(ctx); err != nil {
		return nil, err
	}
	if err := (&Trace{Spec: &Spec{Borrowed: d.Borrowed}}).borrow(ctx, r); err != nil {
		return nil, err
	}
	if d.Family == RPM {
		text := []byte("CentOS Linux release 7.9.2009 (Core)\n")
		if err := r.PutFile(ctx, File{Path: "/etc/redhat-release", Data: text}); err != nil {
			return nil, err
		}
	}
	if _, err := r.output(ctx, nil, append([]string{"mkdir", "-p", "--", d.Dir}, d.Dirs...)...); err != nil {
		return nil, err
	}
	if err := d.copyIn(ctx, r); err != nil {
		return nil, err
	}
	rec, err := d.record(ctx, r)
	if err != nil || d.Build == "" {
		return rec, err
	}
	return rec, d.build(ctx, r)
}

// record replaces what reaches beyond the tree, and adds what the tree lacks.
func (d Deployment) record(ctx context.Context, r *Root) (*Recorder, error) {
	beyond := slices.Concat(Network, PackageManagers, ServiceManagers)
	beyond = slices.DeleteFunc(beyond, func(name string) bool { return has([]string{"systemctl", "curl", "wget", "rsync"}, name) })
	missing, err := r.output(ctx, nil, append([]string{"/bin/sh", "-c", `for name; do command -v "$name" >/dev/null || echo "$name"; done`, "missing"}, interpreters...)...)
	if err != nil {
		return nil, err
	}
	rec, err := r.Record(ctx, append(beyond, strings.Fields(string(missing))...)...)
	if err != nil {
		return nil, err
	}
	for name, text := range map[string][]byte{"curl": fetchScript, "wget": fetchScript, "rsync": rsyncScript, "sudo": sudoScript} {
		if err := r.PutFile(ctx, File{Path: "/usr/bin/" + name, Data: text, Mode: 0o755}); err != nil {
			return nil, err
		}
	}
	// scripts of the sysv days name these by their path
	const script = `for name; do ln -sfT "/usr/bin/$name" "/usr/sbin/$name"; done`
	_, err = r.output(ctx, nil, append([]string{"/bin/sh", "-ec", script, "sbin"}, "service", "chkconfig", "initctl", "update-rc.d")...)
	return rec, err
}

// build runs the build script, and keeps the archive that it makes for the download.
func (d Deployment) build(ctx context.Context, r *Root) error {
	res, err := r.Run(ctx, RunOptions{Dir: d.Dir}, d.run(d.Build)...)
	if err != nil {
		return err
	}
	if !res.OK() {
		return fmt.Errorf("the build script %s fails: %s", d.Build, printable(res.Text()))
	}
	const script = `archive=$(find "$1" -newer "$2" -type f \( -name '*.tar.gz' -o -name '*.tgz' -o -name '*.tar.*' -o -name '*.zip' -o -name '*.tar' \) | LC_ALL=C sort | head -n 1)
[ -n "$archive" ] || exit 0
cp -- "$archive" /.nativize/recorder/download && chmod 0644 /.nativize/recorder/download`
	_, err = r.output(ctx, nil, "/bin/sh", "-ec", script, "archive", d.Dir, recorderDir+"/record")
	return err
}

func (d Deployment) interpreter() []string { return d.run(d.Script) }

// run is how a script of the repository is started: by itself where it may be, else
// by the shell that most deploy scripts are for.
func (d Deployment) run(script string) []string {
	return []string{"/bin/sh", "-c", `if [ -x "$0" ]; then exec "$0" "$@"; fi; exec /bin/bash "$0" "$@"`, path.Join(d.Dir, script)}
}

// copyIn unpacks the repository in the tree.
func (d Deployment) copyIn(ctx context.Context, r *Root) error {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	err := fs.WalkDir(d.Repo, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		return addTo(w, d.Repo, name, e)
	})
	if err = errors.Join(err, w.Close()); err != nil {
		return fmt.Errorf("pack the repository: %w", err)
	}
	_, err = r.output(ctx, &archive, "tar", "--extract", "--no-same-owner", "--file", "-", "--directory", d.Dir)
	return err
}

func addTo(w *tar.Writer, repo fs.FS, name string, e fs.DirEntry) error {
	h := &tar.Header{Name: name, Mode: 0o644, Format: tar.FormatPAX}
	info, err := e.Info()
	if err != nil {
		return err
	}
	if info.Mode()&0o111 != 0 {
		h.Mode = 0o755
	}
	switch {
	case e.IsDir():
		h.Typeflag, h.Name = tar.TypeDir, name+"/"
		return w.WriteHeader(h)
	case e.Type()&fs.ModeSymlink != 0:
		h.Typeflag = tar.TypeSymlink
		if h.Linkname, err = fs.ReadLink(repo, name); err != nil {
			return err
		}
		return w.WriteHeader(h)
	case !info.Mode().IsRegular():
		return nil
	}
	text, err := fs.ReadFile(repo, name)
	if err != nil {
		return err
	}
	h.Size = int64(len(text))
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	_, err = io.Copy(w, bytes.NewReader(text))
	return err
}
