#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Enters the test's "host": enter.sh NAMESPACE TUN-MODE USER RESOLV.CONF COMMAND...
# TUN-MODE: access mode of /dev/net/tun as seen by the command. USER: a numeric id, or "root".
# RESOLV.CONF: file to show as /etc/resolv.conf. `ip netns exec` gave us a mount namespace of our
# own, so nothing of this is seen outside. Every step is an exec: the process id stays.
set -eu
if [ "${JPASST_ENTERED:-}" != yes ]; then
    JPASST_ENTERED=yes exec ip netns exec "$1" "$0" "$@"
fi
tun_mode=$2 user=$3 resolver=$4
shift 4
mount -t tmpfs -o mode=755 none /dev/net
mknod -m "$tun_mode" /dev/net/tun c 10 200
if [ -e /etc/resolv.conf ]; then mount --bind "$resolver" /etc/resolv.conf; fi
unset JPASST_ENTERED
if [ "$user" = root ]; then exec "$@"; fi
exec setpriv --reuid "$user" --regid "$user" --clear-groups -- "$@"
