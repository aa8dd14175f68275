// SPDX-License-Identifier: Apache-2.0
package jpasst.config;

/**
 * How a virtual machine is reached (passt).
 *
 * @param socketPath where to listen for it, or null to take the first free one of the usual paths
 * @param fd descriptor of a socket that is connected to it already, or -1
 * @param oneOff whether to end when it disconnects
 */
public record GuestOptions(String socketPath, int fd, boolean oneOff) {
    /** {@link #fd} if there is none. */
    public static final int NO_FD = -1;
}
