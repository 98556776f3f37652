package command

import (
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// mapRepo is a repository of texts by path.
type mapRepo map[string]string

func (r mapRepo) Stat(p string) (fs.FileMode, bool) {
	p = path.Clean(p)
	if _, ok := r[p]; ok {
		return 0o644, true
	}
	for name := range r {
		if p == "." || strings.HasPrefix(name, p+"/") {
			return fs.ModeDir | 0o755, true
		}
	}
	return 0, false
}

func (r mapRepo) List(dir string) []string {
	seen := map[string]bool{}
	var out []string
	for name := range r {
		rest, ok := strings.CutPrefix(name, dir+"/")
		if dir == "" || dir == "." {
			rest, ok = name, true
		}
		first, _, _ := strings.Cut(rest, "/")
		if ok && !seen[first] {
			seen[first] = true
			out = append(out, first)
		}
	}
	return out
}

func (r mapRepo) Read(p string) ([]byte, error) {
	if text, ok := r[path.Clean(p)]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

// TestProvenance follows files of the repository through commands: after the
// line, a path of a machine comes from a path of the repository.
func TestProvenance(t *testing.T) {
	const (
		local  = ""
		remote = "web1"
	)
	for _, tc := range []struct {
		line, machine, path, want string
		absent                    bool
	}{
		{"cp conf/app.ini /etc/app.ini", local, "/etc/app.ini", "conf/app.ini", false},
		{"cp -r conf /etc/app", local, "/etc/app/app.ini", "conf/app.ini", false},
		{"cat conf/app.ini | sudo tee /etc/app.ini > /dev/null", local, "/etc/app.ini", "conf/app.ini", false},
		{"sed s/x/y/ conf/app.ini > /etc/app.ini", local, "/etc/app.ini", "conf/app.ini", false},
		{"envsubst < conf/app.ini > /etc/app.ini", local, "/etc/app.ini", "conf/app.ini", false},
		{"rsync -a --delete ./ deploy@web1:/srv/app/", remote, "/srv/app/conf/app.ini", "conf/app.ini", false},
		{"rsync -a src deploy@web1:app", remote, "/home/deploy/app/src/main.py", "src/main.py", false},
		{"rsync -a --exclude=conf . web1:/srv/app", remote, "/srv/app/conf/app.ini", "", true},
		{"scp -r src/ web1:/srv", remote, "/srv/src/main.py", "src/main.py", false},
		{"scp conf/app.ini root@web1:~/app.ini", remote, "/root/app.ini", "conf/app.ini", false},
		{"tar czf a.tgz src conf && scp a.tgz web1:/tmp/ && ssh web1 'tar xzf /tmp/a.tgz -C /srv'", remote, "/srv/src/main.py", "src/main.py", false},
		{"tar cz . | ssh root@web1 'tar xz -C /srv/app'", remote, "/srv/app/src/main.py", "src/main.py", false},
		{"zip -qr a.zip src && unzip a.zip -d /opt", local, "/opt/src/main.py", "src/main.py", false},
		{"install -D -m 640 conf/app.ini /etc/app/app.ini", local, "/etc/app/app.ini", "conf/app.ini", false},
		{"gzip -k conf/app.ini && mv conf/app.ini.gz /tmp/x.gz && gunzip /tmp/x.gz", local, "/tmp/x", "conf/app.ini", false},
		{"ln -s /co/src /opt/current", local, "/opt/current/main.py", "src/main.py", false},
	} {
		t.Run(tc.line, func(t *testing.T) {
			m := newMini()
			m.h = host.New(mapRepo{"conf/app.ini": "x=1\n", "src/main.py": "print()\n"}, "/co")
			m.h.Now.Run, m.h.Now.Must = 1, true
			m.a = &host.Actor{H: m.h, User: "root", Cwd: value.TextStr("/co")}
			m.line(t, tc.line)
			where := int32(0)
			if tc.machine != local {
				where = m.h.Machine(tc.machine, "remote")
			}
			_, n := m.h.Follow(where, tc.path)
			if tc.absent != (n.Presence == value.No) || n.Content.Repo() != tc.want {
				t.Errorf("%s: presence %s, from %q, want %q", tc.path, n.Presence, n.Content.Repo(), tc.want)
			}
		})
	}
}

func TestTransfers(t *testing.T) {
	check(t, []told{
		{"ssh -p 22 app@web1 touch x", Changed, []string{"remote ssh web1 args=-p,22 as=app", "touch /home/app/x as=app"}},
		{"echo 'touch /srv/x' | ssh web1 bash -s", Changed, []string{"remote ssh web1 as=", "touch /srv/x as="}},
		{"sudo -u app touch x", Changed, []string{"touch /ex/x as=app"}},
		{"su - app -c 'touch x'", Changed, []string{"touch /home/app/x as=app"}},
		{"env A=b nice timeout 5 touch x", Changed, []string{"touch /ex/x"}},
		{"cp one.txt one.txt.bak", Mechanics, []string{"copy /ex/one.txt.bak from=/ex/one.txt", "backup /ex/one.txt.bak from=/ex/one.txt"}},
		{"nohup java -jar app.jar", Changed, []string{"start app.jar /ex/app.jar what=java -jar app.jar"}},
		{"nohup mkdir new", Changed, []string{"mkdir /ex/new"}},
		{"setsid -f touch x", Changed, []string{"touch /ex/x", "start touch what=touch x"}},
		{"sed -i s/a/b/ /etc/hosts", Changed, []string{"edit /etc/hosts what=s/a/b/"}},
		{"tar czf /var/backups/app.tgz tree", Mechanics, []string{"write /var/backups/app.tgz", "backup /var/backups/app.tgz from=/ex/tree"}},
		{"chroot /mnt/root touch x", Changed, []string{"touch /x"}},
	})
}
