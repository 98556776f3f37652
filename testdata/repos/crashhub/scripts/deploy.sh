#!/bin/bash
#
# Installs a crashhub build on this server, or updates it.
# Takes the address of the tarball that scripts/build.sh made.

if [ $# -ne 1 ]; then
  echo "usage: deploy.sh URL-OF-crashhub.tar.gz"
  exit 1
fi

URL=$1

grep 'release [67]' /etc/redhat-release > /dev/null 2>&1
if [ $? != 0 ]; then
  echo "this script knows CentOS and RHEL 6 and 7 only"
  exit 1
fi

# error STATUS MESSAGE: stops the deployment when the last command failed
error() {
  if [ $# != 2 ]; then
    echo "usage: error STATUS MESSAGE"
    exit 1
  fi
  if [ "$1" != 0 ]; then
    echo "ERROR: $2"
    exit "$1"
  fi
}

APP=crashhub
CODE=/data/$APP
ETC=/etc/$APP
HOME_DIR=/home/$APP
LOG=/var/log/$APP
DATABASE=$HOME_DIR/$APP.db

# the tarball of the last deployment lies beside this script
cd "$(dirname "$0")"
error $? "cannot change to the directory of this script"

DATE=`date +%Y-%m-%d_%H-%M-%S`
error $? "cannot read the clock"

# the account that the processor, the mover and the jobs run as
id $APP > /dev/null 2>&1
if [ $? != 0 ]; then
  echo "creating the account $APP"
  useradd -m $APP
  error $? "cannot create the account $APP"
fi

echo "creating directories"
mkdir -p $ETC
error $? "cannot create $ETC"
mkdir -p $LOG
error $? "cannot create $LOG"
chown $APP $LOG
error $? "cannot give $LOG to $APP"
mkdir -p $CODE
error $? "cannot create $CODE"
mkdir -p /var/lock/$APP
error $? "cannot create /var/lock/$APP"
chown $APP /var/lock/$APP
error $? "cannot give /var/lock/$APP to $APP"

# httpd writes reports, the processor takes them away: shared by group
mkdir -p $HOME_DIR/incoming $HOME_DIR/fallback $HOME_DIR/processed
error $? "cannot create the crash stores"
chown apache:$APP $HOME_DIR/incoming $HOME_DIR/fallback
error $? "cannot give the crash stores to apache (is httpd installed?)"
chown $APP:$APP $HOME_DIR/processed
error $? "cannot give the processed store to $APP"
chmod 2775 $HOME_DIR/incoming $HOME_DIR/fallback
error $? "cannot set the mode of the crash stores"
chmod o+x $HOME_DIR
error $? "cannot open $HOME_DIR for httpd"

# fetch the build, unless it is the one that is installed
OLD_SUM=""
if [ -f $APP.tar.gz ]; then
  OLD_SUM=`md5sum $APP.tar.gz | awk '{print $1}'`
  error $? "cannot sum the installed tarball"
fi

echo "downloading $URL"
curl -s -z $APP.tar.gz $URL > $APP-new.tar.gz
error $? "download failed"

if [ ! -s $APP-new.tar.gz ]; then
  echo "nothing newer than the installed build"
  exit 0
fi

NEW_SUM=`md5sum $APP-new.tar.gz | awk '{print $1}'`
error $? "cannot sum the new tarball"

if [ "$OLD_SUM" == "$NEW_SUM" ]; then
  echo "this build is installed already (remove $APP.tar.gz to install it again)"
  exit 0
fi

TMP=`mktemp -d /tmp/$APP-deploy-XXXXXX`
error $? "cannot create a temporary directory"
tar -C $TMP -zxf $APP-new.tar.gz
error $? "cannot unpack the new build"

# keep the old tree; remove it by hand when the disk is full
echo "moving the old build to $CODE.$DATE"
mv $CODE $CODE.$DATE
error $? "cannot move the old build away"

mv $TMP/$APP /data/
error $? "cannot move the new build to /data"

# settings for shells and jobs
cp $CODE/application/scripts/crons/crashhubrc $ETC/
error $? "cannot copy crashhubrc"

if [ ! -f /etc/httpd/conf.d/$APP.conf ]; then
  cp $CODE/application/config/apache.conf-dist /etc/httpd/conf.d/$APP.conf
  error $? "cannot copy the httpd configuration"
fi

# samples always, the real files only when they are not there
cp $CODE/application/config/*.ini-dist $ETC
error $? "cannot copy the sample configuration"
pushd $ETC > /dev/null
error $? "cannot change to $ETC"
for file in *.ini-dist; do
  ini=`basename $file -dist`
  if [ ! -f $ini ]; then
    cp $file $ini
    error $? "cannot copy $file to $ini"
  fi
done
popd > /dev/null

# the program looks for its configuration beside the code
cp $ETC/*.ini $CODE/application/config/
error $? "cannot copy the configuration into $CODE"

ETC_LOCAL=$ETC/local.py
CODE_LOCAL=$CODE/webapp/crashview/settings/local.py
if [ ! -f "$ETC_LOCAL" ]; then
  cp "$CODE_LOCAL" "$ETC_LOCAL"
  error $? "cannot copy the first local.py to $ETC"
  echo
  echo "Now edit the files in $ETC and run this script again."
  exit 0
fi

if [ -f "$CODE_LOCAL" ]; then
  mv "$CODE_LOCAL" "$CODE_LOCAL.dist"
  error $? "cannot move $CODE_LOCAL away"
fi
ln -sf "$ETC_LOCAL" "$CODE_LOCAL"
error $? "cannot link $ETC_LOCAL into the web page"

# httpd keeps rendered pages here
mkdir -p $CODE/webapp/cache
error $? "cannot create the cache directory"
chmod 777 $CODE/webapp/cache
error $? "cannot open the cache directory"

for service in processor mover; do
  cp $CODE/application/scripts/init.d/crashhub-$service /etc/init.d/
  error $? "cannot copy the init script of crashhub-$service"
  chmod 755 /etc/init.d/crashhub-$service
  error $? "cannot set the mode of the init script of crashhub-$service"
  chkconfig --add crashhub-$service
  error $? "cannot register crashhub-$service"
  chkconfig crashhub-$service on
  error $? "cannot enable crashhub-$service"
done

# database: create it, or bring it to the newest schema
pushd $CODE/application > /dev/null
error $? "cannot change to $CODE/application"
su $APP -s /bin/sh -c "sqlite3 $DATABASE .tables" 2> /dev/null | grep crash_reports > /dev/null
if [ $? != 0 ]; then
  echo "creating the database"
  su $APP -s /bin/sh -c "PYTHONPATH=. python3 crashhub/setupdb_app.py --database=$DATABASE --sample-data" \
    &> $LOG/setupdb.log
  error $? "cannot create the database, see $LOG/setupdb.log"
else
  echo "migrating the database"
  su $APP -s /bin/sh -c "PYTHONPATH=. python3 crashhub/migrate_app.py -c config/migrate.ini upgrade head" \
    &> $LOG/migrate.log
  error $? "cannot migrate the database, see $LOG/migrate.log"
fi
popd > /dev/null

if [ ! -f /etc/cron.d/$APP ]; then
  # crond skips files that are executable or writable by a group
  chmod 644 $CODE/application/config/crontab-dist
  error $? "cannot set the mode of the crontab"
  cp -a $CODE/application/config/crontab-dist /etc/cron.d/$APP
  error $? "cannot copy the crontab"
fi

for service in crashhub-processor crashhub-mover httpd; do
  if [ -f /etc/init.d/$service ]; then
    /sbin/service $service status > /dev/null
    if [ $? != 0 ]; then
      /sbin/service $service start
      error $? "cannot start $service"
    else
      /sbin/service $service restart
      error $? "cannot restart $service"
    fi
  fi
done

echo "preparing the web page"
python3 $CODE/webapp/manage.py syncdb --noinput &> $LOG/syncdb.log
error $? "syncdb failed, see $LOG/syncdb.log"

# only a complete deployment counts as installed
mv $APP-new.tar.gz $APP.tar.gz
error $? "cannot keep the tarball"

echo "installed $URL"
echo "md5 $NEW_SUM, the old build is $CODE.$DATE"
