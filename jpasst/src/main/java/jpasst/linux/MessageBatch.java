// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An array of {@code struct mmsghdr} for sendmmsg(2) and recvmmsg(2), each a {@link Message}.
 * Allocated once, used by one thread.
 */
public final class MessageBatch {
    /** {@code struct mmsghdr}: a msghdr, u32 bytes transferred, padding. */
    static final int ENTRY_LENGTH = 64;
    static final int TRANSFERRED = 56;

    private final MemorySegment entries;
    private final Message[] messages;

    /**
     * @param count how many messages
     * @param maxIov pieces of memory of each
     * @param controlBytes room for control messages of each
     */
    public MessageBatch(Arena arena, int count, int maxIov, int controlBytes) {
        entries = arena.allocate((long) count * ENTRY_LENGTH, 8);
        messages = new Message[count];
        for (int i = 0; i < count; i++) {
            messages[i] = new Message(arena, entries, (long) i * ENTRY_LENGTH, maxIov,
                    controlBytes);
        }
    }

    /** How many messages there is room for. */
    public int count() {
        return messages.length;
    }

    /** Message {@code index}. */
    public Message message(int index) {
        return messages[index];
    }

    /** Bytes the last call sent or received of message {@code index}. */
    public int transferred(int index) {
        return entries.get(ValueLayout.JAVA_INT, (long) index * ENTRY_LENGTH + TRANSFERRED);
    }

    /** Prepares the first {@code count} messages, see {@link Message#forReceive}. */
    public void forReceive(int count) {
        for (int i = 0; i < count; i++) {
            messages[i].forReceive();
        }
    }

    /** The array. */
    public MemorySegment segment() {
        return entries;
    }

    long pointer(int first, int count) {
        return Native.pointer(entries, (long) first * ENTRY_LENGTH, (long) count * ENTRY_LENGTH);
    }
}
