# SPDX-License-Identifier: Apache-2.0
#
# Finds a Java that is new enough, by the file every JDK and runtime describes itself with:
# starting a JVM to ask for its version would take longer than pasta itself. To be sourced.

jp_java_needed=25
jp_java_directory=/usr/lib/jvm
jp_no_java="needs Java $jp_java_needed or newer: none in JAVA_HOME, $jp_java_directory or PATH; \
install one (Debian, Ubuntu: openjdk-$jp_java_needed-jdk-headless, \
Fedora: java-$jp_java_needed-openjdk-devel, Arch: jdk-openjdk), or set JAVA_HOME to it"

# Sets jp_java_home to a Java with the program $1, java or javac. JAVA_HOME comes first, then the
# version the program was tested with, then the newest.
jp_find_java() {
    jp_java_home=
    if [ -n "${JAVA_HOME:-}" ] && jp_consider_java "$JAVA_HOME" "$1"; then
        jp_java_home=$JAVA_HOME
        return 0
    fi
    jp_best=0
    for jp_candidate in "$jp_java_directory"/*; do
        jp_consider_java "$jp_candidate" "$1" || continue
        [ "$jp_version" -ne "$jp_java_needed" ] || jp_version=9999
        if [ "$jp_version" -gt "$jp_best" ]; then
            jp_best=$jp_version
            jp_java_home=$jp_candidate
        fi
    done
    [ -z "$jp_java_home" ] || return 0
    jp_candidate=$(command -v "$1") || return 1
    jp_candidate=$(readlink -f "$jp_candidate") || return 1
    jp_candidate=${jp_candidate%/bin/*}
    jp_consider_java "$jp_candidate" "$1" || return 1
    jp_java_home=$jp_candidate
}

# Whether the Java in directory $1 has the program $2 and is new enough. Sets jp_version.
jp_consider_java() {
    [ -x "$1/bin/$2" ] && [ -r "$1/release" ] || return 1
    jp_version=
    while read -r jp_line; do
        case $jp_line in
            JAVA_VERSION=\"*)
                jp_version=${jp_line#*\"}
                jp_version=${jp_version%%[!0-9]*}
                break
                ;;
        esac
    done <"$1/release"
    [ -n "$jp_version" ] && [ "$jp_version" -ge "$jp_java_needed" ]
}
