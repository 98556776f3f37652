#!/bin/sh
# Writes a 500 MB payload with this package, dpkg-deb, rpmbuild and plain nfpm at
# the same compression and prints wall time, CPU time, peak memory and size as a
# Markdown table. Needs dpkg-deb, rpmbuild, GNU time and 4 GB of disk.
#
#   sh convert/pack/testdata/measure.sh [DIRECTORY]
set -eu

cd "$(dirname "$0")/.."
dir=${1:-$(mktemp -d)}
mkdir -p "$dir/tmp"
export PACK_PAYLOAD="$dir/payload" TMPDIR="$dir/tmp"

go test -c -o "$dir/pack.test" .
# make the payload, and read it once so that all start with a warm cache
"$dir/pack.test" -test.run '^$' -test.bench 'Large$/rpm-gzip' -test.benchtime 1x > /dev/null

# the same tree for dpkg-deb and rpmbuild, by hard links
rm -rf "$dir/tree" "$dir/rpm"
mkdir -p "$dir/tree/DEBIAN" "$dir/tree/usr/share"
cp -al "$PACK_PAYLOAD" "$dir/tree/usr/share/shop"
printf 'Package: shop\nVersion: 1.2.3-1\nArchitecture: all\nMaintainer: Ann <ann@example.org>\nDescription: sells things\n' > "$dir/tree/DEBIAN/control"
cat > "$dir/shop.spec" <<SPEC
Name: shop
Version: 1.2.3
Release: 1
Summary: sells things
License: MIT
BuildArch: noarch
AutoReqProv: no
%description
Sells things.
%install
mkdir -p %{buildroot}/usr/share
cp -al $PACK_PAYLOAD %{buildroot}/usr/share/shop
%files
/usr/share/shop
SPEC

row() { # builder format command...
    who=$1 what=$2
    shift 2
    /usr/bin/time -o "$dir/time" -f '%e %U %S %M' "$@" > "$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
    size=$(sed -n 's/.* \([0-9.]*\) MB-package.*/\1/p' "$dir/log")
    [ -n "$size" ] || size=$(find "$dir/out.deb" "$dir/rpm" -name '*.deb' -o -name '*.rpm' 2> /dev/null |
        xargs stat -c %s | awk '{ printf "%.1f", $1 / 1e6 }')
    awk -v who="$who" -v what="$what" -v size="$size" \
        '{ printf "| %s | %s | %.1f | %.1f | %.0f | %s |\n", what, who, $1, $2 + $3, $4 / 1024, size }' "$dir/time"
    rm -rf "$dir/out.deb" "$dir/rpm"
}
pack() { row nativize "$1" "$dir/pack.test" -test.run '^$' -test.bench "^BenchmarkLarge\$/^$1\$" -test.benchtime 1x; }
nfpm() { row nfpm "$1" "$dir/pack.test" -test.run '^$' -test.bench "^BenchmarkLargeNFPM\$/^$1\$" -test.benchtime 1x; }
dpkg_deb() { row dpkg-deb "$1" dpkg-deb "-Z$2" "-z$3" --root-owner-group -b "$dir/tree" "$dir/out.deb"; }
rpm_build() {
    row rpmbuild "$1" rpmbuild -bb --define "_topdir $dir/rpm" --define "_binary_payload $2" \
        --define 'debug_package %{nil}' --define '__os_install_post %{nil}' "$dir/shop.spec"
}

echo '| format | builder | wall s | CPU s | peak MB | package MB |'
echo '| --- | --- | --- | --- | --- | --- |'
pack deb-gzip:6
dpkg_deb deb-gzip:6 gzip 6
nfpm deb-gzip:6
pack deb-zstd:3
dpkg_deb deb-zstd:3 zstd 3
nfpm deb-zstd:3
pack rpm-gzip:6
rpm_build rpm-gzip:6 w6.gzdio
nfpm rpm-gzip:6
pack rpm-zstd:3
rpm_build rpm-zstd:3 w3.zstdio
nfpm rpm-zstd:3
pack apk
nfpm apk
pack archlinux-zstd:3
nfpm archlinux-zstd:3
