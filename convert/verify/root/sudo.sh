#!/bin/sh
# Stands in for sudo(8) where there is none: root of the tree may run anything.
user=root
while [ $# -gt 0 ]; do
	case $1 in
	-u | --user) user=$2 && shift ;;
	-- | -*) ;;
	*=*) export "${1?}" ;;
	*) break ;;
	esac
	shift
done
[ $# -gt 0 ] || exit 0
exec runuser -u "$user" -- "$@"
