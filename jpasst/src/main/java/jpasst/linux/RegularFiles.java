// SPDX-License-Identifier: Apache-2.0
package jpasst.linux;

import java.lang.foreign.MemorySegment;

/**
 * Calls on files that have a size and are written at any place of them. All return their value, or
 * -errno ({@link Errno#ESPIPE} from pipes, sockets and terminals); any thread may call.
 */
public final class RegularFiles {
    /** Origins of {@link #lseek}, unistd.h. */
    public static final int SEEK_SET = 0;
    public static final int SEEK_END = 2;

    /** Mode of {@link #fallocate}: the range goes, what follows moves up (linux/falloc.h). */
    public static final int FALLOC_FL_COLLAPSE_RANGE = 8;

    private static final MemorySegment PWRITE = Native.function("pwrite");
    private static final MemorySegment LSEEK = Native.function("lseek");

    private RegularFiles() {
    }

    /**
     * pwrite(2): bytes written to {@code offset} in the file, or -errno. Descriptors opened with
     * {@link Files#O_APPEND} ignore the offset.
     */
    public static long pwrite(int fd, MemorySegment memory, long at, long length, long offset) {
        return Native.call(PWRITE, fd, Native.pointer(memory, at, length), length, offset, 0, 0);
    }

    /** lseek(2): the offset from the beginning of the file that is now the current one. */
    public static long lseek(int fd, long offset, int origin) {
        return Native.call(LSEEK, fd, offset, origin, 0, 0, 0);
    }

    /** ftruncate(2): 0 or -errno. */
    public static int ftruncate(int fd, long length) {
        return Native.callInt(Native.function("ftruncate"), fd, length);
    }

    /**
     * fallocate(2): 0 or -errno.
     *
     * @param mode {@link #FALLOC_FL_COLLAPSE_RANGE}: offset and length must be multiples of the
     *     file system's blocks, and the range must end before the file does
     */
    public static int fallocate(int fd, int mode, long offset, long length) {
        return Native.callInt(Native.function("fallocate"), fd, mode, offset, length);
    }
}
