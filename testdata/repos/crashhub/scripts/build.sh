#!/bin/bash -e
#
# Lays the repository out the way it lies on the server and packs it.
# The build server runs this after each merge.

cd "$(dirname "$0")/.."

BUILD=${BUILD:-builds/crashhub}
export BUILD

rm -rf "$BUILD"
mkdir -p $BUILD/application

# what the collector, the processor and the mover need
rsync -a config $BUILD/application
rsync -a crashhub $BUILD/application
rsync -a migrations $BUILD/application
rsync -a scripts $BUILD/application
rsync -a wsgi $BUILD/application

# the web page lives beside it
rsync -a webapp $BUILD/

# settings as a new installation starts with them
pushd $BUILD/webapp/crashview/settings > /dev/null
for file in *.py-dist; do
  cp $file `basename $file -dist`
done
popd > /dev/null

# which revision is this?
git rev-parse HEAD > $BUILD/application/crashhub/revision.txt 2> /dev/null || echo unknown > $BUILD/application/crashhub/revision.txt

find $BUILD -name '*.pyc' -delete
find $BUILD -name __pycache__ -type d -empty -delete

tar -C "$(dirname $BUILD)" -zcf "${BUILD}.tar.gz" "$(basename $BUILD)"
echo "built ${BUILD}.tar.gz"
