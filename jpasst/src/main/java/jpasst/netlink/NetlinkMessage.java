// SPDX-License-Identifier: Apache-2.0
package jpasst.netlink;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * A received rtnetlink message, kept byte for byte: what is copied to a namespace is the host's
 * own message with a few attributes exchanged, so attributes unknown here survive.
 *
 * <p>Opaque outside this package. Immutable; may be read from any thread.
 */
public final class NetlinkMessage {
    private final MemorySegment memory;

    /** Copies a message. The caller has checked that {@code length} covers the header. */
    NetlinkMessage(MemorySegment from, long at, int length) {
        byte[] bytes = new byte[length];
        MemorySegment.copy(from, JAVA_BYTE, at, bytes, 0, length);
        memory = MemorySegment.ofArray(bytes).asReadOnly();
    }

    MemorySegment memory() {
        return memory;
    }

    int length() {
        return (int) memory.byteSize();
    }

    /** Type of the message, such as {@link Rtnetlink#RTM_NEWROUTE}. */
    int type() {
        return Short.toUnsignedInt(memory.get(JAVA_SHORT_UNALIGNED, Rtnetlink.TYPE));
    }

    /** An unsigned byte at an offset from the start of the message. */
    int byteAt(int offset) {
        return memory.get(JAVA_BYTE, offset) & 0xff;
    }

    /** A 32-bit number in native order at an offset from the start of the message. */
    int intAt(int offset) {
        return memory.get(JAVA_INT_UNALIGNED, offset);
    }

    /** A fresh cursor over the attributes, which follow headers of {@code headerLength} bytes. */
    Attributes attributes(int headerLength) {
        return new Attributes(memory, headerLength, length());
    }
}
