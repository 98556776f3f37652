#!/bin/sh
# Stands in for the program that it is called as: writes the call down, says what it was
# told to say, and does nothing.
name=${0##*/}
/.nativize/recorder/log "$name" "$@"
[ ! -e "/.nativize/recorder/$name.stdout" ] || cat "/.nativize/recorder/$name.stdout"
status=0
[ ! -e "/.nativize/recorder/$name.exit" ] || read -r status <"/.nativize/recorder/$name.exit"
exit "$status"
