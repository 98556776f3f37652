package command

import "testing"

func TestSystem(t *testing.T) {
	check(t, []told{
		{line: "sysctl -w vm.swappiness=10", want: []string{"system sysctl what=sysctl -w vm.swappiness=10 args=vm.swappiness=10"}},
		{line: "sysctl -n vm.swappiness"},
		{line: "ufw --force enable", want: []string{"service other enable ufw what=ufw --force enable"}},
		{line: "ufw allow 22/tcp", want: []string{"system allow firewall what=ufw allow 22/tcp"}},
		{line: "ufw status"},
		{line: "iptables -C INPUT -p tcp --dport 80 -j ACCEPT"},
		{line: "iptables -A INPUT -p tcp --dport 80 -j ACCEPT", want: []string{"system INPUT firewall what=iptables -A INPUT -p tcp --dport 80 -j ACCEPT"}},
		{line: "firewall-cmd --permanent --add-service=http", want: []string{"system firewall what=firewall-cmd --permanent --add-service=http"}},
		{line: "firewall-cmd --list-all"},
		{line: "setcap cap_net_bind_service=+ep /usr/bin/node", want: []string{"system capability /usr/bin/node what=setcap cap_net_bind_service=+ep /usr/bin/node args=cap_net_bind_service=+ep"}},
		{line: "mount -o bind /data /srv/data", want: []string{"mount mount /srv/data from=/data what=mount -o bind /data /srv/data"}},
		{line: "umount -l /srv/data", want: []string{"mount umount /srv/data what=umount -l /srv/data"}},
		{line: "mkswap /swapfile", want: []string{"system disk /swapfile what=mkswap /swapfile"}},
		{line: "timedatectl set-timezone UTC", want: []string{"system set-timezone identity what=timedatectl set-timezone UTC"}},
		{line: "pkill -HUP -f gunicorn", want: []string{"system reload process what=pkill -HUP -f gunicorn args=gunicorn"}},
		{line: "kill -0 12"},
		{line: "reboot", want: []string{"system power what=reboot"}},
	})
}

func TestContainersAndCloud(t *testing.T) {
	check(t, []told{
		{line: "docker run -d --name app -p 80:80 app:1", want: []string{"system run container what=docker run -d --name app -p 80:80 app:1"}},
		{line: "docker compose -f prod.yml up -d --build", want: []string{"system compose up container what=docker compose -f prod.yml up -d --build"}},
		{line: "docker ps -a"},
		{line: "docker compose logs -f"},
		{line: "docker login -u app -p Vooph6ei", outcome: Mechanics, want: []string{"system login container what=docker login -u app -p *** args=secret"}},
		{line: "docker-compose -f prod.yml up -d", want: []string{"system up container what=docker-compose -f prod.yml up -d"}},
		{line: "kubectl -n app apply -f k8s/", want: []string{"system apply container what=kubectl -n app apply -f k8s/"}},
		{line: "kubectl get pods"},
		{line: "aws s3 sync build/ s3://app --delete", want: []string{"system s3 cloud what=aws s3 sync build/ s3://app --delete"}},
		{line: "aws s3 cp s3://app/app.tgz /tmp/app.tgz", outcome: Mechanics, want: []string{"fetch /tmp/app.tgz url=s3://app/app.tgz what=aws s3 cp s3://app/app.tgz /tmp/app.tgz"}},
		{line: "aws sts get-caller-identity"},
		{line: "gcloud app deploy --quiet", want: []string{"system app cloud what=gcloud app deploy --quiet"}},
		{line: "terraform apply -auto-approve", want: []string{"system apply cloud what=terraform apply -auto-approve"}},
		{line: "vercel --prod", want: []string{"system static-hosting what=vercel --prod"}},
		{line: "ansible-playbook -i hosts site.yml", want: []string{"system site.yml orchestration what=ansible-playbook -i hosts site.yml"}},
		{line: "lftp -u app,Vooph6ei ftp.example.org", want: []string{"remote lftp ftp.example.org", "system upload what=lftp -u app,*** ftp.example.org args=secret"}},
	})
}

func TestMaintainer(t *testing.T) {
	check(t, []told{
		{line: "dpkg-maintscript-helper supports rm_conffile"},
		{line: "dpkg-maintscript-helper rm_conffile /etc/app.conf 1.2~", want: []string{"system rm_conffile conffile /etc/app.conf what=dpkg-maintscript-helper rm_conffile /etc/app.conf 1.2~"}},
		{line: "dpkg-divert --package app --add --rename --divert /usr/bin/x.real /usr/bin/x", want: []string{
			"system add diversion /usr/bin/x what=dpkg-divert --package app --add --rename --divert /usr/bin/x.real /usr/bin/x"}},
		{line: "dpkg-statoverride --update --add root app 0640 /etc/app.conf", want: []string{
			"system add statoverride /etc/app.conf what=dpkg-statoverride --update --add root app 0640 /etc/app.conf owner=root mode=0640",
			"chown /etc/app.conf owner=root", "chmod /etc/app.conf mode=0640"}},
		{line: "dpkg-trigger --no-await ldconfig", want: []string{"system ldconfig trigger what=dpkg-trigger --no-await ldconfig"}},
		{line: "db_get app/port", outcome: Mechanics},
		{line: "deb-systemd-helper enable app.service", want: []string{"service systemd enable app what=deb-systemd-helper enable app.service"}},
		{line: "deb-systemd-invoke restart app.service", want: []string{"service systemd restart app what=deb-systemd-invoke restart app.service"}},
		{line: "invoke-rc.d app restart", want: []string{"service sysv restart app what=invoke-rc.d app restart"}},
		{line: "py3compile -p app", want: []string{"system cache what=py3compile -p app"}},
	})
}
