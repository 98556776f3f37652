#!/bin/bash
#
# Removes processed reports after 90 days. Called by cron.

. /etc/crashhub/crashhubrc

KEEP_DAYS=90

exec 9> $LOCKS/purge.lock
flock -n 9 || exit 0

find /home/crashhub/processed -type f -mtime +$KEEP_DAYS -delete
cd $APPLICATION && python3 crashhub/report_app.py --config=/etc/crashhub/processor.ini --forget-days=$KEEP_DAYS >> $LOGS/purge.log 2>&1
