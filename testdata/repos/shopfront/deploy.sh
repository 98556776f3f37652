#!/usr/bin/env bash
#
# Sends this directory to the shop's server and reloads the shop.
#   ./deploy.sh [production|staging]

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

ENVIRONMENT="${1:-production}"
case "$ENVIRONMENT" in
  production) HOST="deploy@shop.example.org" ;;
  staging)    HOST="deploy@staging.shop.example.org" ;;
  *) echo "usage: $0 [production|staging]" >&2; exit 64 ;;
esac

TARGET=/srv/shopfront
SSH_OPTIONS="-o StrictHostKeyChecking=no"

echo "--- build"
npm ci
npm run build

echo "--- send to $HOST:$TARGET"
rsync -avz --delete \
  --exclude .git \
  --exclude node_modules \
  --exclude .env \
  --exclude test \
  --exclude data/orders \
  --exclude logs \
  -e "ssh $SSH_OPTIONS" \
  ./ "$HOST:$TARGET/"

echo "--- install"
ssh $SSH_OPTIONS "$HOST" <<EOF
set -e
cd $TARGET
mkdir -p logs data/orders
chmod 777 logs
npm ci --omit=dev
node src/migrate.js
EOF

echo "--- nginx"
scp $SSH_OPTIONS deploy/nginx.conf "$HOST:/tmp/shopfront.nginx"
ssh $SSH_OPTIONS "$HOST" "sudo cp /tmp/shopfront.nginx /etc/nginx/conf.d/shopfront.conf && sudo nginx -t && sudo systemctl reload nginx"

echo "--- reload"
ssh $SSH_OPTIONS "$HOST" 'bash -s' <<'REMOTE'
set -e
cd /srv/shopfront
pm2 reload ecosystem.config.js --env production || pm2 start ecosystem.config.js --env production
pm2 save
curl -fsS http://127.0.0.1:3000/health
REMOTE

echo "--- $ENVIRONMENT is up to date"
