// SPDX-License-Identifier: Apache-2.0
package jpasst.namespace;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The command to be started in the namespace.
 *
 * @param words the command and its arguments, bytes without zeros; a login shell is one word, its
 *     path. Never empty
 * @param login whether the command is a shell to be told that it is a login shell
 * @param environment {@code NAME=value} each, complete
 * @param pidNamespace whether it gets a PID namespace, and a /proc showing that, of its own
 * @param hostName for the namespace; {@code null}: {@code pasta-} and the host's name
 */
public record CommandSettings(List<byte[]> words, boolean login, List<byte[]> environment,
        boolean pidNamespace, String hostName) {
    private static final byte[] DEFAULT_SHELL = "/bin/sh".getBytes(StandardCharsets.US_ASCII);

    /** Copies the lists. */
    public CommandSettings {
        words = List.copyOf(words);
        environment = List.copyOf(environment);
        if (words.isEmpty()) {
            throw new IllegalArgumentException("no command");
        }
    }

    /**
     * The command that ends this process's own command line, with the environment of this
     * process; a login shell ($SHELL, else /bin/sh) if there is none. Words are taken from the
     * kernel byte for byte, whatever the locale made of them. To be called before /proc changes.
     *
     * @param arguments the command and its arguments as Java decoded them, or empty
     */
    public static CommandSettings ofThisProcess(String[] arguments, boolean pidNamespace,
            String hostName) {
        byte[][] environment = Environment.forCommand(OriginalProcess.environment());
        if (arguments.length > 0) {
            return new CommandSettings(List.of(OriginalProcess.lastWords(arguments)), false,
                    List.of(environment), pidNamespace, hostName);
        }
        byte[] shell = Environment.value(environment, "SHELL");
        if (shell == null || shell.length == 0) {
            shell = DEFAULT_SHELL;
        }
        return new CommandSettings(List.<byte[]>of(shell), true, List.of(environment),
                pidNamespace, hostName);
    }
}
