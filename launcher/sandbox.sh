# SPDX-License-Identifier: Apache-2.0
#
# Prepares the sandbox, as far as a JVM cannot do it: namespaces, and the capabilities that all of
# its threads begin with. jpasst.isolation does the rest. To be sourced after options.sh.

# From jp_target: jp_capabilities, what the program needs to set the network and the sandbox up, as
# setpriv takes it. It gives up most of them.
jp_choose_capabilities() {
    # To enter namespaces, and to leave the file system.
    jp_capabilities=+sys_admin
    # For tap device, addresses and routes; ports below 1024; namespaces of another process.
    [ "$jp_target" = guest ] ||
        jp_capabilities=$jp_capabilities,+net_admin,+net_bind_service,+sys_ptrace
    # The command is to have all, which the thread that starts it must not be kept from.
    ! jp_starts_command || jp_capabilities=$jp_capabilities,+setpcap
    [ -z "$jp_chroot_fallback" ] || jp_capabilities=$jp_capabilities,+sys_chroot
}

jp_starts_command() {
    [ "$jp_target" = command ] || [ "$jp_target" = shell ]
}

# From jp_userns, jp_privileged and jp_background: jp_unshare, options for unshare or nothing;
# jp_limit, options for setpriv inside.
jp_choose_sandbox() {
    jp_unshare= jp_limit=
    [ -n "$jp_userns" ] || [ -n "$jp_privileged" ] || jp_find_privileges
    # Nobody will get into a network namespace without. The program says so.
    [ -n "$jp_userns" ] || [ -n "$jp_privileged" ] || return 0
    # Mounts of the system's still appear inside, to the command as well.
    jp_unshare="--mount --propagation slave --ipc --uts"
    [ "$jp_userns" != create ] || jp_unshare="--user --map-root-user $jp_unshare"
    [ -z "$jp_background" ] || jp_unshare="$jp_unshare --pid"
    if [ "$jp_privileged" = ambient ]; then
        # setpriv has limited them on the way to another user.
        return 0
    elif jp_starts_command; then
        jp_limit="--securebits=+noroot --inh-caps=-all,$jp_capabilities"
        jp_limit="$jp_limit --ambient-caps=-all,$jp_capabilities"
    else
        # Root gets by an exec what is within bounds.
        jp_limit="--inh-caps=-all --bounding-set=-all,$jp_capabilities"
    fi
}

# Whether we may make namespaces as we are: with CAP_SYS_ADMIN, bit 21.
jp_find_privileges() {
    while read -r jp_key jp_caps; do
        [ "$jp_key" != CapEff: ] || break
    done </proc/self/status
    [ $((0x$jp_caps >> 21 & 1)) -eq 0 ] || jp_privileged=root
    [ "$jp_uid" -eq 0 ] || [ -z "$jp_privileged" ] || jp_privileged=ambient
}
