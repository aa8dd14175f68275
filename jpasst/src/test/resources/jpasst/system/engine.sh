#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What a rootless container engine leaves behind for its containers, to be run in user and mount
# namespaces of its own: engine.sh DIRECTORY. The directory becomes a file system that is seen only
# in there, with a network namespace in the file "one". Then each line of standard input is a
# command, "done" says that it is over. At the end of input so is this.
set -eu
mount -t tmpfs none "$1"
touch "$1/one"
unshare --net="$1/one" true
nsenter --net="$1/one" ip link set lo up
echo ready
while read -r line; do
    eval "$line"
    echo done
done
