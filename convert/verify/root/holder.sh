#!/bin/sh
# Runs in new namespaces, as the root of a new user namespace: mounts the tree,
# leaves the host's tree, and holds the namespaces open until it is killed.
#
# The working directory is that of the root, with upper, work, tree and lower0,
# lower1, ... in it. $1 lists the latter with colons, the uppermost first. The other arguments
# are the trees to mount there; there are none when that is done already:
# the mapped root may not walk through the host's private directories, which is also
# why mount -c does not look paths up.
set -e
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

mount -c --make-rprivate /
lowers=$1
shift
i=0
for layer; do
	mount -c --bind "$layer" "lower$i"
	i=$((i + 1))
done
# userxattr: without it an overlay in a user namespace cannot replace a directory.
mount -c -t overlay overlay -o "lowerdir=$lowers,upperdir=upper,workdir=work,userxattr" tree
cd -P tree
mount -c -t proc proc proc
mount -c -t tmpfs -o mode=755,size=1m tmpfs dev
for device in null zero full random urandom tty; do
	: >"dev/$device"
	mount -c --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
pivot_root . .
umount -l .
cd /
hostname throwaway
echo ready
exec sleep infinity
