#!/usr/bin/env bash
# Brings the containers on this host to the newest version.
set -euo pipefail
cd "$(dirname "$0")"

git pull --ff-only

if [ ! -f .env ]; then
    echo "copy .env.example to .env first" >&2
    exit 1
fi

docker compose pull redis proxy
docker compose build --pull app
docker compose up -d --remove-orphans
docker compose exec -T app python3 /app/app.py check
docker image prune -f
