// SPDX-License-Identifier: Apache-2.0

package jpasst.forward;

import jpasst.linux.Errno;
import jpasst.linux.Files;
import jpasst.linux.Processes;
import jpasst.linux.Sockets;
import jpasst.namespace.InsideTask;
import jpasst.namespace.InsideThread;

/**
 * Sockets of the namespace, made ahead: to have one made by the inside thread takes two switches
 * of threads, so that thread makes several of a kind at once, and the loop waits for it only when
 * those are used up. How many is bounded by the limit on descriptors, which others need more.
 *
 * <p>Loop thread only.
 */
public final class NamespaceSocketPool implements NamespaceSockets, AutoCloseable {
    /** The most sockets of one kind that are made at once. */
    static final int MAX_BATCH = 32;

    /** One in so many of the descriptors allowed may lie in the pool of one kind. */
    private static final int SHARE = 64;

    private final InsideThread inside;
    private final Kind[] kinds;

    /**
     * A pool that is empty until the first socket is asked for.
     *
     * @param inside lives in the namespace; used by calls of this pool only, never closed
     */
    public NamespaceSocketPool(InsideThread inside) {
        this(inside, batch(Processes.softLimit(Processes.RLIMIT_NOFILE)));
    }

    NamespaceSocketPool(InsideThread inside, int batch) {
        this.inside = inside;
        kinds = new Kind[] {
            new Kind(Sockets.AF_INET, Sockets.SOCK_STREAM, batch),
            new Kind(Sockets.AF_INET6, Sockets.SOCK_STREAM, batch),
            new Kind(Sockets.AF_INET, Sockets.SOCK_DGRAM, batch),
            new Kind(Sockets.AF_INET6, Sockets.SOCK_DGRAM, batch),
        };
    }

    /** How many sockets to make at once under a limit on descriptors. */
    static int batch(int descriptorLimit) {
        return Math.clamp(descriptorLimit / SHARE, 1, MAX_BATCH);
    }

    /** {@inheritDoc} */
    @Override
    public int take(int family, int type) {
        Kind kind = kind(family, type);
        if (kind.count == 0) {
            inside.call(kind);
        }
        return kind.count == 0 ? kind.error : kind.ready[--kind.count];
    }

    private Kind kind(int family, int type) {
        for (Kind kind : kinds) {
            if (kind.family == family && kind.type == type) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no sockets of family " + family + ", type " + type);
    }

    /** How many sockets lie in the pool. */
    int waiting() {
        int count = 0;
        for (Kind kind : kinds) {
            count += kind.count;
        }
        return count;
    }

    /** Closes the sockets nobody took. */
    @Override
    public void close() {
        for (Kind kind : kinds) {
            while (kind.count > 0) {
                Files.close(kind.ready[--kind.count]);
            }
        }
    }

    /**
     * The sockets of one kind, and the making of them. The inside thread writes while the loop
     * thread waits for it, else the loop thread owns it all.
     */
    private static final class Kind implements InsideTask<Void, RuntimeException> {
        final int family;
        final int type;
        final int[] ready;
        int count;
        /** Why no more than these could be made, as -errno. */
        int error = -Errno.EMFILE;

        Kind(int family, int type, int batch) {
            this.family = family;
            this.type = type;
            ready = new int[batch];
        }

        /** Makes as many as there is room for; fewer, if the kernel gives no more. */
        @Override
        public Void run() {
            while (count < ready.length) {
                int fd = Sockets.socket(family,
                        type | Sockets.SOCK_NONBLOCK | Sockets.SOCK_CLOEXEC, 0);
                if (fd < 0) {
                    error = fd;
                    break;
                }
                ready[count++] = fd;
            }
            return null;
        }
    }
}
