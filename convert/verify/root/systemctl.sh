#!/bin/sh
# Stands in for systemctl(1) in a tree without a running systemd: logs the call,
# keeps enabling links as systemd does, and remembers which units run.
state=/.nativize/units
system=/etc/systemd/system
/.nativize/recorder/log systemctl "$@"

now=''
verb=''
units=''
quiet=''
for arg; do
	case $arg in
	--now) now=yes ;;
	-q | --quiet) quiet=yes ;;
	-*) ;;
	*)
		if [ -z "$verb" ]; then verb=$arg; else
			case $arg in
			*.service | *.timer | *.socket | *.path | *.target | *.mount) ;;
			*) arg=$arg.service ;;
			esac
			units="$units $arg"
		fi
		;;
	esac
done

say() { [ -n "$quiet" ] || echo "$1"; }

file_of() {
	for dir in $system /usr/lib/systemd/system /lib/systemd/system; do
		if [ -e "$dir/$1" ]; then
			echo "$dir/$1"
			return 0
		fi
	done
	return 1
}
masked() { [ "$(readlink "$system/$1")" = /dev/null ]; }
active() { [ -e "$state/$1.active" ]; }
enabled() {
	for link in "$system"/*.wants/"$1" "$system"/*.requires/"$1"; do
		[ -L "$link" ] && return 0
	done
	return 1
}

do_start() {
	masked "$1" && { echo "Failed to start $1: Unit $1 is masked." >&2; return 1; }
	file_of "$1" >/dev/null || { echo "Failed to start $1: Unit $1 not found." >&2; return 5; }
	count=$(cat "$state/$1.starts" 2>/dev/null)
	echo $((${count:-0} + 1)) >"$state/$1.starts"
	: >"$state/$1.active"
}
do_stop() { rm -f "$state/$1.active"; }

do_enable() {
	masked "$1" && { echo "Failed to enable unit: Unit file $system/$1 is masked." >&2; return 1; }
	file=$(file_of "$1") || { echo "Failed to enable unit: Unit file $1 does not exist." >&2; return 1; }
	# shellcheck disable=SC2013 # words: one line may name several targets
	for target in $(sed -n 's/^WantedBy=//p' "$file"); do
		mkdir -p "$system/$target.wants"
		ln -sf "$file" "$system/$target.wants/$1"
	done
}
do_disable() {
	rm -f "$system"/*.wants/"$1" "$system"/*.requires/"$1"
	rmdir "$system"/*.wants "$system"/*.requires 2>/dev/null
	return 0
}
# The first matching line decides; a unit that none names is enabled. systemd.preset(5)
do_preset() {
	for dir in /etc/systemd/system-preset /usr/lib/systemd/system-preset /lib/systemd/system-preset; do
		for rules in "$dir"/*.preset; do
			[ -e "$rules" ] || continue
			while read -r word pattern _; do
				# shellcheck disable=SC2254 # the pattern is one
				case $1 in $pattern)
					case $word in enable | disable) "do_$word" "$1"; return ;; esac
					;;
				esac
			done <"$rules"
		done
	done
	do_enable "$1"
}

each() {
	status=0
	for unit in $units; do "$1" "$unit" || status=$?; done
	return $status
}
do_try_restart() { if active "$1"; then do_start "$1"; fi; }
do_is_active() { if active "$1"; then say active; else say inactive; return 3; fi; }
do_is_enabled() {
	if masked "$1"; then say masked; return 1; fi
	if enabled "$1"; then say enabled; return 0; fi
	if file_of "$1" >/dev/null; then say disabled; else echo "Failed to get unit file state for $1" >&2; fi
	return 1
}
do_mask() { ln -sfn /dev/null "$system/$1"; }
do_unmask() { if masked "$1"; then rm -f "$system/$1"; fi; }
do_show() {
	file_of "$1" >/dev/null && load=loaded || load=not-found
	masked "$1" && load=masked
	active "$1" && run=active || run=inactive
	printf 'Id=%s\nLoadState=%s\nActiveState=%s\n' "$1" "$load" "$run"
}

case $verb in
start | restart) each do_start ;;
reload-or-restart | force-reload) each do_start ;;
stop | kill) each do_stop ;;
try-restart | condrestart | try-reload-or-restart | reload-or-try-restart) each do_try_restart ;;
enable | disable | preset | reenable)
	[ "$verb" = reenable ] && verb=enable
	each "do_$verb" || exit
	case $now$verb in
	yesdisable) each do_stop ;;
	yes*) each do_start ;;
	esac
	;;
is-active) each do_is_active ;;
is-enabled) each do_is_enabled ;;
mask | unmask)
	each "do_$verb" || exit
	[ "$now$verb" = yesmask ] && each do_stop
	exit 0
	;;
show) each do_show ;;
*) exit 0 ;;
esac
