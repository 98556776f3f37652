package root

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed holder.sh
var holderScript string

// The accounts 0 to 65535 of a tree are these accounts of the host. The range
// lies above all that systemd hands to containers (up to 0x6FFFFFFF) and below
// the foreign range, so nothing on a host belongs to it.
//
// Source: systemd, docs/UIDS-GIDS.md.
const (
	firstID = 0x7000_0000
	idCount = 65536
)

const namespaces = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID |
	syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS | syscall.CLONE_NEWCGROUP

// isolated returns the command argv, to be run as root of new namespaces. As
// root of the host the map is made directly; any other account needs its range
// in /etc/subuid, which only the set-user-id program newuidmap may map.
func isolated(ctx context.Context, argv ...string) *exec.Cmd {
	if os.Getuid() != 0 {
		unshare := []string{"--user", "--map-auto", "--map-root-user", "--mount", "--pid", "--fork",
			"--kill-child", "--net", "--ipc", "--uts", "--cgroup", "--"}
		cmd := exec.CommandContext(ctx, "unshare", append(unshare, argv...)...)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
		return plain(cmd)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:                 namespaces,
		UidMappings:                []syscall.SysProcIDMap{{ContainerID: 0, HostID: firstID, Size: idCount}},
		GidMappings:                []syscall.SysProcIDMap{{ContainerID: 0, HostID: firstID, Size: idCount}},
		GidMappingsEnableSetgroups: true,
		Credential:                 &syscall.Credential{Uid: 0, Gid: 0},
		Setpgid:                    true,
		Pdeathsig:                  syscall.SIGKILL,
	}
	return plain(cmd)
}

// plain gives cmd nothing of the caller's: no directory, no environment, no input.
func plain(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + hostPath, "LC_ALL=C.UTF-8"}
	cmd.WaitDelay = 2 * time.Second
	cmd.Cancel = func() error { return killGroup(cmd) }
	return cmd
}

// hostPath is where the host's tools are looked for.
const hostPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func killGroup(cmd *exec.Cmd) error {
	err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// A holder is the first process of a tree's namespaces: all others end with it.
type holder struct {
	cmd  *exec.Cmd
	pid  int // of the process in the namespaces, as the host counts
	done chan struct{}
}

// hold starts the namespaces of the tree in dir over the layers, the uppermost first.
// dir holds the empty directories that lowers names, and upper, work and tree.
func hold(layers []string, dir string) (*holder, error) {
	h := &holder{done: make(chan struct{})}
	argv := []string{"/bin/sh", "-c", holderScript, "holder", strings.Join(lowers(layers), ":")}
	if os.Getuid() != 0 {
		argv = append(argv, layers...) // else inPlace mounts them
	}
	h.cmd = isolated(context.Background(), argv...)
	var stderr limited
	h.cmd.Stderr = &stderr
	stdout, err := h.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start a throwaway root: %w", err)
	}
	started := make(chan error)
	go h.inPlace(layers, dir, started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start a throwaway root: %w", err)
	}
	ready, _ := io.ReadAll(io.LimitReader(stdout, int64(len("ready\n"))))
	if string(ready) != "ready\n" {
		_ = killGroup(h.cmd)
		_ = h.cmd.Wait()
		close(h.done)
		return nil, fmt.Errorf("start a throwaway root: %s", strings.TrimSpace(stderr.String()))
	}
	if h.pid = h.cmd.Process.Pid; os.Getuid() != 0 {
		if h.pid, err = onlyChild(h.pid); err != nil {
			h.end()
			return nil, fmt.Errorf("start a throwaway root: %w", err)
		}
	}
	return h, nil
}

// inPlace starts the holder with dir as its working directory, from a thread that
// is used for nothing else and ends with the holder: the kernel counts the thread as the
// parent, whose death would kill the holder.
//
// As root the thread first gets a mount namespace of its own, in which the
// layers are mounted below dir: the holder, to whom all paths may be closed, starts in
// the directory and needs none.
func (h *holder) inPlace(layers []string, dir string, started chan<- error) {
	runtime.LockOSThread() // never unlocked: the thread is not fit for others
	h.cmd.Dir = dir
	var err error
	if os.Getuid() == 0 {
		h.cmd.Dir = ""
		err = ownMounts(layers, dir)
	}
	if err == nil {
		err = h.cmd.Start()
	}
	started <- err
	if err == nil {
		<-h.done
	}
}

// ownMounts gives the calling thread its own mounts and working directory.
func ownMounts(layers []string, dir string) error {
	if err := syscall.Unshare(syscall.CLONE_FS | syscall.CLONE_NEWNS); err != nil {
		return fmt.Errorf("new mount namespace: %w", err)
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	for i, name := range lowers(layers) {
		if err := syscall.Mount(layers[i], filepath.Join(dir, name), "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount the layer %q: %w", layers[i], err)
		}
	}
	return syscall.Chdir(dir)
}

// onlyChild returns the process that unshare --fork waits for.
func onlyChild(pid int) (int, error) {
	p := strconv.Itoa(pid)
	text, err := os.ReadFile(filepath.Join("/proc", p, "task", p, "children"))
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// end kills every process of the tree.
func (h *holder) end() {
	_ = syscall.Kill(h.pid, syscall.SIGKILL)
	_ = killGroup(h.cmd)
	_ = h.cmd.Wait()
	close(h.done)
}

// enter returns the command argv, to be run as root of the tree.
func (h *holder) enter(ctx context.Context, argv ...string) *exec.Cmd {
	args := append([]string{"--target", strconv.Itoa(h.pid), "--user", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd", "--"}, argv...)
	cmd := exec.CommandContext(ctx, "nsenter", args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return plain(cmd)
}
