package root

import (
	"maps"
	"os"
	"slices"
	"testing"
)

// What is read from the upper layer is what find(1) sees in the tree: also of what was
// removed, replaced, made again, and in a fork.
func TestLayer(t *testing.T) {
	if os.Getenv("NATIVIZE_CI") != "1" || os.Getuid() != 0 {
		t.Skip("throwaway roots are made only with NATIVIZE_CI=1, as root")
	}
	cache := os.Getenv("NATIVIZE_ROOT_CACHE")
	if cache == "" {
		cache = "/var/cache/nativize-ci"
	}
	r, err := New(t.Context(), Deb, Options{Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	same(t, r, `
		rm -r /usr/share/base-files && mkdir /usr/share/base-files && echo new >/usr/share/base-files/only
		rm -r /usr/share/doc/bash; rm /etc/issue; ln -s /etc/hosts /etc/issue
		mkdir -p /srv/a/b && echo x >/srv/a/b/f && ln /srv/a/b/f /srv/a/g && mkfifo /srv/a/p
		chmod 2750 /usr/games; chown 33:33 /etc/hostname; mv /etc/skel /etc/skeleton 2>/dev/null || :
		rm /etc/motd; mkdir /etc/motd && echo y >"/etc/motd/a b"`)
	r.freeze()
	f, err := r.fork(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	same(t, f, `rm -r /srv/a /etc/motd; echo back >/etc/motd; mkdir /srv/a; rm -r /usr/share/base-files; touch /etc/issue.new; mv /etc/issue.new /etc/issue`)
}

func same(t *testing.T, r *Root, script string) {
	t.Helper()
	if got, err := r.Run(t.Context(), RunOptions{}, "sh", "-ec", script); err != nil || !got.OK() {
		t.Fatal(got.Text(), err)
	}
	inside, err := r.find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	layers, err := r.list(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range changed(inside, layers, equal) {
		t.Errorf("%s: find sees %+v, the layers hold %+v", printable(name), inside[name], layers[name])
	}
	if len(slices.Collect(maps.Keys(inside))) < 1000 {
		t.Errorf("only %d paths were listed", len(inside))
	}
}
