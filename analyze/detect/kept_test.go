package detect

import (
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
)

// TestKept holds what each kind of evidence makes of a path.
func TestKept(t *testing.T) {
	repo := tree(t, map[string]string{
		".gitignore": "/config/app.ini\n.env\n", "config/app.ini-dist": "a=1\n", ".env.example": "KEY=\n", "manage.py": "",
		"config/deploy.rb": "set :application, \"shop\"\nset :linked_dirs, %w(public/system)\nset :linked_files, %w(config/database.yml)\n",
	})
	c := Companions(repo)
	at := source.Span{Pos: source.Pos{File: "deploy.sh", Line: 3, Col: 1}}
	d := &model.Deployment{CodeDir: "/srv/shop", Effects: []*host.Effect{
		{Op: host.Sync, Run: 1, Path: "/srv/shop", At: at, Content: &host.Content{Kind: host.RepoTree, Exclude: []string{".git", "/media/", "node_modules", "db.sqlite3", "local_settings.py", "*.pyc"}}},
		{Op: host.CopyTo, Run: 1, Path: "/tmp/keep", From: "/srv/shop/uploads", Kind: host.Dir, At: at},
		{Op: host.CopyTo, Run: 1, Path: "/srv/shop/uploads", From: "/tmp/keep", Kind: host.Dir, At: at},
	}}
	c.kept(d)
	got := map[string]string{}
	for _, x := range d.Facts.ConfigFiles {
		got[x.Path] = "config " + x.From
	}
	for _, x := range d.Facts.Directories {
		got[x.Path] = "dir " + x.Role
	}
	for _, x := range d.Facts.Files {
		got[x.Path] = "file " + x.Role
	}
	want := map[string]string{
		"/srv/shop/media": "dir data", "/srv/shop/db.sqlite3": "file data", "/srv/shop/local_settings.py": "config ", "/srv/shop/uploads": "dir data",
		"/srv/shop/public/system": "dir data", "/srv/shop/config/database.yml": "config ", "/srv/shop/config/app.ini": "config config/app.ini-dist", "/srv/shop/.env": "config .env.example",
	}
	for p, w := range want {
		if got[p] != w {
			t.Errorf("%s: %q, want %q", p, got[p], w)
		}
	}
	for p := range got {
		if _, ok := want[p]; !ok {
			t.Errorf("%s is %s and should not be kept", p, got[p])
		}
	}
}
