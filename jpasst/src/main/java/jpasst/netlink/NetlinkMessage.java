// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import jpasst.linux.Netlink;

/**
 * A received rtnetlink message, kept byte for byte: what is copied to a namespace is the host's
 * own message with a few attributes exchanged, so attributes unknown here survive.
 *
 * <p>Opaque outside this package. Immutable; may be read from any thread.
 */
public final class NetlinkMessage {
    /** Offset of what follows the message header. */
    static final int BODY = Netlink.HEADER_LENGTH;

    private final MemorySegment memory;

    /** Copies a message. The caller has checked that {@code length} covers the header. */
    NetlinkMessage(MemorySegment from, long at, int length) {
        MemorySegment copy = MemorySegment.ofArray(new byte[length]);
        MemorySegment.copy(from, at, copy, 0, length);
        memory = copy.asReadOnly();
    }

    MemorySegment memory() {
        return memory;
    }

    int length() {
        return (int) memory.byteSize();
    }

    /** Whether it is of a type (RTM_*) and large enough for the struct that comes with it. */
    boolean is(int type, int structLength) {
        return Netlink.type(memory, 0) == type && length() >= BODY + structLength;
    }

    /** A fresh cursor over the attributes, which follow a struct of {@code structLength}. */
    Attributes attributes(int structLength) {
        return new Attributes(memory, BODY + structLength, length());
    }
}
