package command

import "testing"

func TestAccounts(t *testing.T) {
	check(t, []told{
		{line: "useradd -r -s /bin/false -d /srv/app -g web app", want: []string{"add-user app home=/srv/app shell=/bin/false group=web"}},
		{line: "useradd -m -G www-data,adm deploy", want: []string{"add-user deploy home=/home/deploy groups=www-data,adm"}},
		{line: "useradd --system --no-create-home --shell=/usr/sbin/nologin app", want: []string{"add-user app shell=/usr/sbin/nologin"}},
		{line: "useradd -p Vooph6ei app", want: []string{"add-user app", "set-password app args=secret"}},
		{line: "adduser --system --group app", want: []string{"add-user app"}},
		{line: "adduser --system app", want: []string{"add-user app group=nogroup"}},
		{line: "adduser --disabled-password --gecos '' app", want: []string{"add-user app home=/home/app"}},
		{line: "adduser -S -D -H -G www app", want: []string{"add-user app group=www"}},
		{line: "adduser -r -m -d /opt/app app", want: []string{"add-user app home=/opt/app"}},
		{line: "adduser www-data app", want: []string{"add-member app www-data"}},
		{line: "usermod -aG docker,adm app", want: []string{"add-member docker app", "add-member adm app"}},
		{line: "usermod -s /bin/bash app", want: []string{"change-user app shell=/bin/bash"}},
		{line: "groupadd -f -r app", want: []string{"add-group system app"}},
		{line: "addgroup --system app", want: []string{"add-group system app"}},
		{line: "gpasswd -a app docker", want: []string{"add-member docker app"}},
		{line: "userdel -r app", want: []string{"del-user app"}},
		{line: "echo app:Vooph6ei | chpasswd", want: []string{"set-password app args=secret"}},
		{line: "passwd -l app", want: []string{"set-password lock app"}},
		{line: "loginctl enable-linger app", want: []string{"system enable-linger linger what=loginctl enable-linger app args=app"}},
		{line: `echo 'u app - "The app" /srv/app /bin/sh' | systemd-sysusers -`, want: []string{"add-user app home=/srv/app shell=/bin/sh"}},
		{line: "visudo -cf /etc/sudoers.d/app"},
	})
}

// TestAccountExists: a second useradd fails; adduser --system does not.
func TestAccountExists(t *testing.T) {
	m := newMini()
	if c := m.line(t, "useradd app; useradd app"); c.Status.Tri != -1 {
		t.Errorf("second useradd: %s, want no", c.Status.Tri)
	}
	if c := m.line(t, "adduser --system app"); c.Status.Tri != 1 {
		t.Errorf("adduser --system: %s, want yes", c.Status.Tri)
	}
}
