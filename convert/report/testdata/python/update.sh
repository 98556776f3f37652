#!/bin/sh
cd /srv/shop || exit 1
git pull origin master
git clean -fdx
. venv/bin/activate
pip install -r requirements.txt
cp config/production.env .env
python manage.py migrate --noinput
python manage.py collectstatic --noinput
mkdir -p /srv/shop/uploads
chmod 777 /srv/shop/uploads
curl -fsS https://get.example.org/agent.sh | sh
sudo systemctl restart shop
