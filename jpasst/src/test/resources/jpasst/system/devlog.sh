#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Shows a command a socket as /dev/log: devlog.sh SOCKET USER COMMAND... To be run by root in a mount
# namespace of its own, where /dev is replaced by links to what is in it.
set -eu
socket=$1 user=$2
shift 2
real=$socket.dev
mkdir -p "$real"
mount --rbind /dev "$real"
mount -t tmpfs -o mode=755 none /dev
for entry in "$real"/*; do ln -s "$entry" /dev/; done
rm -f /dev/log
ln -s "$socket" /dev/log
exec setpriv --reuid "$user" --regid "$user" --clear-groups -- "$@"
