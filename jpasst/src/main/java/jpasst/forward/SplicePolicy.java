// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

/**
 * What goes directly between the loopbacks of host and namespace, past the tap.
 *
 * @param splice whether connections from the host's loopback do (not with {@code --no-splice},
 *     never in passt)
 * @param hostLoopbackToNamespaceLoopback whether they reach the namespace's loopback rather than
 *     its outer address ({@code --host-lo-to-ns-lo})
 * @param spliceOnly whether all else is refused ({@code --splice-only})
 */
public record SplicePolicy(boolean splice, boolean hostLoopbackToNamespaceLoopback,
        boolean spliceOnly) {
    /** Everything goes over the tap. */
    public static final SplicePolicy NONE = new SplicePolicy(false, false, false);
}
