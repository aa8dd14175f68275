# SPDX-License-Identifier: Apache-2.0
#
# Reads the command line by the same grammar as jpasst.config.OptionReader, and with a table made
# from the same source, as far as the launcher's decisions need it. To be sourced after
# launcher-options.sh. The program reads the whole once more: what is wrong here is not reported
# here, except what only the launcher can know.

# Sets jp_target to shell, command, pid, path or guest, jp_pid, and jp_ variables of the options
# noted. Fails if there is nothing to decide: a mistake, or an option that only prints something.
jp_read_options() {
    jp_target= jp_pid= jp_pid_file= jp_log_file= jp_foreground= jp_runas= jp_fd=
    jp_netns= jp_userns_path= jp_netns_only= jp_splice_only= jp_chroot_fallback= jp_no_pidns=
    while [ $# -gt 0 ]; do
        case $1 in
            --) shift; break ;;
            --*=*)
                jp_value=${1#*=}
                jp_option=${1%%=*}
                jp_resolve "${jp_option#--}" && jp_takes_value "$jp_option" || return 1
                jp_note || return 1
                ;;
            --*)
                jp_resolve "${1#--}" || return 1
                if jp_takes_value "$jp_option"; then
                    [ $# -gt 1 ] || return 1
                    shift
                    jp_value=$1
                fi
                jp_note || return 1
                ;;
            -?*)
                jp_letters=${1#-}
                while [ -n "$jp_letters" ]; do
                    jp_rest=${jp_letters#?}
                    jp_option_of_letter "${jp_letters%"$jp_rest"}"
                    [ -n "$jp_option" ] || return 1
                    if jp_takes_value "$jp_option"; then
                        if [ -z "$jp_rest" ]; then
                            [ $# -gt 1 ] || return 1
                            shift
                            jp_rest=$1
                        fi
                        jp_value=$jp_rest
                        jp_rest=
                    fi
                    jp_note || return 1
                    jp_letters=$jp_rest
                done
                ;;
            *) break ;;
        esac
        shift
    done
    case $jp_name in
        *pasta*) ;;
        *)
            jp_target=guest
            [ $# -eq 0 ]
            return
            ;;
    esac
    if [ -n "$jp_netns" ]; then
        [ $# -eq 0 ] || return 1
        jp_target=path
    elif [ $# -eq 0 ]; then
        jp_target=shell
    else
        jp_target=command
        case $#:$1 in
            1:*[!0-9]* | 1:) ;;
            1:*) jp_target=pid jp_pid=$1 ;;
        esac
    fi
    # Refused by the program, before anybody looks for the process.
    case $jp_target in
        pid | path) [ -z "$jp_no_pidns" ] ;;
    esac
}

# Sets jp_option to the long name that $1 is or abbreviates. Fails if none or several match.
jp_resolve() {
    jp_option=
    for jp_long_name in $jp_long_names; do
        case $jp_long_name in
            "$1")
                jp_option=$1
                return 0
                ;;
            "$1"*)
                # Two names of one option are not ambiguous.
                case $jp_option:$jp_long_name in
                    :*) jp_option=$jp_long_name ;;
                    socket:socket-path) ;;
                    *) jp_option=ambiguous ;;
                esac
                ;;
        esac
    done
    [ -n "$jp_option" ] && [ "$jp_option" != ambiguous ]
}

# Takes note of jp_option with jp_value.
jp_note() {
    case $jp_option in
        help | version | print-capabilities) return 1 ;;
        foreground) jp_foreground=yes ;;
        netns)
            jp_netns=$jp_value
            [ -n "$jp_value" ]
            ;;
        userns)
            jp_userns_path=$jp_value jp_netns_only=
            [ -n "$jp_value" ]
            ;;
        netns-only) jp_netns_only=yes jp_userns_path= ;;
        fd) jp_fd=$jp_value ;;
        socket | socket-path) jp_fd= ;;
        splice-only) jp_splice_only=yes ;;
        chroot-fallback) jp_chroot_fallback=yes ;;
        no-pidns) jp_no_pidns=yes ;;
        runas)
            jp_runas=$jp_value
            [ -n "$jp_value" ]
            ;;
        log-file)
            jp_log_file=$jp_value
            [ -n "$jp_value" ]
            ;;
        pid)
            jp_pid_file=$jp_value
            [ -n "$jp_value" ]
            ;;
    esac
}

# Closes what a careless caller left open, as far as a POSIX shell can name it (below 10), but for
# jp_fd. Sets jp_status_fd, jp_output_fd, jp_pid_fd and jp_log_fd to descriptors for own use.
jp_close_inherited() {
    jp_status_fd= jp_output_fd= jp_pid_fd= jp_log_fd=
    for jp_number in 3 4 5 6 7 8 9; do
        # Other ways to write the number are not ours: then all of these are closed.
        [ "$jp_number" != "$jp_fd" ] || continue
        eval "exec $jp_number>&-"
        if [ -z "$jp_status_fd" ]; then jp_status_fd=$jp_number
        elif [ -z "$jp_output_fd" ]; then jp_output_fd=$jp_number
        elif [ -z "$jp_pid_fd" ]; then jp_pid_fd=$jp_number
        elif [ -z "$jp_log_fd" ]; then jp_log_fd=$jp_number
        fi
    done
}

# From the options: jp_background, and in jp_userns what to do about a user namespace: create,
# join (jp_userns_path) or nothing. Says what is wrong with a process or a path.
jp_check_target() {
    jp_background= jp_userns=
    case $jp_target in
        guest) jp_userns=create ;;
        shell | command) [ -n "$jp_userns_path$jp_netns_only" ] || jp_userns=create ;;
        pid)
            jp_check_process
            [ -n "$jp_userns_path$jp_netns_only" ] || jp_userns_path=/proc/$jp_pid/ns/user
            ;;
    esac
    case $jp_target in
        pid | path | guest) [ -n "$jp_foreground" ] || jp_background=yes ;;
    esac
    if [ -n "$jp_userns_path" ]; then
        [ -e "$jp_userns_path" ] || jp_fail "cannot open user namespace $jp_userns_path"
        # Nobody can join the namespace he is in already.
        [ "$jp_userns_path" -ef /proc/self/ns/user ] || jp_userns=join
    fi
}

jp_check_process() {
    [ -d "/proc/$jp_pid" ] || jp_fail "no process with PID $jp_pid"
    [ -e "/proc/$jp_pid/ns/net" ] ||
        jp_fail "cannot open the namespaces of process $jp_pid: permission denied"
}
