#!/bin/sh
# Stands in for curl(1) and wget(1): writes the call down, and brings what the build
# made, if it made something, whatever the address.
name=${0##*/}
/.nativize/recorder/log "$name" "$@"
archive=/.nativize/recorder/download
[ -e "$archive" ] || exit 0
out='' url='' remote='' last=''
for arg; do
	case $name$last in
	curl-o | curl--output | wget-O | wget--output-document) out=$arg ;;
	esac
	case $arg in
	*://*) url=$arg ;;
	-O | --remote-name | -*O) remote=yes ;;
	esac
	last=$arg
done
if [ -z "$out" ] && [ -n "$url" ]; then
	case $name$remote in curlyes | wget) out=${url##*/} ;; esac
fi
case $out in
'' | -) cat "$archive" ;;
*) cat "$archive" >"$out" ;;
esac
