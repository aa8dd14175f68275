# SPDX-License-Identifier: Apache-2.0
#
# Builds the program in a checkout, when it is used first or the sources are newer. To be sourced
# with jp_root, jp_scripts, jp_lib and jp_fail.

# The build writes launcher-options.sh last. Where we may not write we take what is there.
jp_is_built() {
    [ -e "$jp_lib/launcher-options.sh" ] || return 1
    [ -w "$jp_lib" ] || return 0
    [ -z "$(find "$jp_root/pom.xml" "$jp_root/jpasst/pom.xml" "$jp_root/jpasst/src/main" \
        "$jp_root/bin/pasta" "$jp_root/launcher" "$jp_root/packaging/image" \
        -newer "$jp_lib/launcher-options.sh")" ]
}

jp_build_if_needed() {
    jp_is_built || jp_build
}

jp_build() {
    . "$jp_scripts/java.sh"
    jp_find_java javac || jp_fail "$jp_no_java"
    command -v mvn >/dev/null || jp_fail "needs Maven to build on first use (package maven)"
    mkdir -p "$jp_root/jpasst/target" 2>/dev/null && [ -w "$jp_root/jpasst/target" ] ||
        jp_fail "is not built yet, and its directory cannot be written: build as its owner"
    jp_log=$jp_root/jpasst/target/build.log
    exec 9>"$jp_root/jpasst/target/build.lock"
    flock 9
    # Whoever held the lock may have built for us too.
    if ! jp_is_built; then
        printf '%s: building, this happens once\n' "$jp_name" >&2
        JAVA_HOME=$jp_java_home mvn -q -B -f "$jp_root/pom.xml" -pl jpasst -am package \
            -Dmaven.test.skip=true </dev/null >"$jp_log" 2>&1 9>&- || {
            tail -n 40 "$jp_log" >&2
            jp_fail "the build failed, see $jp_log"
        }
    fi
    exec 9>&-
}
