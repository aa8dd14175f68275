#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What udhcpc and dhclient run when something happens. Configures the interface as they tell, and
# prints what they were told, one "name=value" a line, sorted; then "leased".
case ${1:-$reason} in
    bound)
        ip address add "$ip/$mask" dev "$interface"
        ip link set "$interface" mtu "$mtu"
        ip route add default via "$router" dev "$interface"
        ;;
    BOUND)
        ip address add "$new_ip_address/$new_subnet_mask" dev "$interface"
        ip link set "$interface" mtu "$new_interface_mtu"
        ip route add default via "$new_routers" dev "$interface"
        ;;
    PREINIT6) ip link set "$interface" up; exit 0 ;;
    BOUND6 | RENEW6)
        [ -z "$new_ip6_address" ] || ip address add "$new_ip6_address/128" dev "$interface" nodad
        ;;
    *) exit 0 ;;
esac
env | LC_ALL=C sort | sed -n -e '/^new_/p' -e '/^\(ip\|mask\|mtu\|router\|dns\|search\|hostname\|lease\|serverid\|staticroutes\)=/p'
echo leased
