// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

import java.util.List;

/**
 * Which namespace is connected, and how.
 *
 * @param target what the operands and {@code --netns} ask for
 * @param command program and arguments for {@link Target#COMMAND}, else empty
 * @param pid the process of {@link Target#PROCESS}, else 0
 * @param netnsPath path of the network namespace for {@link Target#PATH}, else null
 * @param usernsPath path of the user namespace the launcher joined, or null
 * @param netnsOnly no user namespace is created or joined
 * @param interfaceName name of the tap interface ({@code -I}), 1 to 15 characters, or null
 * @param macAddress its MAC address, 48 bits, or -1 to leave the choice to the kernel
 * @param configure whether to give the interface its addresses and routes
 * @param quitWithNamespace whether to end when a namespace that is not ours goes away: not with
 *        {@code --no-netns-quit}
 * @param pidNamespace whether the command gets a PID namespace: not with {@code --no-pidns}
 * @param copyRoutes whether {@code configure} copies all routes of the template, else only its
 *        default gateway
 * @param copyAddresses whether {@code configure} copies all addresses of the template, else only
 *        its first
 */
public record NamespaceOptions(Target target, List<String> command, int pid, String netnsPath,
        String usernsPath, boolean netnsOnly, String interfaceName, long macAddress,
        boolean configure, boolean quitWithNamespace, boolean pidNamespace, boolean copyRoutes,
        boolean copyAddresses) {

    /** No namespace but a virtual machine. */
    static NamespaceOptions none() {
        return new NamespaceOptions(Target.GUEST, List.of(), 0, null, null, true, null, -1, false,
                false, false, false, false);
    }

    /** What is connected. */
    public enum Target {
        /** A new namespace with a login shell. */
        SHELL,
        /** A new namespace with a command. */
        COMMAND,
        /** The namespaces of a process. */
        PROCESS,
        /** A namespace in the file system. */
        PATH,
        /** No namespace but a virtual machine (passt). */
        GUEST;

        /**
         * Whether we make the namespace and run something in it: then we stay in the foreground,
         * and our exit status is the command's.
         *
         * @return true for a shell or a command
         */
        public boolean startsCommand() {
            return this == SHELL || this == COMMAND;
        }
    }
}
