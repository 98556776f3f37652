package command

import (
	"testing"

	"github.com/nativize/nativize/analyze/value"
)

func TestOSPackages(t *testing.T) {
	check(t, []told{
		{line: "apt-get -y -qq --no-install-recommends install nginx=1.24* libc6:i386 g++ vim-", want: []string{
			"package apt install nginx", "package apt install libc6", "package apt install g++", "package apt remove vim"}},
		{line: "apt-get install -y -o Dpkg::Options::=--force-confold php8.2/bookworm", want: []string{"package apt install php8.2"}},
		{line: "apt install ./app.deb", want: []string{"run-code apt install /ex/app.deb what=apt install ./app.deb"}},
		{line: "apt-get update -qq", outcome: Mechanics},
		{line: "apt-get -y dist-upgrade", outcome: Mechanics},
		{line: "apt-get -f install -y", outcome: Mechanics},
		{line: "apt-get purge -y apache2", want: []string{"package apt purge apache2"}},
		{line: "apt-get autoremove -q=2", outcome: Mechanics},
		{line: "dpkg -i app_1.0.deb", want: []string{"run-code dpkg install /ex/app_1.0.deb what=dpkg -i app_1.0.deb"}},
		{line: "dpkg -s nginx"},
		{line: "dpkg-query -W -f='${Status}' nginx"},
		{line: "yum install -y epel-release https://example.org/x.rpm", want: []string{"package yum install epel-release", "fetch url=https://example.org/x.rpm",
			"run-code yum install url=https://example.org/x.rpm what=yum install -y epel-release https://example.org/x.rpm"}},
		{line: "yum -y groupinstall 'Development Tools'", want: []string{"package yum install @Development Tools"}},
		{line: "dnf -y module enable php:8.2", want: []string{"system module repository what=dnf -y module enable php:8.2"}},
		{line: "rpm -Uvh x.rpm", want: []string{"run-code rpm install /ex/x.rpm what=rpm -Uvh x.rpm"}},
		{line: "rpm -q nginx"},
		{line: "apk add --no-cache --virtual .build gcc 'nginx>1.2' foo@edge", want: []string{"package apk install gcc", "package apk install nginx", "package apk install foo"}},
		{line: "pacman -Syu --noconfirm --needed nginx extra/git", want: []string{"package pacman install nginx", "package pacman install git"}},
		{line: "pacman -Syu --noconfirm", outcome: Mechanics},
		{line: "zypper -n in nginx", want: []string{"package zypper install nginx"}},
		{line: "brew services restart nginx", want: []string{"service other restart nginx what=brew services restart nginx"}},
		{line: "snap install --classic certbot", want: []string{"package snap install certbot"}},
		{line: "apt-key adv --keyserver k --recv-keys ABC", want: []string{"system adv repository-key what=apt-key adv --keyserver k --recv-keys ABC"}},
		{line: "add-apt-repository -y ppa:x/y", want: []string{"system ppa:x/y repository what=add-apt-repository -y ppa:x/y"}},
		{line: "echo 'app app/password password xyz' | debconf-set-selections", want: []string{"system debconf what=debconf-set-selections args=secret"}},
	})
	m := newMini()
	if c := m.line(t, "apt-get install nginx; dpkg -s nginx"); c.Status.Tri != value.Yes {
		t.Errorf("dpkg -s of an installed package: %s", c.Status.Tri)
	}
}
