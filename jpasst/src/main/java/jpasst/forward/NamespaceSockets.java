// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

/**
 * Where sockets of the guest's namespace come from ({@link jpasst.flow.Pif#SPLICE}). Only their
 * making must happen inside; a socket belongs to its namespace for life, so binding, connecting
 * and all else is done by the loop thread.
 */
public interface NamespaceSockets {
    /**
     * A new socket of the namespace, non-blocking and closed on exec; the caller's to close.
     * Loop thread only.
     *
     * @param family {@code AF_INET} or {@code AF_INET6}
     * @param type {@code SOCK_STREAM} or {@code SOCK_DGRAM}
     * @return the descriptor or -errno
     */
    int take(int family, int type);
}
