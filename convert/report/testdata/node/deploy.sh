#!/bin/bash
set -euo pipefail
HOST=${DEPLOY_HOST:?}
npm ci
npm run build
rsync -az --delete dist/ "deploy@$HOST:/opt/board/"
ssh "deploy@$HOST" 'cd /opt/board && npm ci --omit=dev && pm2 reload board'
scp config/nginx.conf "deploy@$HOST:/etc/nginx/sites-available/board"
