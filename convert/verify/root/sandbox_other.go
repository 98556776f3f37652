//go:build !linux

package root

import (
	"context"
	"errors"
	"os/exec"
)

var errNotLinux = errors.New("throwaway roots need Linux")

const (
	hostPath = ""
	firstID  = 0
)

type holder struct{}

func isolated(ctx context.Context, argv ...string) *exec.Cmd {
	return exec.CommandContext(ctx, argv[0], argv[1:]...)
}

func hold(layers []string, dir string) (*holder, error) { return nil, errNotLinux }

func (h *holder) end() {}

func (h *holder) enter(ctx context.Context, argv ...string) *exec.Cmd {
	return isolated(ctx, argv...)
}
