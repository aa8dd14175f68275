// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Large buffers that are seldom full (mmap(2)): zeroed as any other memory, but by the kernel,
 * page by page as they are touched. {@link Arena#allocate} touches all pages at once, which for a
 * mebibyte takes longer than all other preparations of the loop.
 */
public final class LazyMemory {
    /** Advice for madvise(2) that takes memory from the whole machine. */
    public static final int MADV_HWPOISON = 100;
    public static final int MADV_SOFT_OFFLINE = 101;

    private static final int PROT_READ_WRITE = 3;
    private static final int MAP_PRIVATE_ANONYMOUS = 0x22;

    private LazyMemory() {
    }

    /**
     * Takes memory from the kernel, until the arena is closed.
     *
     * @param bytes more than 0
     * @return zeroes, aligned to a page
     * @throws LinuxException if there is none
     */
    public static MemorySegment allocate(Arena arena, long bytes) {
        long address = Native.call(Native.function("mmap"), 0, bytes, PROT_READ_WRITE,
                MAP_PRIVATE_ANONYMOUS, -1, 0);
        if (address < 0) {
            throw new LinuxException("mmap", (int) -address);
        }
        return MemorySegment.ofAddress(address).reinterpret(bytes, arena, new Unmapping());
    }

    private record Unmapping() implements Consumer<MemorySegment> {
        @Override
        public void accept(MemorySegment memory) {
            Native.callInt(Native.function("munmap"), memory.address(), memory.byteSize());
        }
    }
}
