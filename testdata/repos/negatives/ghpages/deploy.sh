#!/bin/bash
# Builds the site and publishes it on the gh-pages branch.
set -e

python3 build.py

REMOTE=$(git config --get remote.origin.url)
REVISION=$(git rev-parse --short HEAD)

cd site
touch .nojekyll
echo "notes.example.org" > CNAME

git init -q
git checkout -q -b gh-pages
git add -A
git commit -q -m "site of $REVISION"
git push -f "$REMOTE" gh-pages

cd ..
rm -rf site
