# SPDX-License-Identifier: Apache-2.0
#
# Run by root in a mount namespace of its own, from which nothing gets out: shows the program,
# which is about to change its user, a /dev/net/tun it may open, and if asked its own files.
#
# Arguments: the program's name; tun or files; directories of the program and of Java; a command.
set -u
jp_name=$1 jp_what=$2 jp_lib=$3 jp_java_home=$4
shift 4

jp_fail() {
    printf '%s: %s\n' "$jp_name" "$1" >&2
    exit 1
}

# The directories are named relative to a place that is about to be covered only if someone has
# installed the program in /dev/net.
mount -t tmpfs -o mode=0755,size=64k,nosuid,noexec jpasst /dev/net ||
    jp_fail "cannot mount a /dev/net of its own"
mknod -m 0666 /dev/net/tun c 10 200 || jp_fail "cannot make a /dev/net/tun of its own"
if [ "$jp_what" = files ]; then
    mkdir /dev/net/jpasst-lib /dev/net/jpasst-java &&
        mount --bind "$jp_lib" /dev/net/jpasst-lib &&
        mount --bind "$jp_java_home" /dev/net/jpasst-java ||
        jp_fail "cannot mount its own files where the new user may read them"
fi
exec "$@"
