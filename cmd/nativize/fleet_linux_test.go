package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// fleetDir makes n repositories of one script each.
func fleetDir(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		repo := filepath.Join(dir, fmt.Sprintf("repo%03d", i))
		if err := os.Mkdir(repo, 0o755); err != nil {
			t.Fatal(err)
		}
		text := strings.Repeat(fmt.Sprintf("install -D -m 0644 a%d.conf /etc/app%d/a.conf\nsystemctl restart app%d\n", i, i, i), 20)
		if err := os.WriteFile(filepath.Join(repo, "deploy.sh"), []byte("#!/bin/sh\n"+text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// program is nativize as a process of its own: the test binary under that name.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Args = append([]string{"nativize"}, args...)
	return cmd
}

// TestFleetKilled holds that a run that was killed, and the run that goes on
// after it, write what one run writes: byte for byte.
func TestFleetKilled(t *testing.T) {
	dir, out := fleetDir(t, 100), t.TempDir()
	whole, cut := filepath.Join(out, "whole.jsonl"), filepath.Join(out, "cut.jsonl")
	if text, err := program(t, "audit", "--fleet", "-o", whole, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	cmd := program(t, "audit", "--fleet", "--jobs", "1", "-o", cut, dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 10000 { // until it has written some records
		if info, err := os.Stat(cut); err == nil && info.Size() > 2000 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Log("the run ended before it was killed")
	}
	if err := tear(cut); err != nil {
		t.Fatal(err)
	}
	text, err := program(t, "audit", "--fleet", "--resume", "-o", cut, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if strings.Contains(string(text), " 0 skipped") {
		t.Errorf("nothing was there to go on from: %s", text)
	}
	want, err1 := os.ReadFile(whole)
	got, err2 := os.ReadFile(cut)
	if err1 != nil || err2 != nil || !bytes.Equal(want, got) {
		t.Errorf("%d bytes after the kill, %d in one run (%v, %v)", len(got), len(want), err1, err2)
	}
}

// tear cuts a file in its last line, as a kill in the midst of a write does.
func tear(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	return os.Truncate(name, info.Size()-5)
}

// TestFleetProgress holds that progress is shown on a terminal, and there only.
func TestFleetProgress(t *testing.T) {
	dir := fleetDir(t, 40)
	var plain bytes.Buffer
	cmd := program(t, "audit", "--fleet", "-o", filepath.Join(t.TempDir(), "a"), dir)
	cmd.Stderr = &plain
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if got, want := plain.String(), "nativize: 40 repositories audited, 0 skipped, 0 failed\n"; got != want {
		t.Errorf("without a terminal: %q, want %q", got, want)
	}
	shown := onTerminal(t, program(t, "audit", "--fleet", "-o", filepath.Join(t.TempDir(), "b"), dir))
	for _, part := range []string{"/40, ", "/s, ", " left, 0 failed", "\r\x1b[K", "40 repositories audited"} {
		if !strings.Contains(shown, part) {
			t.Errorf("on a terminal: %q lacks %q", shown, part)
		}
	}
}

// onTerminal runs cmd with its standard error on a terminal and returns what
// stands there.
func onTerminal(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	defer master.Close()
	var n, unlocked int32
	for _, c := range []struct {
		request uintptr
		arg     *int32
	}{{syscall.TIOCGPTN, &n}, {syscall.TIOCSPTLCK, &unlocked}} { // ioctl_tty(2)
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, master.Fd(), c.request, uintptr(unsafe.Pointer(c.arg))); errno != 0 {
			t.Skipf("no pseudo terminals here: %v", errno)
		}
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo terminals here: %v", err)
	}
	cmd.Stderr = slave
	err = cmd.Start()
	slave.Close()
	if err != nil {
		t.Fatal(err)
	}
	var shown bytes.Buffer
	_, _ = io.Copy(&shown, master) // ends with EIO when the last writer is gone
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v: %s", err, shown.String())
	}
	return shown.String()
}
