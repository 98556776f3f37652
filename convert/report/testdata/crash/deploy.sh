#!/bin/bash
# Deploys the crash collector from a release archive.
# usage: deploy.sh URL

URL=$1
CURDATE=$(date "+%Y-%m-%d")

if [ "$#" != "1" ]; then
  echo "Syntax: deploy.sh <url-to-release.tar.gz>"
  exit 1
fi

error() {
  if [ "$1" != "0" ]; then
    echo "$2"
    exit "$1"
  fi
}

echo "Checking distribution"
if [ ! -f /etc/redhat-release ]; then
  echo "only for CentOS"
  exit 1
fi

id collector > /dev/null 2>&1
if [ "$?" != "0" ]; then
  useradd -r -d /home/collector -s /sbin/nologin collector
fi

mkdir -p /etc/collector
mkdir -p /var/log/collector
chown collector:collector /var/log/collector
mkdir -p /home/collector/primaryStorage
chown apache:collector /home/collector/primaryStorage
chmod 2775 /home/collector/primaryStorage

echo "Downloading release"
wget -q -O collector-new.tar.gz "$URL"
error $? "wget failed"
sha1sum --status -c collector.sha1
error $? "checksum failed"

cp -a /data/collector "/data/collector.$CURDATE"
rm -rf /data/collector
tar -C /data -zxf collector-new.tar.gz
error $? "could not untar"

for f in processor.ini monitor.ini common.ini; do
  if [ ! -f "/etc/collector/$f" ]; then
    cp "/data/collector/config/$f-dist" "/etc/collector/$f"
  fi
done
cp /data/collector/config/web.conf /etc/httpd/conf.d/collector.conf
cp /etc/collector/*.ini /data/collector/application/config/

export DATABASE_PASSWORD=aPassword42
sed -i "s/SECRET/$DATABASE_PASSWORD/" /data/collector/webapp/settings/local.py

cp /data/collector/scripts/init.d/collector-processor /etc/init.d/
chkconfig --add collector-processor
chkconfig collector-processor on

cd /data/collector
python manage.py migrate
error $? "migration failed"

echo "*/5 * * * * collector /data/collector/scripts/cron.sh" > /etc/cron.d/collector
ln -fs /data/collector/bin/collectorctl /usr/local/bin/collectorctl
consul-template -once -config /etc/consul.hcl

/etc/init.d/collector-processor restart
/etc/init.d/httpd restart
mv collector-new.tar.gz collector.tar.gz
