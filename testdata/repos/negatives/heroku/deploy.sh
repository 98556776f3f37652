#!/bin/sh
# Puts the main branch on Heroku.
set -e

APP=${1:-dicebot}

if ! heroku auth:whoami > /dev/null 2>&1; then
    heroku login
fi

git remote get-url heroku > /dev/null 2>&1 || heroku git:remote --app "$APP"

heroku maintenance:on --app "$APP"
git push heroku main
heroku run --app "$APP" npm run check
heroku ps:scale web=1 --app "$APP"
heroku maintenance:off --app "$APP"
heroku open --app "$APP"
