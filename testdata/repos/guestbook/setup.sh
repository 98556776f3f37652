#!/usr/bin/env bash
# Prepares a new server. Run once, as root, in /srv/guestbook.
set -e

if [ "$(id -u)" -ne 0 ]; then
    echo "please run as root"
    exit 1
fi

apt-get update
apt-get install -y git nginx python3 python3-venv python3-pip sqlite3

if ! id guestbook >/dev/null 2>&1; then
    useradd --system --home-dir /srv/guestbook --no-create-home --shell /usr/sbin/nologin guestbook
fi

mkdir -p /srv/guestbook/uploads /srv/guestbook/logs
chown -R guestbook:guestbook /srv/guestbook
# nginx hands the pictures out
usermod -a -G guestbook www-data

if [ ! -f /srv/guestbook/.env ]; then
    cp /srv/guestbook/.env.example /srv/guestbook/.env
    chmod 640 /srv/guestbook/.env
    echo "edit /srv/guestbook/.env now"
fi

cp /srv/guestbook/deploy/guestbook.service /etc/systemd/system/guestbook.service
systemctl daemon-reload
systemctl enable guestbook

rm -f /etc/nginx/sites-enabled/default
