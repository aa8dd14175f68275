#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Called by dhclient in the virtual machine: applies an IPv6 lease, and keeps all it says in
# /run/lease6.
case $reason in
    BOUND6 | RENEW6 | REBIND6)
        env | sort > /run/lease6
        ip -6 address add "$new_ip6_address/$new_ip6_prefixlen" dev "$interface"
        ;;
esac
