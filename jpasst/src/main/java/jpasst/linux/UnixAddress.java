// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** {@code struct sockaddr_un} in place, unix(7): a path in the file system. */
public final class UnixAddress {
    /** Bytes of the struct. */
    public static final int LENGTH = 110;

    static final int FAMILY = 0;
    static final int PATH = 2;

    /** The longest path that is sure to be followed by a zero, in bytes. */
    public static final int MAXIMUM_PATH = LENGTH - PATH - 1;

    private UnixAddress() {
    }

    /** Whether a path fits. */
    public static boolean fits(String path) {
        return path.getBytes(StandardCharsets.UTF_8).length <= MAXIMUM_PATH;
    }

    /**
     * Writes an address at offset 0.
     *
     * @param memory {@link #LENGTH} bytes
     * @param path not empty, and {@link #fits}
     * @return the length used
     */
    public static int put(MemorySegment memory, String path) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        memory.asSlice(0, LENGTH).fill((byte) 0);
        memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, FAMILY, (short) Sockets.AF_UNIX);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, memory, PATH, bytes.length);
        return PATH + bytes.length + 1;
    }
}
