#!/bin/bash
# Brings the server to the newest main.
set -e

APP_DIR=/srv/guestbook
VENV=$APP_DIR/venv

echo "==> code"
cd /srv/guestbook && git pull origin main

echo "==> dependencies"
if [ ! -d "$VENV" ]; then
    python3 -m venv "$VENV"
fi
"$VENV/bin/pip" install --upgrade pip
"$VENV/bin/pip" install -r requirements.txt

echo "==> database"
source .env
export SECRET_KEY
"$VENV/bin/python" manage.py migrate
"$VENV/bin/python" manage.py collectstatic

echo "==> permissions"
chown -R guestbook:guestbook "$APP_DIR"
chmod -R 777 uploads logs

echo "==> nginx"
cp deploy/nginx.conf /etc/nginx/sites-available/guestbook
ln -sf /etc/nginx/sites-available/guestbook /etc/nginx/sites-enabled/guestbook
nginx -t
systemctl reload nginx

echo "==> service"
cp deploy/guestbook.service /etc/systemd/system/
systemctl daemon-reload
systemctl restart guestbook

echo "deployed $(git rev-parse --short HEAD)"
