# SPDX-License-Identifier: Apache-2.0
#
# Decides as whom the program runs, and whether it finds /dev/net/tun. To be sourced after
# options.sh, with jp_lib and jp_java_home.
#
# Root of the whole machine becomes nobody, or who --runas says. If no user namespace is made or
# joined, the capabilities to enter a network namespace and to work in it stay. Whoever joins
# another's user namespace as root without --runas becomes its root, and with that its owner.

# From jp_runas, jp_target, jp_userns: jp_setpriv, options for setpriv or nothing; jp_privileged,
# ambient if these keep capabilities; jp_mounts, what mounts.sh has to do or nothing; jp_run_lib,
# jp_run_java: where the program finds the files then.
jp_setpriv= jp_privileged= jp_mounts= jp_nsenter_credentials=--preserve-credentials
jp_run_lib=$jp_lib jp_run_java=$jp_java_home

jp_choose_user() {
    while read -r jp_key jp_real jp_uid jp_rest; do
        [ "$jp_key" != Uid: ] || break
    done </proc/self/status
    if [ "$jp_uid" -ne 0 ]; then
        jp_check_same_user
        jp_check_tun
        [ "$jp_userns" != create ] || jp_check_user_namespaces
        return
    fi
    read -r jp_inside jp_outside jp_count </proc/self/uid_map
    jp_initial=
    [ "$jp_inside:$jp_outside:$jp_count" != 0:0:4294967295 ] || jp_initial=yes
    if [ -z "$jp_runas" ] && [ "$jp_userns" = join ]; then
        jp_nsenter_credentials=
        jp_new_uid=$(id -u nobody 2>/dev/null) || jp_new_uid=65534
        jp_new_gid=$jp_new_uid
        if [ -n "$jp_initial" ]; then
            jp_warn_root "root of $jp_userns_path"
            jp_open_files
            jp_prepare_mounts
        fi
    elif [ -n "$jp_runas" ]; then
        jp_resolve_user "$jp_runas"
        [ "$jp_new_uid" -eq 0 ] || jp_drop
    elif [ -n "$jp_initial" ]; then
        # Not every container's list of users has him.
        if id -u nobody >/dev/null 2>&1; then
            jp_resolve_user nobody
        else
            jp_resolve_user 65534
        fi
        jp_warn_root nobody
        jp_drop
    fi
    [ -n "$jp_mounts" ] || jp_check_tun
}

jp_warn_root() {
    printf '%s: started as root, goes on as %s\n' "$jp_name" "$1" >&2
}

jp_drop() {
    jp_setpriv="--reuid=$jp_new_uid --regid=$jp_new_gid --clear-groups"
    if [ -z "$jp_userns" ]; then
        jp_privileged=ambient
        jp_setpriv="$jp_setpriv --inh-caps=-all,$jp_capabilities"
        jp_setpriv="$jp_setpriv --ambient-caps=-all,$jp_capabilities"
        jp_starts_command || jp_setpriv="$jp_setpriv --bounding-set=-all,$jp_capabilities"
    fi
    jp_open_files
    [ -z "$jp_initial" ] || jp_prepare_mounts
}

# The new user may not be allowed to write them. The program reads the log file too, and empties it.
jp_open_files() {
    jp_umask=$(umask)
    umask 077
    if [ -n "$jp_pid_file" ]; then
        { eval 'command exec '"$jp_pid_fd"'>"$jp_pid_file"'; } 2>/dev/null ||
            jp_fail "cannot write PID file $jp_pid_file"
        export JPASST_PID_FD=$jp_pid_fd
    fi
    if [ -n "$jp_log_file" ]; then
        { eval 'command exec '"$jp_log_fd"'<>"$jp_log_file"'; } 2>/dev/null ||
            jp_fail "cannot open log file $jp_log_file"
        export JPASST_LOG_FD=$jp_log_fd
    fi
    umask "$jp_umask"
}

# Asks for a device node of our own if the new user may not open the system's, and for the
# program's files in a place he may read if theirs is closed to him (such as root's home).
jp_prepare_mounts() {
    jp_mounts=
    ! jp_needs_tun ||
        jp_as_new_user 'test -r /dev/net/tun && test -w /dev/net/tun' || jp_mounts=tun
    if ! jp_as_new_user 'test -r "$1/jpasst.jar" && test -x "$2/bin/java"'; then
        jp_mounts=files
        jp_run_lib=/dev/net/jpasst-lib jp_run_java=/dev/net/jpasst-java
    fi
    if [ -n "$jp_mounts" ] && [ ! -d /dev/net ]; then
        jp_fail "there is no /dev/net/tun: load it with 'modprobe tun'"
    fi
}

jp_as_new_user() {
    setpriv --reuid="$jp_new_uid" --regid="$jp_new_gid" --clear-groups -- \
        /bin/sh -c "$1" sh "$jp_lib" "$jp_java_home"
}

jp_needs_tun() {
    [ -z "$jp_splice_only" ] && [ "$jp_target" != guest ]
}

jp_check_tun() {
    jp_needs_tun || return 0
    [ -e /dev/net/tun ] || jp_fail "there is no /dev/net/tun: ask root for 'modprobe tun'"
    [ -r /dev/net/tun ] && [ -w /dev/net/tun ] ||
        jp_fail "no access to /dev/net/tun: ask root for 'chmod 0666 /dev/net/tun'"
}

# nsenter itself would not say what it failed to join. Who is not root inside loses by the exec what
# he needs there.
jp_check_join() {
    [ "$jp_userns" = join ] || return 0
    jp_error=$(${jp_setpriv:+setpriv $jp_setpriv --} \
        nsenter --user="$jp_userns_path" $jp_nsenter_credentials -- unshare --ipc -- true 2>&1) ||
        jp_fail "cannot join user namespace $jp_userns_path: ${jp_error##*: }"
}

# Says what to do where the system does not let users make user namespaces.
jp_check_user_namespaces() {
    for jp_switch in kernel/unprivileged_userns_clone user/max_user_namespaces; do
        [ -r "/proc/sys/$jp_switch" ] || continue
        read -r jp_setting <"/proc/sys/$jp_switch"
        [ "$jp_setting" != 0 ] ||
            jp_fail "users may not make user namespaces here: /proc/sys/$jp_switch is 0, ask root"
    done
}

# Without root, --runas can only name who we are.
jp_check_same_user() {
    [ -n "$jp_runas" ] || return 0
    jp_resolve_user "$jp_runas"
    [ "$jp_new_uid" = "$jp_uid" ] || jp_fail "cannot run as $jp_runas: not started as root"
}

# Sets jp_new_uid and jp_new_gid from UID, UID:GID, LOGIN or LOGIN:GROUP.
jp_resolve_user() {
    jp_login=${1%%:*}
    jp_new_gid=
    case $1 in
        *:*) jp_resolve_group "${1#*:}" ;;
    esac
    case $jp_login in
        '' | *[!0-9]*)
            jp_new_uid=$(id -u -- "$jp_login" 2>/dev/null) || jp_fail "unknown user in --runas: $1"
            [ "$jp_new_uid" -ne 0 ] || jp_fail "cannot run as $1: its UID is 0"
            [ -n "$jp_new_gid" ] || jp_new_gid=$(id -g -- "$jp_login")
            ;;
        *)
            jp_check_number "$jp_login"
            jp_new_uid=$jp_login
            [ -n "$jp_new_gid" ] || jp_new_gid=$jp_login
            ;;
    esac
}

jp_resolve_group() {
    case $1 in
        '' | *[!0-9]*)
            jp_entry=$(getent group -- "$1") && [ -n "$1" ] ||
                jp_fail "unknown group in --runas: $jp_runas"
            jp_entry=${jp_entry#*:*:}
            jp_new_gid=${jp_entry%%:*}
            ;;
        *)
            jp_check_number "$1"
            jp_new_gid=$1
            ;;
    esac
}

# setpriv takes larger numbers modulo 2^32, and the kernel 4294967295 as the wish to stay who we
# are: root.
jp_check_number() {
    case ${#1} in
        [1-9]) return ;;
        10) [ "$1" -ge 4294967295 ] || return 0 ;;
    esac
    jp_fail "no such number of a user or group in --runas: $jp_runas"
}
