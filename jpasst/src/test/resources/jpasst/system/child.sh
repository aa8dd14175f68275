#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What rootlesskit's child does with its network namespace before it asks for a network: it makes
# the tap device itself and configures it. child.sh NAME ADDRESS/LENGTH GATEWAY MTU
set -eu
ip link set lo up
ip tuntap add "$1" mode tap
ip link set "$1" up mtu "$4"
ip address add "$2" dev "$1"
ip route add default via "$3" dev "$1"
echo ready
exec sleep 120
