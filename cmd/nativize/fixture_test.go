package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// tarball packs a directory below a directory of its name, as releases do.
func tarball(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "tarball FILE DIR")
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	z := gzip.NewWriter(f)
	t := tar.NewWriter(z)
	each(ts, args[1], func(name string, info fs.FileInfo, data []byte) {
		h, err := tar.FileInfoHeader(info, "")
		ts.Check(err)
		h.Name = name
		ts.Check(t.WriteHeader(h))
		_, err = t.Write(data)
		ts.Check(err)
	})
	closeAll(ts, t, z, f)
}

func zipball(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "zipball FILE DIR")
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	z := zip.NewWriter(f)
	each(ts, args[1], func(name string, info fs.FileInfo, data []byte) {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		h.SetMode(info.Mode())
		w, err := z.CreateHeader(h)
		ts.Check(err)
		_, err = w.Write(data)
		ts.Check(err)
	})
	closeAll(ts, z, f)
}

// each visits the regular files below a directory.
func each(ts *testscript.TestScript, dir string, visit func(name string, info fs.FileInfo, data []byte)) {
	top := ts.MkAbs(dir)
	ts.Check(filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		ts.Check(err)
		data, err := os.ReadFile(path)
		ts.Check(err)
		rel, err := filepath.Rel(filepath.Dir(top), path)
		ts.Check(err)
		visit(filepath.ToSlash(rel), info, data)
		return nil
	}))
}

// badTar packs a deployment with one member that leads out of the archive.
func badTar(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "badtar FILE parent|root|link|hardlink|device")
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	t := tar.NewWriter(f)
	const script = "#!/bin/sh\nrsync -a ./ /srv/app/\nsystemctl restart app\n"
	size := int64(len(script))
	bad := map[string]tar.Header{
		"parent":   {Name: "../escaped", Mode: 0o644, Size: size, Typeflag: tar.TypeReg},
		"root":     {Name: "/tmp/nativize-escaped", Mode: 0o644, Size: size, Typeflag: tar.TypeReg},
		"link":     {Name: "app/setup.sh", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink},
		"hardlink": {Name: "app/install.sh", Linkname: "../../../../etc/passwd", Typeflag: tar.TypeLink},
		"device":   {Name: "app/setup.sh", Devmajor: 1, Devminor: 3, Typeflag: tar.TypeChar},
	}[args[1]]
	for _, h := range []tar.Header{{Name: "app/deploy.sh", Mode: 0o755, Size: size, Typeflag: tar.TypeReg}, bad} {
		ts.Check(t.WriteHeader(&h))
		if h.Size > 0 {
			_, err := t.Write([]byte(script))
			ts.Check(err)
		}
	}
	closeAll(ts, t, f)
}

func closeAll(ts *testscript.TestScript, list ...io.Closer) {
	for _, c := range list {
		ts.Check(c.Close())
	}
}

func fifo(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "fifo NAME")
	ts.Check(syscall.Mkfifo(ts.MkAbs(args[0]), 0o644))
}

func sparse(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "sparse NAME SIZE")
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_CREATE|os.O_WRONLY, 0o755)
	ts.Check(err)
	ts.Check(f.Truncate(size))
	closeAll(ts, f)
}

func writeBytes(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "bytes NAME TEXT")
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	name := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(name), 0o755))
	ts.Check(os.WriteFile(name, []byte(text), 0o755))
}

// hostile makes a repository whose names and values try to be more than text;
// with "quotable" only those that a POSIX shell can quote.
func hostile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: hostile DIR [quotable]")
	}
	dir := ts.MkAbs(args[0])
	names := []string{
		"conf/new\nline.conf", "conf/esc\x1b[2J\x1b]0;owned\x07.conf", "conf/$(touch pwned).conf", "conf/`touch pwned`.conf",
		"conf/<script>alert(1)<!--.conf", "conf/-rf.conf", "conf/'\"quotes\".conf",
		"conf/|pipe|.conf", "conf/\\back.conf", "conf/{{.}}.conf", "conf/%s%n.conf", "conf/=cmd|calc.conf",
	}
	if len(args) == 1 {
		names = append(names, "conf/c1\u009b31m.conf", "conf/rtl\u202egpj.conf", "conf/a\xffb.conf")
	}
	script := "#!/bin/bash\nset -e\nuseradd -r \"$(touch pwned)\"\nmkdir -p $'/srv/esc\\e[31mred' '/srv/<script>alert(2)</script>'\n" +
		"rsync -a --delete ./ /srv/app/\nsystemctl restart $'a\\e]0;x\\a'\n"
	for _, name := range names {
		path := filepath.Join(dir, filepath.FromSlash(name))
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
		ts.Check(os.WriteFile(path, []byte("a = 1\n"), 0o644))
		script += "cp " + ansiQuote(name) + " " + ansiQuote("/etc/app/"+filepath.Base(name)) + "\n"
	}
	ts.Check(os.WriteFile(filepath.Join(dir, "deploy.sh"), []byte(script), 0o755))
}

// ansiQuote quotes a word for bash, every byte but the plainest by its number.
func ansiQuote(s string) string {
	out := "$'"
	for i := range len(s) {
		out += `\x` + strconv.FormatInt(int64(s[i])+0x100, 16)[1:]
	}
	return out + "'"
}

func want(ts *testscript.TestScript, neg bool, args []string, n int, usage string) {
	if neg || len(args) != n {
		ts.Fatalf("usage: %s", usage)
	}
}
