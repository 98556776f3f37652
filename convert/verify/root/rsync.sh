#!/bin/sh
# Stands in for rsync(1): writes the call down, and copies as it does where both
# sides are here and no option says which files.
/.nativize/recorder/log rsync "$@"
n=0
for arg; do
	case $arg in
	*:*) exit 0 ;;
	-*[!avrlptgozqhHAX]* | --*) case $arg in --archive | --recursive | --verbose | --quiet) ;; *) exit 0 ;; esac ;;
	-*) ;;
	*) n=$((n + 1)) to=$arg ;;
	esac
done
[ "$n" -ge 2 ] || exit 0
mkdir -p "$to"
for arg; do
	case $arg in
	-*) continue ;;
	esac
	n=$((n - 1))
	[ "$n" -gt 0 ] || break
	case $arg in
	*/) cp -a "$arg." "$to/" ;;
	*) cp -a "$arg" "$to/" ;;
	esac || exit
done
