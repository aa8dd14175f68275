#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Called by udhcpc in the virtual machine: applies a lease, and keeps all it says in /run/lease.
case $1 in
    deconfig)
        ip -4 address flush dev "$interface"
        ip link set "$interface" up
        ;;
    bound | renew)
        env | sort > /run/lease
        [ -z "${mtu:-}" ] || ip link set "$interface" mtu "$mtu"
        ip -4 address flush dev "$interface"
        ip -4 address add "$ip/$mask" dev "$interface"
        # As RFC 3442 says: option 121 alone, where it is there.
        if [ -n "${staticroutes:-}" ]; then
            set -- $staticroutes
            while [ $# -ge 2 ]; do
                if [ "$2" = 0.0.0.0 ]; then
                    ip route add "$1" dev "$interface"
                else
                    ip route add "$1" via "$2" dev "$interface"
                fi
                shift 2
            done
        elif [ -n "${router:-}" ]; then
            ip route add default via "${router%% *}" dev "$interface"
        fi
        [ -z "${hostname:-}" ] || hostname "$hostname"
        {
            [ -z "${search:-}" ] || echo "search $search"
            for server in ${dns:-}; do echo "nameserver $server"; done
        } > /etc/resolv.conf
        ;;
esac
