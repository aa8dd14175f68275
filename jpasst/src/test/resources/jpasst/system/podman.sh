#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes a mount namespace in which a tree with Podman in it is this machine's root; others enter it.
# podman.sh NAMESPACE TREE PROGRAM JAVA DIRECTORY USER RESOLV.CONF
# PROGRAM: the tree of pasta, JAVA its Java, DIRECTORY the lab's: all seen at their places. It says
# "ready", and ends with its standard input. A changed root alone would not do: whoever is in one
# may not make user namespaces.
set -eu
if [ "${JPASST_ENTERED:-}" != yes ]; then
    JPASST_ENTERED=yes exec ip netns exec "$1" unshare --mount --propagation private "$0" "$@"
fi
root=$2 program=$3 java=$4 directory=$5 user=$6 resolver=$7
unset JPASST_ENTERED

mount --bind "$root" "$root"
for place in tmp run home dev; do mount -t tmpfs -o mode=0755 none "$root/$place"; done
# A copy: several tests may run in this tree.
mkdir "$root/run/etc"
cp -r "$root/etc/." "$root/run/etc"
mount --bind "$root/run/etc" "$root/etc"
mount --rbind /proc "$root/proc"
mount --rbind /sys "$root/sys"
# Without delegation no container may use cgroups; which version there is must be known, though.
mount -t cgroup2 none "$root/sys/fs/cgroup"
for place in "$program" "$java" "$directory"; do
    mkdir -p "$root$place"
    mount --bind "$place" "$root$place"
done

mkdir "$root/dev/net" "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 none "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
chmod 1777 "$root/dev/shm" "$root/tmp"
for device in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0' \
        'net/tun 10 200'; do
    set -- $device
    mknod -m 666 "$root/dev/$1" c "$2" "$3"
done

mkdir -p -m 700 "$root/run/user/$user"
chown "$user:$user" "$root/run/user" "$root/run/user/$user"
cp "$resolver" "$root/etc/resolv.conf"
echo "root:x:0:0::/:/bin/sh
tester:x:$user:$user::$directory:/bin/sh" > "$root/etc/passwd"
echo "root:x:0:
tester:x:$user:" > "$root/etc/group"

cd "$root"
pivot_root . old
busybox umount -l old
echo ready
exec cat
