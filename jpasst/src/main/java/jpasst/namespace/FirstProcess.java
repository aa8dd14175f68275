// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

/**
 * The script of the first process in the PID namespace.
 *
 * <p>Only a process inside a PID namespace can mount its /proc, the first one lives as long as the
 * namespace, and a JVM cannot fork: so the command's process begins as {@code sh}, which does what
 * is left to do and then becomes the command. It runs in dash, bash and busybox.
 */
final class FirstProcess {
    /** In containers the kernel may refuse; then /proc stays the host's, no reason to fail. */
    private static final String MOUNT_PROC = """
            mount -t proc proc /proc 2>/dev/null \
            || echo 'pasta: cannot mount /proc, it still shows the processes outside' >&2
            """;

    /**
     * A shell that cannot execute ends at once, with its own message and statuses 126 and 127,
     * which could also be the command's: dash and busybox still do what is trapped, bash does not
     * end if told so.
     */
    private static final String FAIL_WITH_1 = """
            shopt -s execfail 2>/dev/null
            trap 'exit 1' EXIT
            """;

    /**
     * A login shell is known by the dash before its name, which sh cannot give: {@code exec -a} is
     * not in dash. unshare(1) without options executes $SHELL in this way, that of util-linux and
     * that of busybox; where it is missing, {@code -l} does for nearly all shells.
     */
    private static final String LOGIN_SHELL = """
            SHELL=$1
            export SHELL
            if command -v unshare >/dev/null; then set -- unshare; else set -- "$1" -l; fi
            """;

    /** mount(8) insists on being root; unshare(1) is content with the capability. */
    private static final String MOUNT_AND_DROP = """
            set -- unshare --mount-proc setpriv --inh-caps=-all --ambient-caps=-all "$@"
            """;

    private static final String BECOME_COMMAND = """
            exec "$@"
            exit 1
            """;

    private FirstProcess() {
    }

    /**
     * The script; the command's words are its arguments.
     *
     * @param pidNamespace whether to mount /proc
     * @param login whether the only word is a shell
     * @param drop whether it is not root and has, to mount /proc, capabilities that the command
     *     must not have
     */
    static String script(boolean pidNamespace, boolean login, boolean drop) {
        return (pidNamespace && !drop ? MOUNT_PROC : "") + FAIL_WITH_1
                + (login ? LOGIN_SHELL : "") + (drop ? MOUNT_AND_DROP : "") + BECOME_COMMAND;
    }
}
